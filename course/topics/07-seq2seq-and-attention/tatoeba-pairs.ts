// Tatoeba's sentences as two examples of Keras cut them: by characters, filled up with blanks that count, and by words
// without punctuation, filled up with what is masked.
import type { Dataset } from '@ddlf/data'
import { PAIR_TOKENS, type DataIo, type DataPart, type DataSource, type TextForm } from '@ddlf/lab/experiments'
import { UserError } from '@ddlf/tensor'
import { permutation, randomKey } from '@ddlf/tensor/random'

/** What both languages are cut into, in the order of their tokens. */
interface Units {
  readonly source: readonly string[]
  readonly target: readonly string[]
}

/** How a set of sentences becomes tokens. */
interface Cut {
  /** Places of a source and of a target. */
  readonly places: { readonly source: number; readonly target: number }
  /** The tokens of the first unit of each side, and what fills up. */
  readonly first: { readonly source: number; readonly target: number }
  readonly fill: { readonly source: number; readonly target: number }
  /** What is not in the vocabulary; undefined: nothing is not. */
  readonly unknown: { readonly source?: number; readonly target?: number }
  readonly between: string
  readonly unitsOf: (text: string, side: keyof Units) => readonly string[]
  readonly told: string
}

const SPECIAL = Object.keys(PAIR_TOKENS).length
const ARTIFACT = 'vocabulary.json'

const utf8 = new TextEncoder()
const bytesOf = (text: string): string => String.fromCharCode(...utf8.encode(text))

const writingOf = ({ target }: Units, { between, first }: Cut) =>
  ({ pieces: [...new Array<string>(first.target).fill(''), ...target.map(bytesOf)], between })

const numbersOf = (units: readonly string[], first: number) => new Map(units.map((unit, i) => [unit, first + i]))

/** Pairs as numbers, one row of a fixed number of places each. */
function encoded(name: string, pairs: readonly (readonly [string, string])[], units: Units, cut: Cut): Dataset {
  const [sources, targets] = [numbersOf(units.source, cut.first.source), numbersOf(units.target, cut.first.target)]
  const { places, fill, unknown } = cut
  const source = new Int32Array(pairs.length * places.source).fill(fill.source)
  const target = new Int32Array(pairs.length * places.target).fill(fill.target)
  const right = pairs.map(([read, written], i) => {
    const words = cut.unitsOf(written, 'target')
    const tokens = words.map(unit => targets.get(unit) ?? unknown.target ?? 0)
    source.set(
      cut.unitsOf(read, 'source').slice(0, places.source).map(unit => sources.get(unit) ?? unknown.source ?? 0),
      i * places.source,
    )
    target.set([...tokens, PAIR_TOKENS.end].slice(0, places.target), i * places.target)
    return words.join(cut.between)
  })
  return {
    name,
    length: pairs.length,
    columns: {
      source: { dtype: 'int32', shape: [places.source], data: source },
      target: { dtype: 'int32', shape: [places.target], data: target },
    },
    text: { source: pairs.map(([read]) => read), target: right },
    writing: writingOf(units, cut),
  }
}

/** How a sentence of the user's is read, and how an answer is written. */
function formOf(artifact: (name: string) => string | undefined, cut: Cut): TextForm {
  const kept = artifact(ARTIFACT)
  if (kept === undefined) {
    throw new UserError({
      rule: 'A model of pairs is asked with the vocabulary that its run keeps.',
      received: `a run without ${ARTIFACT}`,
      next: 'Train it anew.',
    })
  }
  const units = JSON.parse(kept) as Units
  const sources = numbersOf(units.source, cut.first.source)
  const { places, fill, unknown } = cut
  return {
    counts: 'tokens',
    told: cut.told,
    writing: writingOf(units, cut),
    read(text) {
      const found = cut.unitsOf(text, 'source')
      const strange = found.find(unit => !sources.has(unit))
      if (found.length === 0 || found.length > places.source) {
        throw new UserError({
          rule: `The model reads 1 to ${places.source} tokens of a source.`,
          received: `${found.length} in ${JSON.stringify(text.slice(0, 60))}`,
          next: found.length === 0 ? 'Write a sentence.' : 'Shorten it.',
        })
      }
      if (strange !== undefined && unknown.source === undefined) {
        throw new UserError({
          rule: 'The model was never shown some characters of the text.',
          received: `${JSON.stringify(strange)} in ${JSON.stringify(text.slice(0, 60))}`,
          next: 'Write it without them.',
        })
      }
      const data = new Int32Array(places.source).fill(fill.source)
      data.set(found.map(unit => sources.get(unit) ?? unknown.source ?? 0))
      return data
    },
  }
}

