// A user's own texts as training, validation and test data: documents first, then windows over the tokens of each part.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import type { Dataset } from '@ddlf/data'
import {
  cutOf, divideDocuments, documentSet, readDocuments, readText, type Document, type DocumentListing,
} from '@ddlf/data/node'
import {
  textPieces,
  tokenizerFromJson,
  tokenizerTrainer,
  tokenStream,
  trainedKinds,
  type Tokenizer,
  type TrainedKind,
} from '@ddlf/data/tokenizers'
import type { TrainingSettings } from '../../experiment/experiment.ts'
import type { DataIo, DataPart } from '../data-source.ts'
import {
  separatorOf, smallerBlock, tokenizerArtifact, tooFewTokens, windowsOfPart, type WindowSettings,
} from '../text-stream.ts'
import type { ReadingOptions } from './own-pictures.ts'
import type { SplitList } from './recorded-split.ts'

/** Settings of what learns from own texts. */
export interface TextSettings extends TrainingSettings, WindowSettings {
  readonly testShare: number
  readonly splitSeed: number
  /** `characters`, `words`, `bpe`, or the path of a tokenizer.json. */
  readonly tokenizer: string
  /** Most tokens that `bpe` and `words` learn. */
  readonly vocabularySize: number
}

/** The documents of each part. */
export interface TextParts {
  readonly train: Dataset
  readonly validation?: Dataset
  readonly test: Dataset
}

const namesIn = (list: SplitList, part: string) => list[part]?.map(({ name }) => name)
const cutIn = (list: SplitList) =>
  cutOf({ train: namesIn(list, 'train'), validation: namesIn(list, 'validation'), test: namesIn(list, 'test') })

/** `the test part (testShare=0.1)` */
function partWords(part: DataPart, { testShare, validation }: TextSettings): string {
  if (part === 'train') return 'the training part'
  return part === 'test' ? `the test part (testShare=${testShare})` : `the validation part (validation=${validation})`
}

/**
 * A single text is cut in parts. What cannot hold a window in each of them, wherever it is cut, is refused before: by
 * characters, words and pairs of bytes a text has no more tokens than bytes.
 * @throws UserError that says how long a text must be
 */
function requireLength({ parts }: DocumentListing, settings: TextSettings): void {
  const [only, another] = Object.values<readonly Document[]>({ ...parts }).flat()
  const { testShare: test, validation, blockSize, tokenizer } = settings
  if (!only || another || !(trainedKinds as readonly string[]).includes(tokenizer)) return
  const shares: [DataPart, number][] = [
    ['test', test], ['validation', validation * (1 - test)], ['train', (1 - validation) * (1 - test)],
  ]
  const wanted = shares.filter(([, share]) => share > 0).sort(([, a], [, b]) => a - b)
  const [part, share] = wanted[0] ?? ['train', 1]
  if (Buffer.byteLength(only.text) >= wanted.length * (blockSize + 1)) return
  const { length } = Array.from(only.text)
  const needed = Math.ceil((blockSize + 1) / share)
  throw tooFewTokens(
    blockSize,
    `${only.name} of ${length} ${length === 1 ? 'character' : 'characters'}, of which ${partWords(part, settings)} ` +
      `holds about ${Math.round(length * share)}`,
    smallerBlock(Math.floor(length * share) - 1, `Give a text of about ${needed} ` +
      `${tokenizer === 'characters' ? 'characters' : 'tokens'} or more`),
  )
}

/**
 * Reads a file or a folder of texts, divided by document.
 * @param recorded what a run was divided into: a single text is cut where it was
 */
export async function textParts(
  data: string,
  settings: TextSettings,
  { onItems }: ReadingOptions = {},
  recorded: SplitList = {},
): Promise<TextParts> {
  const { testShare: test, validation, splitSeed: seed } = settings
  const listing = await readDocuments(data, { ...(onItems && { onItems }) })
  const cut = cutIn(recorded)
  if (!cut) requireLength(listing, settings)
  const { parts, intake } = divideDocuments(listing, { test, validation, seed, ...(cut && { cut }) })
  const setOf = (part: keyof typeof parts) => documentSet(`${data}/${part}`, parts[part] ?? [], intake)
  return { train: setOf('train'), test: setOf('test'), ...(parts.validation && { validation: setOf('validation') }) }
}

/**
 * What lies behind the cut of a single text can be told from what was trained on only where the text before it is as
 * it was, or the piece itself.
 * @throws UserError where neither is
 */
export function checkCut(now: SplitList, recorded: SplitList): void {
  if (!cutIn(recorded)) return
  const isKept = (part: string) => {
    const [before] = recorded[part] ?? []
    return before === undefined || now[part]?.some(({ content }) => content === before.content) === true
  }
  const { name } = recorded['train']?.[0] as SplitList[string][number]
  let isSame = isKept('train')
  for (const part of ['validation', 'test']) {
    if (!isSame && !isKept(part)) {
      throw new UserError({
        rule: 'Of a text that was cut, the beginning must be as it was, or trained text may lie behind the cut.',
        received: `other text in ${name}, and in the ${part} part`,
        next: 'Put the text back as it was (it may go on behind its end), or say where it lies now with --data.',
      })
    }
    isSame &&= isKept(part)
  }
}

