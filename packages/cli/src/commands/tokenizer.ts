// ddlf tokenizer: learn a tokenizer from texts, use it, and look at what it makes of a text.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { readText, readTexts, readTokenizer, utf8Text } from '@ddlf/data/node'
import {
  tokenizerTrainer,
  trainedKinds,
  type EncodeOptions,
  type Tokenizer,
  type TrainedKind,
  type TrainerOptions,
} from '@ddlf/data/tokenizers'
import { tokenPieces, tokenStatistics, type TokenStatistics } from '@ddlf/lab'
import { writeFileAtomic } from '@ddlf/lab/node'
import { tokenPage, visibleText } from '@ddlf/lab/plots'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { UserError } from '@ddlf/tensor/errors'
import { Command, Option } from 'commander'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatCount } from '../terminal/format.ts'
import { itemsPrinter } from '../terminal/items-printer.ts'
import { collect, given, jsonOption, outOption, wholeNumber } from './options.ts'

const printJson = (value: unknown) => console.log(JSON.stringify(value, undefined, 2))

const forceOption = () => new Option('--force', 'replace a file that is there')

/** Refuses, before any work is done, to write over a file. */
function requireFree(file: string, force: boolean | undefined): void {
  if (force === true || !existsSync(file)) return
  throw new UserError({
    rule: `${file} is there already.`,
    received: file,
    next: 'Give --force to replace it, or another name with --out.',
  })
}

