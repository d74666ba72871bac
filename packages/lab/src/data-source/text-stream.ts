// A text as one stream of tokens, in windows: each example is some tokens, and the same moved on by one to predict.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { datasetCard, type Column, type Dataset } from '@ddlf/data'
import type { Tokenizer, TokenStream, TrainerOptions } from '@ddlf/data/tokenizers'
import { z } from 'zod'
import type { DataForm, DataIo, DataPart, DataSource } from './data-source.ts'

/** Settings of an experiment on windows over a text, to be spread into its own. */
export const windowSettings = {
  blockSize: z.number().int().min(1).max(1_000_000).default(64).describe('tokens that the model sees at once'),
  windows: z
    .enum(['overlapping', 'contiguous'])
    .default('overlapping')
    .describe('one begins at every token, or side by side; their order is what sampling says'),
}

/** What the source reads of the settings. */
export interface WindowSettings {
  /** Tokens in a window. */
  readonly blockSize: number
  /** Where windows for training begin: at every token (the default), or side by side. */
  readonly windows?: 'overlapping' | 'contiguous'
  /** Tokens that the tokenizer knows, where it is learned from the text or read from a file; 0: not known yet. */
  readonly vocabulary?: number
}

/** How a text becomes tokens: by its characters, by a tokenizer that is learned from it, or by one in a file. */
export type TokenizerChoice =
  | { readonly alphabet: string }
  | { readonly learn: TrainerOptions }
  | { readonly file: string }

/** What {@link textStream} is made of. */
export interface TextStreamOptions<Settings> {
  /** Id of a published set whose splits are the parts, or a file or folder of texts for each part. */
  readonly texts: string | Readonly<Partial<Record<DataPart, string>>>
  readonly tokenizer: TokenizerChoice | ((settings: Settings) => TokenizerChoice)
  /** The splits of the published set that are the parts, where they have other names. */
  readonly splits?: Readonly<Partial<Record<DataPart, string>>>
  /**
   * What stands before the first text of a set, between two and behind the last. Default: `<|endoftext|>` where the
   * tokenizer has it, else an empty line, between texts alone.
   */
  readonly separator?: string
  /**
   * Whether each example is one token to predict and the `blockSize` tokens before it in its own text, with separators
   * where the text has begun: columns `tokens` int32 [blockSize] and `targets` int32 [1], alike in all parts. The
   * separator, one token, is also what ends a text. Default no.
   */
  readonly contexts?: boolean
}

/** The artifact that holds the tokenizer of a run. */
export const tokenizerArtifact = 'tokenizer.json'

/** Loaded when it is needed: listing experiments must not wait for it. */
const tokenizers = () => import('@ddlf/data/tokenizers')

/** What to do where a text is too short for a window. @param size the largest that fits; below 1 none does */
export const smallerBlock = (size: number, longer = 'Give a longer text') =>
  size < 1 ? `${longer}.` : `${longer}, or choose a smaller block: --set blockSize=${size}`

/** The error for a text, or a part of one, that holds no window. */
export const tooFewTokens = (size: number, received: string, next: string) => new UserError({
  rule: `With blockSize=${size} a text needs at least ${size + 1} tokens in each of its parts: ` +
    `a window of ${size}, and the token that follows.`,
  received,
  next,
})

/**
 * Windows over a stream: columns `tokens` and `targets`, int32 [size], views of one array.
 * @param step tokens from the beginning of one window to that of the next
 * @throws UserError where there are too few tokens for one window
 */
export function windowsOf(name: string, stream: Int32Array, size: number, step: number): Dataset {
  const length = Math.floor((stream.length - 1 - size) / step) + 1
  if (length < 1) throw tooFewTokens(size, `${stream.length} tokens of ${name}`, smallerBlock(stream.length - 1))
  const window = (from: number): Column => ({ dtype: 'int32', shape: [size], data: stream.subarray(from), step })
  return { name, length, columns: { tokens: window(0), targets: window(1) } }
}

/**
 * The windows of a part: those to train on as the settings say, of others each token is predicted once, in windows side
 * by side.
 */
export function windowsOfPart(
  part: DataPart,
  name: string,
  stream: Int32Array,
  blockSize: number,
  windows: WindowSettings['windows'] = 'overlapping',
): Dataset {
  return windowsOf(name, stream, blockSize, part === 'train' && windows === 'overlapping' ? 1 : blockSize)
}

