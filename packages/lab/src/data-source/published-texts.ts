// Published texts with labels as lists of words: a vocabulary counted in the training part, runs of words, folds.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { datasetCard, foldIndices, foldSize, raggedColumn, subset, type Dataset } from '@ddlf/data'
import { z } from 'zod'
import { fnv1a, words, WORDS_IN_WORDS } from '../own-data/hashed-tokens.ts'
import type { DataIo, DataPart, DataSource } from './data-source.ts'

/** The sets of labelled texts that may be read by their words. */
export const TEXT_SETS = ['spam-assassin', 'mr', 'sst2', 'trec', 'imdb'] as const

/** Into how many parts a set without a test part is divided. */
const FOLDS = 10

/** Settings of an experiment on published texts, to be spread into its own. */
export const textSettings = {
  texts: z.enum(TEXT_SETS).default('spam-assassin').describe('published set of texts that is learned from'),
  testedOn: z
    .enum(['', ...TEXT_SETS])
    .default('')
    .describe('another set, with the same classes, that has the last word; empty: the test part of texts'),
  fold: z
    .number()
    .int()
    .min(-1)
    .max(FOLDS - 1)
    .default(-1)
    .describe('of a set without test part, the tenth that is held out; -1: by the seed, seed 1 the first'),
  splitSeed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('decides which texts are in which fold'),
  mail: z.enum(['read', 'whole']).default('read').describe('of a mail, what is read (subject and body), or all of it'),
  ngrams: z.number().int().min(1).max(5).default(1).describe('longest run of words that is a token of its own'),
  minCount: z.number().int().min(1).default(1).describe('times that a token stands in what is learned from, at least'),
  vocabularySize: z.number().int().min(0).default(0).describe('most frequent tokens that are known; 0: all'),
  buckets: z
    .number()
    .int()
    .min(0)
    .max(5_000_000)
    .default(0)
    .describe('numbers that runs of words are hashed to; 0: they are counted and known as words are'),
  maxTokens: z.number().int().min(1).max(100_000).default(20_000).describe('words that are read of a text'),
  keep: z.enum(['first', 'last']).default('first').describe('which of them, where a text has more'),
  cut: z.enum(['blanks', 'letters']).default('blanks').describe('words end at blanks and marks, or at all but letters'),
  repeats: z
    .enum(['count', 'once', 'both'])
    .default('count')
    .describe('whether a token counts as often as it stands there, once, or once beside how often that is'),
  vocabulary: z.number().int().min(0).default(0).describe('tokens that there are; found in the texts'),
}

/** What the source reads of the settings. */
export type TextSettings = { readonly [Name in keyof typeof textSettings]: z.infer<(typeof textSettings)[Name]> } & {
  readonly seed: number
}

/** The artifact that holds the words of a run, the most frequent first. */
export const vocabularyArtifact = 'vocabulary.json'

/** What {@link publishedTexts} is told. */
export interface PublishedTextsOptions {
  /**
   * Whether words that the vocabulary does not know are one token of their own, so that what stands beside them stays
   * where it is; default false, they are left out.
   */
  readonly others?: boolean
}

/** Subject and body of a mail, without the way that it took. */
function readOfMail(mail: string): string {
  const end = /\r?\n\r?\n/.exec(mail)
  const head = end ? mail.slice(0, end.index) : ''
  const subject = /^Subject:(.*(?:\r?\n[ \t].*)*)/im.exec(head)?.[1] ?? ''
  return end ? `${subject}\n${mail.slice(end.index + end[0].length)}` : mail
}

