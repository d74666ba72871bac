// Commands that messages suggest: they begin as this one was called, so that they can be pasted.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { settingWords, shellQuote } from '@ddlf/lab/command-text'
import { commandList } from '../command-list.ts'

/** What Node is given to run: the script of a checkout, or the built file of an installed package. */
const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../../scripts/ddlf.mjs' : '../bin.js', import.meta.url),
)

/** The shorter way to a file: from here, or from the root. */
const place = (file: string) => {
  const near = path.relative('', file)
  return shellQuote(near.length < file.length ? near : file)
}

/**
 * What this program was called by: `npm run ddlf --`, `npx ddlf`, `ddlf` (linked), or `node <path>`.
 * @param called the path that Node was given
 */
export function commandPrefix(
  environment: NodeJS.ProcessEnv = process.env,
  called: string = process.argv[1] ?? '',
): string {
  if (environment['npm_command'] === 'exec' && /^["']?ddlf\b/.test(environment['npm_lifecycle_script'] ?? ''))
    return 'npx ddlf'
  if (
    /^(run|run-script|start|test)$/.test(environment['npm_command'] ?? '') &&
    environment['npm_package_name'] === '30ddlf'
  )
    return 'npm run ddlf --'
  if (path.basename(called) !== 'ddlf') return `node ${place(script)}`
  const found = (environment['PATH'] ?? '')
    .split(path.delimiter)
    .map(folder => path.join(folder, 'ddlf'))
    .find(file => existsSync(file))
  // A package's own scripts find it among its dependencies; a terminal does not.
  if (found === called) return /[\\/]node_modules[\\/]\.bin[\\/]/.test(called) ? 'npx ddlf' : 'ddlf'
  const near = place(called)
  return near.includes('/') ? near : `./${near}`
}

const MENTION = new RegExp(
  `(?:npm run (?:-s )?|npx )?\\bddlf (?:-- )?(?=(?:${[...commandList.keys()].join('|')})\\b)`,
  'g',
)

/** A text whose `ddlf` commands begin as this one was called. npm's banner is left out where a program reads on. */
export function asCalled(text: string, prefix: string = commandPrefix()): string {
  const silent = prefix.replace('npm run ddlf', 'npm run -s ddlf')
  return text
    .split('\n')
    .map(line => line.replace(MENTION, `${/--json|\$\(/.test(line) ? silent : prefix} `))
    .join('\n')
}

/** A command to type next, each word quoted where a shell would misread it. */
export const suggest = (...words: readonly string[]): string => [commandPrefix(), ...words.map(shellQuote)].join(' ')

/** A path as it is typed from here: what lies below by its way from here. */
export const pathWord = (file: string): string => {
  const near = path.relative('', file)
  return near === '' || near.startsWith('..') ? file : near
}

/**
 * Settings as the words of `train`, `tune` and `tune-rate`: own data by `--data`, the others by `--set`.
 * @param settings those that are not the experiment's defaults, as `givenSettings` picks them
 */
export function trainingWords({ data, testData, ...rest }: Readonly<Record<string, unknown>>): string[] {
  return [
    ...(typeof data === 'string' ? ['--data', pathWord(data)] : []),
    ...(typeof testData === 'string' ? settingWords({ testData: pathWord(testData) }) : []),
    ...settingWords(rest),
  ]
}