/**
 * Each token of the texts with the `size` tokens before it: columns `tokens` int32 [size] and `targets` int32 [1],
 * views of one array.
 * @param texts the ids of each text
 * @param separator what stands before a text, and is predicted where it ends
 */
export function contextsOf(name: string, texts: Iterable<ArrayLike<number>>, size: number, separator: number): Dataset {
  const ids: number[] = []
  const starts: number[] = []
  for (const text of texts) {
    for (let i = 0; i <= text.length; i++) starts.push(ids.length + i)
    for (let i = 0; i < size; i++) ids.push(separator)
    for (let i = 0; i < text.length; i++) ids.push(text[i] as number)
    ids.push(separator)
  }
  const data = Int32Array.from(ids)
  const column = (from: number, width: number): Column => ({
    dtype: 'int32', shape: [width], data: data.subarray(from), starts: Int32Array.from(starts),
  })
  return { name, length: starts.length, columns: { tokens: column(0, size), targets: column(size, 1) } }
}

/** The ids that end a text among others: those of `<|endoftext|>` where there is one, else of an empty line. */
export function separatorOf(tokenizer: Tokenizer): ArrayLike<number> {
  const end = tokenizer.specialTokens.find(({ content }) => content === '<|endoftext|>')
  if (end) return [end.id]
  try {
    return tokenizer.encode('\n\n', { addSpecialTokens: false }).ids
  } catch {
    // An alphabet without line breaks.
    return []
  }
}

/** The texts of one part, long ones in parts. */
async function* textsOf(
  { texts, splits = {} }: Pick<TextStreamOptions<never>, 'texts' | 'splits'>,
  part: DataPart,
  io: DataIo,
): AsyncGenerator<{ readonly text: string; readonly ends: boolean }, void> {
  if (typeof texts === 'string') {
    const { text } = await io.dataset(texts, splits[part] ?? part)
    for (const one of text?.['text'] ?? []) yield { text: one, ends: true }
    return
  }
  const file = texts[part]
  if (file !== undefined) yield* io.texts(file)
}

/** Parts of texts as they can be encoded one by one: whole texts where a cut between words changes the ids. */
async function* encodable(
  parts: AsyncIterable<{ readonly text: string; readonly ends: boolean }>,
  { encodesInParts }: Tokenizer,
): AsyncGenerator<{ readonly text: string; readonly ends: boolean }, void> {
  let held = ''
  for await (const { text, ends } of parts) {
    if (ends || encodesInParts) yield { text: held + text, ends }
    held = ends || encodesInParts ? '' : held + text
  }
}

/** @throws UserError where a tokenizer has tokens that a model for the settings does not know */
function requireFitting({ vocabularySize }: Tokenizer, { vocabulary = vocabularySize }: DataForm) {
  if (vocabularySize <= vocabulary) return
  throw new UserError({
    rule: 'The tokenizer of a run must have no more tokens than its model knows.',
    received: `${vocabularySize} tokens, and a vocabulary of ${vocabulary}`,
    next: 'Begin a new run: this one keeps the tokenizer of another text.',
  })
}

/** The ids of each text. */
async function wholeTexts(
  parts: AsyncIterable<{ readonly text: string; readonly ends: boolean }>,
  known: Tokenizer,
): Promise<ArrayLike<number>[]> {
  const texts: ArrayLike<number>[] = []
  let held: number[] = []
  for await (const { text, ends } of parts) {
    const { ids } = known.encode(text, { addSpecialTokens: false, parseSpecialTokens: false })
    for (let i = 0; i < ids.length; i++) held.push(ids[i] as number)
    if (!ends) continue
    texts.push(held)
    held = []
  }
  return texts
}

const oneSeparator = (separator: string | undefined, tokens: number) =>
  new UserError({
    rule: 'Contexts begin with a separator that is one token.',
    received: separator === undefined ? 'none' : `'${separator}', ${tokens} tokens`,
    next: "Name a character of the alphabet, for example separator: '.'",
  })