/** Marks that stand for themselves; everything else is cut at blanks, so that 8/10 and well-made are one word each. */
const MARKS = /[.",()!?;:]/g

/**
 * The words of a text that are read, in small letters: reviews without their line breaks, mails as the settings say.
 * Source: the code of Mesnil et al., "Ensemble of generative and discriminative techniques for sentiment analysis of
 * movie reviews", 2015.
 */
export function wordsOf(text: string, { texts, mail, maxTokens, keep, cut }: TextSettings): string[] {
  const plain = texts === 'spam-assassin' && mail === 'read' ? readOfMail(text) : text
  const lines = plain.replaceAll('<br />', ' ')
  const spaced = () => lines.toLowerCase().replace(MARKS, ' $& ').split(/\s+/).filter(word => word !== '')
  const all = cut === 'letters' ? words(lines) : spaced()
  return keep === 'first' ? all.slice(0, maxTokens) : all.slice(-maxTokens)
}

/** Runs of so many words. */
const runsOf = (list: readonly string[], n: number): string[] =>
  Array.from({ length: Math.max(0, list.length - n + 1) }, (_, i) => list.slice(i, i + n).join(' '))

/** The longest runs that are looked up: those beyond are hashed. */
const knownRuns = ({ ngrams, buckets }: TextSettings) => (buckets > 0 ? 1 : ngrams)

/** The words and runs of words of texts, the most frequent first. */
export function countVocabulary(texts: readonly string[], settings: TextSettings): string[] {
  const counts = new Map<string, number>()
  for (const text of texts) {
    const list = wordsOf(text, settings)
    for (let n = 1; n <= knownRuns(settings); n++)
      for (const run of runsOf(list, n)) counts.set(run, (counts.get(run) ?? 0) + 1)
  }
  const known = [...counts].filter(([, count]) => count >= settings.minCount)
  known.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return known.slice(0, settings.vocabularySize || known.length).map(([run]) => run)
}

/** Turns texts into numbers: 0 fills up, 1 is any other word where those count, then the vocabulary, then buckets. */
export function textEncoder(vocabulary: readonly string[], settings: TextSettings, others: boolean) {
  const first = others ? 2 : 1
  const numbers = new Map(vocabulary.map((word, i) => [word, first + i]))
  const { buckets, ngrams, repeats } = settings
  return {
    /** The largest number. */
    size: first - 1 + vocabulary.length + buckets,
    encode: (text: string): Int32Array => {
      const list = wordsOf(text, settings)
      const tokens: number[] = []
      for (let n = 1; n <= knownRuns(settings); n++) {
        for (const run of runsOf(list, n)) {
          const number = numbers.get(run) ?? (others && n === 1 ? 1 : 0)
          if (number > 0) tokens.push(number)
        }
      }
      for (let n = 2; buckets > 0 && n <= ngrams; n++)
        for (const run of runsOf(list, n)) tokens.push(first + vocabulary.length + (fnv1a(run) % buckets))
      // Something stands even in an empty text, so that no attention is without a key.
      if (others && tokens.length === 0) tokens.push(1)
      return Int32Array.from(repeats === 'count' ? tokens : new Set(tokens))
    },
  }
}

/** What {@link wordsOf} and {@link textEncoder} do, in words. */
function encodingInWords(known: number, settings: TextSettings, others: boolean): string {
  const { texts, mail, cut, keep, maxTokens, ngrams, buckets, repeats } = settings
  const first = others ? 2 : 1
  const marks = 'small letters, the marks . " , ( ) ! ? ; : as words of their own, cut at blanks'
  return [
    ...(texts === 'spam-assassin' && mail === 'read' ? ['subject and body of a mail'] : []),
    `<br /> read as a blank, ${cut === 'letters' ? WORDS_IN_WORDS : marks}`,
    `the ${keep} ${maxTokens} words`,
    `entry i of ${vocabularyArtifact}, from 0, is token ${first} + i`,
    others ? '1 any word that does not stand there' : 'words that do not stand there left out',
    ...(knownRuns(settings) > 1 ? [`after them runs of 2 to ${ngrams} words, joined by a blank, likewise`] : []),
    ...(buckets > 0 && ngrams > 1
      ? [`after them runs of 2 to ${ngrams} words, joined by a blank, each ${first + known} + FNV-1a (32 bit, over ` +
        `UTF-8) modulo ${buckets}`]
      : []),
    ...(repeats === 'count' ? [] : ['each token once']),
    'filled up with 0',
  ].join('; ')
}

/** The one split of a set that has no test part. */
const isWhole = (id: string) => datasetCard(id).splits.length === 1

/** The fold that is held out. */
const foldOf = ({ fold, seed }: TextSettings) => (fold >= 0 ? fold : (seed + FOLDS - 1) % FOLDS)

/** The texts of a part. */
async function partOf(part: DataPart, settings: TextSettings, io: DataIo): Promise<Dataset> {
  const { texts, testedOn, splitSeed: seed } = settings
  const isOther = part === 'test' && testedOn !== '' && testedOn !== texts
  const id = isOther ? testedOn : texts
  if (isOther) requireSameClasses(texts, testedOn)
  if (!isWhole(id)) return io.dataset(id, part)
  const all = await io.dataset(id, 'all')
  if (isOther) return all
  const parts = foldIndices(all, { folds: FOLDS, seed, stratifyBy: 'labels' })
  const fold = foldOf(settings)
  const held = parts[fold] as Int32Array
  if (part === 'test') return { ...subset(all, held), name: `${id}/fold ${fold}` }
  const others = Int32Array.from(parts.filter(one => one !== held).flatMap(one => [...one])).sort()
  return { ...subset(all, others), name: `${id}/without fold ${fold}` }
}

function requireSameClasses(texts: string, testedOn: string): void {
  const [learned = [], asked = []] = [texts, testedOn].map(id => datasetCard(id).classes ?? [])
  if (learned.join() === asked.join()) return
  throw new UserError({
    rule: 'A model that is tested on another set must tell the same classes apart.',
    received: `${texts} with ${learned.join(', ')}, and ${testedOn} with ${asked.join(', ')}`,
    next: 'Choose two of mr, sst2 and imdb.',
  })
}

/** Each token of a text once, and how often it stands there. */
function onceAndCounts(texts: readonly Int32Array[]): Record<'tokens' | 'counts', Int32Array[]> {
  const counted = texts.map(tokens => {
    const counts = new Map<number, number>()
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
    return counts
  })
  return {
    tokens: counted.map(counts => Int32Array.from(counts.keys())),
    counts: counted.map(counts => Int32Array.from(counts.values())),
  }
}

/** Tokens of the longest text: its words and its runs of words. */
const lengthOf = ({ maxTokens, ngrams }: TextSettings) => maxTokens * ngrams

/** Training examples, as the card of the set and the fold say. */
function examplesOf({ texts, ...settings }: TextSettings): number {
  const { splits } = datasetCard(texts)
  const examples = (splits.find(({ name }) => name === 'train') ?? splits[0])?.examples ?? 0
  return isWhole(texts) ? examples - foldSize(examples, FOLDS, foldOf({ texts, ...settings })) : examples
}

/**
 * Published texts with labels as a list of numbers each: columns `tokens`, int32 of as many as the text has, `counts`
 * of how often each stands there where `repeats` is both, and `labels`. The vocabulary is counted in the part that is
 * learned from, and kept by the run. A set without a test part is divided into ten folds, and the seed says which is
 * held out: ten seeds are a cross-validation.
 * @example
 * publishedTexts({ others: true })
 */
export function publishedTexts(options: PublishedTextsOptions = {}): DataSource<TextSettings> {
  const { others = false } = checkOptions('publishedTexts', options, ['others'])
  const vocabularyOf = async (settings: TextSettings, io: DataIo) => {
    const count = async () => {
      const { text } = await partOf('train', settings, io)
      return JSON.stringify(countVocabulary(text?.['text'] ?? [], settings))
    }
    return JSON.parse(await io.artifact(vocabularyArtifact, count)) as string[]
  }
  return {
    name: 'published texts',
    parts: ['train', 'test'],
    decides: ['texts', 'testedOn', 'fold', 'splitSeed'],
    form: settings => {
      const { classes } = datasetCard(settings.texts)
      return {
        columns: {
          tokens: { dtype: 'int32', shape: [lengthOf(settings)] },
          labels: { dtype: 'int32', shape: [] },
        },
        ...(classes && { classes }),
        examples: examplesOf(settings),
        ...(settings.vocabulary > 0 && { vocabulary: settings.vocabulary }),
      }
    },
    async settle(settings, io) {
      const known = await vocabularyOf(settings, io)
      if (known.length > 0 || (settings.buckets > 0 && settings.ngrams > 1))
        return { vocabulary: textEncoder(known, settings, others).size }
      const { minCount } = settings
      throw new UserError({
        rule: `No word stands ${minCount === 1 ? 'once' : `${minCount} times`} in the training texts.`,
        received: `minCount=${minCount}`,
        next: 'Give a smaller one, for example --set minCount=2, or minCount=1 for all words.',
      })
    },
    textForm(settings, artifact) {
      const known = JSON.parse(artifact(vocabularyArtifact) ?? '[]') as string[]
      const { encode } = textEncoder(known, settings, others)
      const read = (text: string) => {
        const data = new Int32Array(lengthOf(settings))
        data.set(encode(text).subarray(0, data.length))
        return data
      }
      return Promise.resolve({
        read, counts: 'words and word groups', told: encodingInWords(known.length, settings, others),
      })
    },
    async load(part, settings, io) {
      const every = settings.repeats === 'both' ? { ...settings, repeats: 'count' as const } : settings
      const { encode } = textEncoder(await vocabularyOf(settings, io), every, others)
      const { columns: { labels }, text, ...set } = await partOf(part, settings, io)
      const shared = io.shared && part === 'train'
      const read = (text?.['text'] ?? []).map(encode)
      const column = (values: readonly Int32Array[]) => raggedColumn('int32', values, { shared })
      const columns = settings.repeats === 'both' ? onceAndCounts(read) : { tokens: read }
      const made = Object.entries(columns).map(([name, values]) => [name, column(values)] as const)
      return { ...set, columns: { ...Object.fromEntries(made), ...(labels && { labels }) }, ...(text && { text }) }
    },
  }
}