async function pairsOf(id: string, io: DataIo): Promise<(readonly [string, string])[]> {
  const { text } = await io.dataset(id, 'all')
  const targets = text?.['target'] ?? []
  return (text?.['source'] ?? []).map((source, i) => [source, targets[i] ?? ''] as const)
}

/** Settings of sentences by characters. */
export interface CharacterSettings {
  readonly pairs: number
  /** Places of a source, and of a target with its end and one blank. */
  readonly longestSource: number
  readonly longest: number
  readonly sourceVocabulary: number
  readonly vocabulary: number
}

/** Targets know all their characters, so that the first one takes the place of the unknown. */
const FIRST_CHARACTER = PAIR_TOKENS.unknown

/** A blank is the first character of both languages, and fills up. */
const charactersOf = ({ longestSource, longest }: CharacterSettings): Cut => ({
  places: { source: longestSource, target: longest },
  first: { source: 0, target: FIRST_CHARACTER },
  fill: { source: 0, target: FIRST_CHARACTER },
  unknown: {},
  between: '',
  unitsOf: text => Array.from(text),
  told: `source cut into characters; entry i of the sources in ${ARTIFACT}, from 0, is token i, filled up with the ` +
    `first, a blank; entry i of the targets is token ${FIRST_CHARACTER} + i, ${PAIR_TOKENS.end} ends them`,
})

/** Which pairs of the file, the shortest first, belong to a part: the last fifth judges. */
const LEARNED = 0.8

const symbolsOf = (texts: readonly string[]): string[] =>
  [...new Set([' ', ...texts.flatMap(one => Array.from(one))])].sort()

async function characterUnits({ pairs }: CharacterSettings, io: DataIo): Promise<Units> {
  const made = io.artifact(ARTIFACT, async () => {
    const found = (await pairsOf('tatoeba-fra', io)).slice(0, pairs)
    // Of all pairs, those that judge included, as on the page.
    return JSON.stringify({
      source: symbolsOf(found.map(([source]) => source)), target: symbolsOf(found.map(([, target]) => target)),
    })
  })
  return JSON.parse(await made) as Units
}

/** @throws UserError where a sentence has more characters than places: its end would be cut off unseen */
function requireRoom(pairs: readonly (readonly [string, string])[], { longestSource, longest }: CharacterSettings) {
  const most = (side: 0 | 1) => pairs.reduce((largest, pair) => Math.max(largest, Array.from(pair[side]).length), 0)
  const [read, written] = [most(0), most(1)]
  if (read <= longestSource && written < longest) return
  throw new UserError({
    rule: `The first ${pairs.length} pairs have sentences with more characters than there are places.`,
    received: `a source of ${read}, longestSource=${longestSource}; a target of ${written}, longest=${longest}, ` +
      'which counts the end too',
    next: `Take fewer pairs, or --set longestSource=${Math.max(read, longestSource)} ` +
      `--set longest=${Math.max(written + 1, longest)}`,
  })
}

/** The first English sentences with their French ones, character by character. */
export const characterPairs: DataSource<CharacterSettings> = {
  name: 'tatoeba-fra',
  parts: ['train', 'validation'],
  decides: ['pairs'],
  form: ({ longestSource, longest, vocabulary, pairs }) => ({
    columns: {
      source: { dtype: 'int32', shape: [longestSource] }, target: { dtype: 'int32', shape: [longest] },
    },
    examples: Math.round(LEARNED * pairs),
    ...(vocabulary > 0 && { vocabulary }),
  }),
  async settle(settings, io) {
    const { source, target } = await characterUnits(settings, io)
    return { sourceVocabulary: source.length, vocabulary: FIRST_CHARACTER + target.length }
  },
  async load(part: DataPart, settings, io) {
    const units = await characterUnits(settings, io)
    const all = (await pairsOf('tatoeba-fra', io)).slice(0, settings.pairs)
    requireRoom(all, settings)
    const cut = Math.round(LEARNED * all.length)
    const own = part === 'train' ? all.slice(0, cut) : all.slice(cut)
    return encoded(`tatoeba-fra/${part}`, own, units, charactersOf(settings))
  },
  textForm: (settings, artifact) => Promise.resolve(formOf(artifact, charactersOf(settings))),
}