/** The tokenizer that a choice asks for, as the content of a tokenizer.json. */
async function tokenizerJson(
  choice: TokenizerChoice,
  io: DataIo,
  read: (part: DataPart) => AsyncIterable<{ readonly text: string }>,
  parts: readonly DataPart[],
): Promise<string> {
  const { characterTokenizer, tokenizerTrainer } = await tokenizers()
  if ('alphabet' in choice) return characterTokenizer(choice.alphabet).toJson()
  if ('file' in choice) {
    let json = ''
    for await (const { text } of io.texts(choice.file)) json += text
    return json
  }
  const trainer = tokenizerTrainer(choice.learn)
  // Characters that stand in held-out texts alone could not be judged: the alphabet is that of all parts.
  const learnsFrom = choice.learn.kind === 'characters' ? parts : parts.slice(0, 1)
  for (const part of learnsFrom) for await (const { text } of read(part)) trainer.add(text)
  return trainer.train().toJson()
}

/**
 * A text as one stream of tokens, of which windows are predicted token by token: columns `tokens` and `targets`, int32
 * [blockSize]. The tokenizer is an artifact of the run. Without a test part the validation part has the last word.
 * @example
 * textStream({ texts: 'tiny-shakespeare', tokenizer: { alphabet } })
 * textStream({ texts: { train: 'book.txt', test: 'other.txt' }, tokenizer: { learn: { kind: 'bpe' } } })
 */
export function textStream<Settings extends WindowSettings = WindowSettings>(
  options: TextStreamOptions<Settings>,
): DataSource<Settings> {
  const { texts, tokenizer, splits, separator, contexts = false } = checkOptions('textStream', options, [
    'texts', 'tokenizer', 'splits', 'separator', 'contexts',
  ])
  const choiceOf = typeof tokenizer === 'function' ? tokenizer : () => tokenizer
  const given = { texts, ...(splits && { splits }) }
  const ofCard = (id: string) => Object.fromEntries(datasetCard(id).splits.map(({ name }) => [name, name]))
  const there = typeof texts === 'string' ? (splits ?? ofCard(texts)) : texts
  const parts = (['train', 'validation', 'test'] as const).filter(part => Object.hasOwn(there, part))
  const jsonOf = (settings: Settings, io: DataIo) =>
    io.artifact(
      tokenizerArtifact,
      () => tokenizerJson(choiceOf(settings), io, part => textsOf(given, part, io), parts),
      !('learn' in choiceOf(settings)),
    )
  const formOf = (settings: Settings): DataForm => {
    const column = { dtype: 'int32', shape: [settings.blockSize] } as const
    const choice = choiceOf(settings)
    const vocabulary = 'alphabet' in choice ? Array.from(choice.alphabet).length : (settings.vocabulary ?? 0)
    const targets = contexts ? ({ dtype: 'int32', shape: [1] } as const) : column
    return { columns: { tokens: column, targets }, ...(vocabulary > 0 && { vocabulary }) }
  }
  return {
    name: typeof texts === 'string' ? texts : (texts.train ?? 'texts'),
    parts,
    // Of tokens, other ones are another question.
    decides: ['tokenizer', 'vocabularySize'],
    form: formOf,
    async settle(settings, io) {
      if ('alphabet' in choiceOf(settings)) {
        await jsonOf(settings, io)
        return {}
      }
      const { tokenizerFromJson } = await tokenizers()
      return { vocabulary: tokenizerFromJson(await jsonOf(settings, io)).vocabularySize }
    },
    async load(part, settings, io) {
      const { tokenizerFromJson, tokenStream } = await tokenizers()
      const known = tokenizerFromJson(await jsonOf(settings, io), 'The tokenizer of the run')
      requireFitting(known, formOf(settings))
      const between =
        separator === undefined ? separatorOf(known) : known.encode(separator, { addSpecialTokens: false }).ids
      const name = typeof texts === 'string' ? `${texts}/${splits?.[part] ?? part}` : (texts[part] ?? part)
      if (contexts) {
        if (between.length !== 1) throw oneSeparator(separator, between.length)
        const pieces = await wholeTexts(encodable(textsOf(given, part, io), known), known)
        return contextsOf(name, pieces, settings.blockSize, between[0] as number)
      }
      let stream: TokenStream | undefined
      let ended = false
      for await (const { text, ends } of encodable(textsOf(given, part, io), known)) {
        // The first text tells how long others may be: most streams are one text.
        stream ??= tokenStream(known, { expected: text.length, shared: io.shared && part === 'train', name })
        if (ended || (separator !== undefined && stream.length === 0)) stream.addIds(between)
        stream.add(text)
        ended = ends
      }
      if (separator !== undefined) stream?.addIds(between)
      const ids = (stream ?? tokenStream(known, { name })).ids()
      return windowsOfPart(part, name, ids, settings.blockSize, settings.windows)
    },
  }
}
