// Every command that a message of the product suggests, read from its sources: the command is there, its options are,
// and no argument is missing that it needs.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { program } from '../src/main.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A command as a source suggests it. */
interface Suggested {
  readonly place: string
  readonly words: readonly string[]
  /** Whether words come in that are known at run time alone. */
  readonly isOpen: boolean
}

const isSource = (file: string) => /\.tsx?$/.test(file) && !/\.test\.ts$|generated|node_modules|exercises\//.test(file)

function sourcesBelow(folder: string): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(file => path.join(folder, file))
    .filter(isSource)
}

const FILLER = 'latest'

/** A text of the source, with something in the place of what is put in. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return node.head.text + node.templateSpans.map(span => FILLER + span.literal.text).join('')
}

/** The commands that a text names, each to the end of its sentence or of its bracket. */
const commandsIn = (text: string): string[][] =>
  [...text.matchAll(/npm run (?:-s )?ddlf -- ((?:(?!<\/)[^\n);`])*)/g)].map(([, command = '']) =>
    (command.replaceAll(/<[^>]*>/g, FILLER).split(/[.,:] |[.,:]$|' | \(| which | lists /)[0] ?? '').trim().split(/\s+/),
  )

/** The words of a call of `suggest` or `ddlfCommand`; undefined for any other node. */
function wordsOfCall(node: ts.Node): Pick<Suggested, 'words' | 'isOpen'> | undefined {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined
  if (node.expression.text !== 'suggest' && node.expression.text !== 'ddlfCommand') return undefined
  const words = node.arguments.flatMap(argument =>
    ts.isSpreadElement(argument) ? [] : [textOf(argument) ?? FILLER],
  )
  return { words, isOpen: node.arguments.some(ts.isSpreadElement) }
}

function suggestedIn(file: string): Suggested[] {
  const source = ts.createSourceFile(file, fs.readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found: Suggested[] = []
  const visit = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    const place = `${file}:${line + 1}`
    const call = wordsOfCall(node)
    if (call) found.push({ place, ...call })
    else {
      const commands = commandsIn(textOf(node) ?? '')
      found.push(...commands.map(words => ({ place, words, isOpen: false })))
    }
    node.forEachChild(visit)
  }
  visit(source)
  return found
}

/** The program without its work. */
async function idleProgram(): Promise<Command> {
  const idle = (command: Command) => {
    if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => undefined)
    for (const verb of command.commands) idle(verb)
  }
  const whole = await program()
  for (const command of whole.commands) idle(command)
  return whole
}

/** What is wrong with a command that is suggested; undefined where it can be run. */
async function mistakeOf({ words, isOpen }: Suggested): Promise<string | undefined> {
  // Which command it is, is known at run time alone, or left to the reader.
  if (words[0] === undefined || words[0] === FILLER) return undefined
  if (words.includes('--help')) return undefined
  try {
    await (await idleProgram()).parseAsync(['node', 'ddlf', ...words])
    return undefined
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    // Values are those of run time.
    if (!code.startsWith('commander.') || code === 'commander.invalidArgument') return undefined
    return isOpen && code === 'commander.missingArgument' ? undefined : code
  }
}

test('every suggested command can be run', async () => {
  const folders = ['cli', 'lab', 'data', 'nn', 'tensor', 'site'].map(name => `packages/${name}/src`)
  const suggested = [...folders, 'course'].flatMap(sourcesBelow).flatMap(suggestedIn)
  // The scan found them: a fifth of this would be a scan that is broken.
  expect(suggested.length).toBeGreaterThan(60)
  const wrong: string[] = []
  for (const one of suggested) {
    const mistake = await mistakeOf(one)
    if (mistake !== undefined) wrong.push(`${one.place}: ddlf ${one.words.join(' ')}: ${mistake}`)
  }
  expect(wrong).toEqual([])
}, 120_000)