/** Settings of sentences by words. */
export interface WordSettings {
  /** Places of a source, and of a target with its end. */
  readonly longest: number
  /** Words of each language, the marks included. */
  readonly vocabulary: number
  readonly splitSeed: number
}

const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g
/** Spanish keeps its brackets, in which the page writes beginning and end, and its opening exclamation mark. */
const SPANISH_PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@\\^_`{|}~'¿]/g

/** Small letters, without punctuation, cut at blanks; letters with accents stay as they are, as in TensorFlow. */
const wordsOf = (text: string, side: keyof Units): string[] =>
  text
    .replace(/[A-Z]/g, letter => letter.toLowerCase())
    .replace(side === 'source' ? PUNCTUATION : SPANISH_PUNCTUATION, '')
    .split(/[ \t\n\v\f\r]+/)
    .filter(Boolean)

/** Tokens of a source: 0 fills up, 1 is unknown, words from 2. */
const FIRST_WORD = 2
const cutIntoWords = ({ longest }: WordSettings): Cut => ({
  places: { source: longest, target: longest },
  first: { source: FIRST_WORD, target: SPECIAL },
  fill: { source: PAIR_TOKENS.padding, target: PAIR_TOKENS.padding },
  unknown: { source: 1, target: PAIR_TOKENS.unknown },
  between: ' ',
  unitsOf: wordsOf,
  told: `small letters without punctuation, cut at blanks; entry i of the sources in ${ARTIFACT}, from 0, is token ` +
    `${FIRST_WORD} + i, 1 the unknown, filled up with 0; entry i of the targets is token ${SPECIAL} + i, ` +
    `${PAIR_TOKENS.end} ends them`,
})

/** The most frequent words first. */
function frequent(texts: readonly string[], side: keyof Units, most: number): string[] {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of wordsOf(text, side)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, most).map(([word]) => word)
}

/** Shares of the pairs: 15 % choose, as many are shown at the end, the rest is learned from. */
const HELD = 0.15

async function wordsIn(part: DataPart, { splitSeed }: WordSettings, io: DataIo) {
  const all = await pairsOf('tatoeba-spa', io)
  const held = Math.floor(HELD * all.length)
  const learned = all.length - 2 * held
  const order = permutation(randomKey(splitSeed, 'pairs'), all.length)
  const own = part === 'train' ? order.slice(0, learned) : order.slice(learned, learned + held)
  return Array.from(own, place => all[place] as readonly [string, string])
}

/** English sentences with their Spanish ones, word by word. */
export const wordPairs: DataSource<WordSettings> = {
  name: 'tatoeba-spa',
  parts: ['train', 'validation'],
  decides: ['splitSeed'],
  form: ({ longest, vocabulary }) => ({
    columns: { source: { dtype: 'int32', shape: [longest] }, target: { dtype: 'int32', shape: [longest] } },
    vocabulary,
  }),
  async load(part, settings, io) {
    const own = await wordsIn(part, settings, io)
    const made = io.artifact(ARTIFACT, async () => {
      const learned = part === 'train' ? own : await wordsIn('train', settings, io)
      const { vocabulary } = settings
      return JSON.stringify({
        source: frequent(learned.map(([source]) => source), 'source', vocabulary - FIRST_WORD),
        target: frequent(learned.map(([, target]) => target), 'target', vocabulary - SPECIAL),
      })
    })
    return encoded(`tatoeba-spa/${part}`, own, JSON.parse(await made) as Units, cutIntoWords(settings))
  },
  textForm: (settings, artifact) => Promise.resolve(formOf(artifact, cutIntoWords(settings))),
}