interface TrainOptions {
  readonly kind: TrainedKind
  readonly vocabulary?: number
  readonly minimumCount?: number
  readonly pattern?: string
  readonly special: readonly string[]
  readonly unknown?: string
  readonly lowercase?: boolean
  readonly split?: string
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const trainerOptions = ({
  kind,
  vocabulary,
  minimumCount,
  pattern,
  special,
  unknown,
  lowercase,
}: TrainOptions): TrainerOptions => ({
  kind,
  ...(vocabulary !== undefined && { vocabularySize: vocabulary }),
  ...(minimumCount !== undefined && { minimumCount }),
  ...(pattern !== undefined && { pattern }),
  ...(special.length > 0 && { specialTokens: special }),
  ...(unknown !== undefined && { unknownToken: unknown }),
  ...(lowercase === true && { lowercase }),
})

async function train(sources: readonly string[], options: TrainOptions): Promise<void> {
  const { out, force, json = false, split, kind } = options
  requireFree(out, force)
  const trainer = tokenizerTrainer(trainerOptions(options))
  const reading = itemsPrinter()
  const began = performance.now()
  const load = split === undefined ? {} : { split }
  let characters = 0
  for (const source of sources) {
    for await (const text of readTexts(source, {
      ...load,
      onTexts: ({ name, bytes, total }) => {
        reading({ items: basename(name), done: bytes, total })
      },
    })) {
      characters += text.length
      trainer.add(text)
    }
  }
  const learning = itemsPrinter(process.stderr, Date.now, 'learning')
  const tokenizer = trainer.train((done, total) => {
    learning({ items: 'merges', done, total })
  })
  writeFileAtomic(out, tokenizer.toJson())
  const seconds = (performance.now() - began) / 1000
  if (json) {
    printJson({
      file: out,
      kind,
      vocabulary: tokenizer.vocabularySize,
      specialTokens: tokenizer.specialTokens,
      characters,
      seconds,
    })
    return
  }
  const special = tokenizer.specialTokens.map(({ content, id }) => `${content} is ${id}`).join(', ')
  console.log(
    `${pc.green('✓')} ${out}: ${kind}, ${formatCount(tokenizer.vocabularySize)} entries from ${formatCount(characters)} characters in ${seconds.toFixed(1)} s${special === '' ? '' : `; ${special}`}`,
  )
  if (kind === 'bpe' && options.vocabulary !== undefined && tokenizer.vocabularySize < options.vocabulary) {
    console.log(
      `  The text has no more pairs that occur often enough: ${formatCount(tokenizer.vocabularySize)} of ${formatCount(options.vocabulary)} entries.`,
    )
  }
  console.log(pc.dim(`  Look at it: ${suggest('tokenizer', 'show', out, 'Some text')}`))
}

interface TextOptions {
  readonly file?: string
  readonly special?: boolean
  readonly parseSpecial?: boolean
}

async function readInput(): Promise<Uint8Array> {
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** The text that is meant: the argument, a file, or the input. */
async function givenText(text: string | undefined, { file }: TextOptions): Promise<string> {
  if (text !== undefined && file !== undefined)
    throw new UserError({
      rule: 'The text is given as an argument or in a file, not both.',
      received: `a text and ${file}`,
      next: 'Leave one out.',
    })
  const nothing = text === undefined && file === undefined && process.stdin.isTTY
  if (nothing)
    throw new UserError({
      rule: 'A text is needed.',
      received: 'none',
      next: 'Give it in quotes, with --file, or through a pipe.',
    })
  const found = text ?? (file === undefined ? utf8Text(await readInput(), 'The input') : await readText(file))
  if (found === '')
    throw new UserError({
      rule: 'There must be some text.',
      received: file === undefined ? 'an empty text' : `${file}, which is empty`,
      next: 'Give a text with at least one character.',
    })
  return found
}

const encodeOptions = ({ special = true, parseSpecial = true }: TextOptions): EncodeOptions => ({
  addSpecialTokens: special,
  parseSpecialTokens: parseSpecial,
})

async function encode(
  file: string,
  text: string | undefined,
  options: TextOptions & { readonly ids?: boolean; readonly json?: boolean },
): Promise<void> {
  const tokenizer = await readTokenizer(file)
  const given = await givenText(text, options)
  const encoding = tokenizer.encode(given, encodeOptions(options))
  if (options.ids === true) {
    console.log(encoding.ids.join(' '))
    return
  }
  const pieces = tokenPieces(tokenizer, given, encoding)
  if (options.json === true) {
    printJson({
      ids: [...encoding.ids],
      tokens: pieces.map(({ token }) => token),
      starts: [...encoding.starts],
      ends: [...encoding.ends],
    })
    return
  }
  const width = Math.max(3, ...pieces.slice(0, 10_000).map(({ id }) => String(id).length))
  console.log(pc.dim(`${'id'.padStart(width)}  text`))
  for (const { id, text: piece, kind } of pieces)
    console.log(
      `${String(id).padStart(width)}  ${kind === 'text' ? printable(visibleText(piece)).replace(/^ | $/g, '␣') : pc.dim(printable(piece))}`,
    )
  console.log(pc.dim(statisticsLine(tokenStatistics(tokenizer, given, encoding))))
}

const statisticsLine = ({
  tokens,
  characters,
  charactersPerToken,
  bytesPerToken,
  distinct,
  vocabularySize,
}: TokenStatistics) =>
  `${formatCount(tokens)} tokens of ${formatCount(characters)} characters: ${charactersPerToken.toFixed(2)} characters and ${bytesPerToken.toFixed(2)} bytes a token; ${formatCount(distinct)} of ${formatCount(vocabularySize)} entries occur`

function readIds(words: string): number[] {
  const ids = words.split(/[\s,[\]]+/).filter(word => word !== '')
  const wrong = ids.find(word => !/^\d+$/.test(word))
  if (wrong !== undefined || ids.length === 0)
    throw new UserError({
      rule: 'Ids are whole numbers, with blanks or commas between.',
      received: wrong ?? 'none',
      next: 'For example: 31373 995',
    })
  return ids.map(Number)
}

async function decode(
  file: string,
  words: readonly string[],
  {
    file: from,
    skipSpecial = false,
    out,
    force,
    json = false,
  }: {
    readonly file?: string
    readonly skipSpecial?: boolean
    readonly out?: string
    readonly force?: boolean
    readonly json?: boolean
  },
): Promise<void> {
  const tokenizer = await readTokenizer(file)
  if (out !== undefined) requireFree(out, force)
  const given =
    words.length > 0 ? words.join(' ') : await givenText(undefined, { ...(from !== undefined && { file: from }) })
  const ids = readIds(given)
  const text = tokenizer.decode(ids, { skipSpecialTokens: skipSpecial })
  if (out !== undefined) {
    writeFileAtomic(out, exactBytes(tokenizer, ids, text, skipSpecial))
    console.log(`${out}: ${formatCount(ids.length)} tokens, ${formatCount(text.length)} characters.`)
  } else if (json) printJson({ text })
  else console.log(text)
}

/** Ids may hold bytes that are no text: a file gets them as they are. */
const exactBytes = (tokenizer: Tokenizer, ids: readonly number[], text: string, skipSpecial: boolean): Uint8Array =>
  tokenizer.byteLevel && !skipSpecial ? tokenizer.decodeBytes(ids) : new TextEncoder().encode(text)

async function show(
  file: string,
  text: string | undefined,
  options: TextOptions & {
    readonly out: string
    readonly force?: boolean
    readonly most: number
    readonly json?: boolean
  },
): Promise<void> {
  const { out, force, most, json = false } = options
  const tokenizer = await readTokenizer(file)
  const given = await givenText(text, options)
  requireFree(out, force)
  const encoding = tokenizer.encode(given, encodeOptions(options))
  const statistics = tokenStatistics(tokenizer, given, encoding)
  const frequentTexts = statistics.frequent.map(({ id, token }) =>
    tokenizer.byteLevel ? shownBytes(tokenizer, id) : token,
  )
  const pieces = tokenPieces(tokenizer, given, encoding, most)
  writeFileAtomic(
    out,
    tokenPage({
      title: `Tokens of ${options.file === undefined ? 'a text' : basename(options.file)}`,
      subtitle: `${file}: ${tokenizer.model}, ${formatCount(tokenizer.vocabularySize)} entries`,
      statistics,
      pieces,
      frequentTexts,
    }),
  )
  if (json) {
    printJson({ page: out, ...statistics })
    return
  }
  console.log(statisticsLine(statistics))
  const rows = statistics.frequent
    .slice(0, 10)
    .map(({ count }, i) => ({ name: printable(visibleText(frequentTexts[i] ?? '')).replaceAll(' ', '␣'), count }))
  const width = Math.max(...rows.map(({ name }) => textWidth(name)))
  console.log(pc.bold('\nmost frequent'))
  for (const { name, count } of rows)
    console.log(
      `  ${padEndTo(name, width)}  ${formatCount(count).padStart(7)}  ${((100 * count) / statistics.tokens).toFixed(1).padStart(5)} %`,
    )
  console.log(`\npage: ${out}`)
}

/** A token of bytes as text, or where it is none as the file writes it. */
function shownBytes(tokenizer: Tokenizer, id: number): string {
  const text = tokenizer.decode([id])
  return text.includes('\ufffd') ? tokenizer.tokenOf(id) : text
}

const textOptions = (command: Command) =>
  command
    .option('--file <path>', 'take the text from a file (UTF-8)', given('--file'))
    .option('--no-special', 'leave out the special tokens that the tokenizer adds around a text')
    .option('--no-parse-special', 'read <|endoftext|> and its like in the text as plain text')

function trainVerb(): Command {
  return new Command('train')
    .description('learn a tokenizer from a file, a folder of text files, or the texts of a data set')
    .argument('<sources...>', 'files, folders (.txt, .text, .md, .markdown) or ids of data sets')
    .addOption(
      new Option('--kind <kind>', 'bpe over bytes, words, or characters').choices([...trainedKinds]).default('bpe'),
    )
    .option(
      '--vocabulary <number>',
      'most entries, special tokens included (default: 8192 for bpe, 30000 for words, all characters)',
      wholeNumber('--vocabulary', 1, 2 ** 21),
    )
    .option(
      '--minimum-count <number>',
      'how often a pair, word or character must occur (default: 2; characters: 1)',
      wholeNumber('--minimum-count', 1),
    )
    .option('--pattern <pattern>', 'bpe: how words are cut, gpt2, gpt4 or a regular expression (default: gpt4)', given('--pattern'))
    .addOption(
      new Option(
        '--special <token>',
        'a special token (may be repeated; default: <|endoftext|> for bpe, <unk> for words)',
      )
        .argParser(collect)
        .default([], ''),
    )
    .option('--unknown <token>', 'words, characters: the token for what was never seen', given('--unknown'))
    .option('--lowercase', 'words: drop case')
    .option('--split <name>', 'data set: the split to learn from (default: train)', given('--split'))
    .addOption(outOption('file to write').default('tokenizer.json'))
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer train book.txt --vocabulary 8192
  $ ddlf tokenizer train ./essays --kind words --minimum-count 3 --out words.json
  $ ddlf tokenizer train tiny-shakespeare --kind characters --out characters.json
`,
    )
    .action(train)
}

function showVerb(): Command {
  return textOptions(
    new Command('show')
      .description('write a page that colours the tokens of a text, and print statistics')
      .argument('<tokenizer>', 'a tokenizer.json')
      .argument('[text]', 'a text in quotes; without it and --file, the input'),
  )
    .addOption(outOption('page to write').default('tokens.html'))
    .option('--most <number>', 'tokens that are drawn', wholeNumber('--most', 1), 5000)
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer show tokenizer.json "Tokenization isn't trivial."
  $ ddlf tokenizer show tokenizer.json --file book.txt --out book.html
`,
    )
    .action(show)
}

function encodeVerb(): Command {
  return textOptions(
    new Command('encode')
      .description('the tokens of a text, with their ids')
      .argument('<tokenizer>', 'a tokenizer.json')
      .argument('[text]', 'a text in quotes; without it and --file, the input'),
  )
    .option('--ids', 'print the ids alone, on one line')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer encode tokenizer.json "Hello, world"
  $ ddlf tokenizer encode tokenizer.json --file book.txt --ids > book.ids
  $ ddlf tokenizer encode gpt2.json "Hello" --json | jq .ids
`,
    )
    .action(encode)
}

function decodeVerb(): Command {
  return new Command('decode')
    .description('the text of ids')
    .argument('<tokenizer>', 'a tokenizer.json')
    .argument('[ids...]', 'ids with blanks or commas between; without them and --file, the input')
    .option('--file <path>', 'take the ids from a file', given('--file'))
    .option('--skip-special', 'leave special tokens out')
    .addOption(
      outOption('write the text to a file, byte for byte; what is printed has its control characters written out'),
    )
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer decode gpt2.json 31373 995
  $ ddlf tokenizer decode tokenizer.json --file book.ids --out book.txt
`,
    )
    .action(decode)
}

/** The command `ddlf tokenizer` with its verbs. */
export function tokenizerCommand(): Command {
  const command = new Command('tokenizer')
    .description('learn a tokenizer, encode and decode with it, look at its tokens')
    .addHelpText(
      'after',
      `
Files are Hugging Face's tokenizer.json; those of GPT-2,
Llama, Gemma, BERT and others are read too.

Examples:
  $ ddlf tokenizer train book.txt --vocabulary 8192 --out book.json
  $ ddlf tokenizer encode book.json "Call me Ishmael." --ids
  $ ddlf tokenizer show book.json --file book.txt
`,
    )
  for (const verb of [trainVerb(), encodeVerb(), decodeVerb(), showVerb()]) command.addCommand(verb)
  return command
}