const textsOf = (set: Dataset | undefined): readonly string[] => set?.text?.['text'] ?? []

/** Characters of texts, in UTF-16 code units. */
const charactersIn = (texts: readonly string[]) => texts.reduce((sum, { length }) => sum + length, 0)

/** The tokenizer that the settings ask for, as the content of a tokenizer.json. */
async function tokenizerJson(
  { tokenizer, vocabularySize }: TextSettings, parts: TextParts, onItems: ReadingOptions['onItems'],
): Promise<string> {
  if (!(trainedKinds as readonly string[]).includes(tokenizer)) {
    if (existsSync(tokenizer)) return readText(path.resolve(tokenizer))
    throw new UserError({
      rule: `The setting tokenizer takes ${trainedKinds.join(', ')}, or the path of a tokenizer.json.`,
      received: `${tokenizer}, which does not exist`,
      next: 'Make one: npm run ddlf -- tokenizer train <text> --out tokenizer.json',
    })
  }
  const kind = tokenizer as TrainedKind
  const trainer = tokenizerTrainer({ kind, ...(kind !== 'characters' && { vocabularySize }) })
  // Characters that stand in held-out texts alone could not be judged: the alphabet is that of all parts.
  const learnsFrom = kind === 'characters' ? [parts.train, parts.validation, parts.test] : [parts.train]
  const texts = learnsFrom.flatMap(textsOf)
  const total = charactersIn(texts)
  let done = 0
  for (const text of texts) {
    for (const piece of textPieces(text)) {
      trainer.add(piece)
      onItems?.({ items: 'characters, to learn a tokenizer', done: done += piece.length, total })
    }
  }
  const learned = trainer.train((merges, most) => onItems?.({ items: 'pairs to merge', done: merges, total: most }))
  return learned.toJson()
}

/** All texts of a part as one stream of tokens, each ended by the separator where there are several. */
function streamOf(
  set: Dataset, tokenizer: Tokenizer, shared: boolean, onItems: ReadingOptions['onItems'],
): Int32Array {
  const texts = textsOf(set)
  const total = charactersIn(texts)
  const stream = tokenStream(tokenizer, {
    expected: total + 2 * texts.length,
    shared,
    name: set.name,
    onCharacters: done => onItems?.({ items: 'characters as tokens', done, total }),
  })
  const separator = texts.length > 1 ? separatorOf(tokenizer) : []
  for (const [at, text] of texts.entries()) {
    try {
      stream.add(text)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const { rule, received, next } = error.parts
      const file = set.text?.['file']?.[at] ?? ''
      throw new UserError({ rule, received: `${received ?? ''} in ${file}`, ...(next !== undefined && { next }) })
    }
    stream.addIds(separator)
  }
  return stream.ids()
}

/** What makes a part longer. */
const LONGER: Readonly<Record<DataPart, string>> = {
  train: 'Give a longer text',
  validation: 'Give a longer text, hold out a larger share (validation)',
  test: 'Give a longer text, hold out a larger share (testShare)',
}

/** How documents become what the model reads. */
export interface TextEncoding {
  readonly settings: TextSettings
  readonly encode: (set: Dataset, part: DataPart, shared?: boolean) => Dataset
  readonly notes: readonly string[]
}

/** Finds the tokenizer (a run's own, one that is learned, one in a file) and with it the size of the vocabulary. */
export async function textEncoding(
  given: TextSettings, parts: TextParts, io: DataIo, { onItems }: ReadingOptions = {},
): Promise<TextEncoding> {
  let isNew = false as boolean
  const json = await io.artifact(tokenizerArtifact, () => {
    isNew = true
    return tokenizerJson(given, parts, onItems)
  })
  const tokenizer = tokenizerFromJson(json, given.tokenizer)
  const settings = { ...given, vocabulary: tokenizer.vocabularySize }
  const count = tokenizer.vocabularySize
  const ofNew = given.tokenizer === 'characters' ? 'characters' : `tokens of ${path.basename(given.tokenizer)}`
  const what = isNew ? ofNew : 'tokens of the tokenizer that was kept'
  return {
    settings,
    encode(set, part, shared = false) {
      const stream = streamOf(set, tokenizer, shared, onItems)
      if (stream.length <= settings.blockSize) {
        const received = `${stream.length} tokens in ${partWords(part, settings)} of ${set.name}`
        throw tooFewTokens(settings.blockSize, received, smallerBlock(stream.length - 1, LONGER[part]))
      }
      const windows = windowsOfPart(part, set.name, stream, settings.blockSize, settings.windows)
      return { ...windows, ...(set.intake && { intake: set.intake }) }
    },
    notes: [`a vocabulary of ${count} ${what}`],
  }
}
