// ddlf tokenizer: learn a tokenizer from texts, use it, and look at what it makes of a text.
import { basename } from 'node:path'
import { readText, readTexts, readTokenizer, utf8Text } from '@ddlf/data/node'
import {
  tokenizerTrainer,
  type EncodeOptions,
  type Tokenizer,
  type TokenizerTrainer,
  type TrainedKind,
  type TrainerOptions,
} from '@ddlf/data/tokenizers'
import { tokenPieces, tokenStatistics, type TokenStatistics } from '@ddlf/lab'
import { openOutput } from '@ddlf/lab/node'
import { tokenPage, visibleText } from '@ddlf/lab/plots'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { UserError } from '@ddlf/tensor/errors'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatCount } from '../terminal/format.ts'
import { itemsPrinter } from '../terminal/items-printer.ts'

const printJson = (value: unknown) => console.log(JSON.stringify(value, undefined, 2))

/** The options of `ddlf tokenizer train`. */
export interface TrainOptions {
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

/** What got no entry, and why; undefined where nothing was left out. */
function leftOut(
  kind: TrainedKind, trainer: TokenizerTrainer, { vocabularySize, specialTokens }: Tokenizer,
): string | undefined {
  const { vocabularySize: most, minimumCount, distinct } = trainer
  const often = `at least ${formatCount(minimumCount)} ${minimumCount === 1 ? 'time' : 'times'}`
  if (kind === 'bpe') {
    if (vocabularySize >= most) return undefined
    return vocabularySize === 256 + specialTokens.length
      ? `No pair of bytes occurs ${often}: a token is a byte.`
      : `No more pairs occur ${often}: ${formatCount(vocabularySize)} of at most ${formatCount(most)} entries.`
  }
  const kept = vocabularySize - specialTokens.length
  if (kept >= distinct) return undefined
  const reason = vocabularySize < most ? `occur ${often}` : 'fit into the vocabulary, the most frequent ones'
  return `${formatCount(kept)} of ${formatCount(distinct)} ${kind} ${reason}.`
}

/** Does what `ddlf tokenizer train` is asked for. */
export async function train(sources: readonly string[], options: TrainOptions): Promise<void> {
  const { out, force = false, json = false, split, kind } = options
  const write = openOutput(out, { force, example: 'tokenizer.json', reads: sources })
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
  write(tokenizer.toJson())
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
    `${pc.green('✓')} ${out}: ${kind}, ${formatCount(tokenizer.vocabularySize)} entries ` +
    `from ${formatCount(characters)} characters in ${seconds.toFixed(1)} s${special === '' ? '' : `; ${special}`}`,
  )
  const left = leftOut(kind, trainer, tokenizer)
  if (left !== undefined) console.log(`  ${left}`)
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

/** Does what `ddlf tokenizer encode` is asked for. */
export async function encode(
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
      `${String(id).padStart(width)} ` +
      ` ${kind === 'text' ? printable(visibleText(piece)).replace(/^ | $/g, '␣') : pc.dim(printable(piece))}`,
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
  `${formatCount(tokens)} tokens of ${formatCount(characters)} characters: ${charactersPerToken.toFixed(2)} ` +
  `characters and ${bytesPerToken.toFixed(2)} bytes a token; ${formatCount(distinct)} ` +
  `of ${formatCount(vocabularySize)} entries occur`

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

/** Does what `ddlf tokenizer decode` is asked for. */
export async function decode(
  file: string,
  words: readonly string[],
  {
    file: from,
    skipSpecial = false,
    out,
    force = false,
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
  const reads = [file, ...(from === undefined ? [] : [from])]
  const write = out === undefined ? undefined : openOutput(out, { force, example: 'text.txt', reads })
  const given =
    words.length > 0 ? words.join(' ') : await givenText(undefined, { ...(from !== undefined && { file: from }) })
  const ids = readIds(given)
  const text = tokenizer.decode(ids, { skipSpecialTokens: skipSpecial })
  if (out !== undefined && write) {
    write(exactBytes(tokenizer, ids, text, skipSpecial))
    if (json) printJson({ file: out, tokens: ids.length, characters: text.length })
    else console.log(`${out}: ${formatCount(ids.length)} tokens, ${formatCount(text.length)} characters.`)
  } else if (json) printJson({ text })
  else console.log(text)
}

/** Ids may hold bytes that are no text: a file gets them as they are. */
const exactBytes = (tokenizer: Tokenizer, ids: readonly number[], text: string, skipSpecial: boolean): Uint8Array =>
  tokenizer.byteLevel && !skipSpecial ? tokenizer.decodeBytes(ids) : new TextEncoder().encode(text)

/** Does what `ddlf tokenizer show` is asked for. */
export async function show(
  file: string,
  text: string | undefined,
  options: TextOptions & {
    readonly out: string
    readonly force?: boolean
    readonly most: number
    readonly json?: boolean
  },
): Promise<void> {
  const { out, force = false, most, json = false, file: from } = options
  const reads = [file, ...(from === undefined ? [] : [from])]
  const write = openOutput(out, { force, example: 'tokens.html', reads })
  const tokenizer = await readTokenizer(file)
  const given = await givenText(text, options)
  const encoding = tokenizer.encode(given, encodeOptions(options))
  const statistics = tokenStatistics(tokenizer, given, encoding)
  const frequentTexts = statistics.frequent.map(({ id, token }) =>
    tokenizer.byteLevel ? shownBytes(tokenizer, id) : token,
  )
  const pieces = tokenPieces(tokenizer, given, encoding, most)
  write(
    tokenPage({
      title: `Tokens of ${from === undefined ? 'a text' : basename(from)}`,
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
      `  ${padEndTo(name, width)}  ${formatCount(count).padStart(7)} ` +
      ` ${((100 * count) / statistics.tokens).toFixed(1).padStart(5)} %`,
    )
  console.log(`\npage: ${out}`)
}

/** A token of bytes as text, or where it is none as the file writes it. */
function shownBytes(tokenizer: Tokenizer, id: number): string {
  const text = tokenizer.decode([id])
  return text.includes('\ufffd') ? tokenizer.tokenOf(id) : text
}
