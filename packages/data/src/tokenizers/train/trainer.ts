// Tokenizers learned from texts: byte-level BPE, words, characters.
import { checkArgument, checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { AlignedText } from '../aligned-text.ts'
import { normalizing } from '../normalizers.ts'
import { GPT4_PATTERN, portablePattern } from '../portable-pattern.ts'
import { preTokenizing } from '../pre-tokenizers.ts'
import { tokenizerFromJson, type Tokenizer } from '../tokenizer.ts'
import type { PreTokenizerSettings } from '../tokenizer-json.ts'
import { trainBytePairs, type OnMerges } from './train-byte-pairs.ts'

/** The kinds of tokenizer that can be learned. */
export const trainedKinds = ['bpe', 'words', 'characters'] as const
export type TrainedKind = (typeof trainedKinds)[number]

export interface TrainerOptions {
  /** `bpe` over bytes (spells every text), `words`, or `characters`; default bpe. */
  readonly kind?: TrainedKind
  /** Most entries of the vocabulary, special tokens included; default 8192 for bpe, 30000 for words, all characters. */
  readonly vocabularySize?: number
  /** How often a pair, word or character must occur; default 2 for bpe and words, 1 for characters. */
  readonly minimumCount?: number
  /** How bpe cuts a text into words: by `gpt2`'s pattern, `gpt4`'s, or a regular expression; default gpt4. */
  readonly pattern?: string
  /**
   * Special tokens, which have the first ids; default `<|endoftext|>` for bpe, `<unk>` for words, none for
   * characters.
   */
  readonly specialTokens?: readonly string[]
  /**
   * For words and characters: the token for unknown ones, one of the special tokens. Default `<unk>` for words, none
   * for characters.
   */
  readonly unknownToken?: string
  /** For words: whether case is dropped; default false. */
  readonly lowercase?: boolean
}

/** Learns a tokenizer from texts that come one after the other. */
export interface TokenizerTrainer {
  /** Most entries of the vocabulary, special tokens included. */
  readonly vocabularySize: number
  /** How often a pair, word or character must occur. */
  readonly minimumCount: number
  /** How many words or characters have been seen that differ; for bpe, the words within which pairs are joined. */
  readonly distinct: number
  /** Counts what a text holds. No token will span two texts. */
  add(text: string): void
  /** @throws UserError where no text was added, or nothing of it occurs often enough for an entry */
  train(onProgress?: OnMerges): Tokenizer
}

const DEFAULTS: Readonly<
  Record<TrainedKind, { size: number; count: number; special: readonly string[]; unknown: string | undefined }>
> = {
  bpe: { size: 8192, count: 2, special: ['<|endoftext|>'], unknown: undefined },
  words: { size: 30_000, count: 2, special: ['<unk>'], unknown: '<unk>' },
  characters: { size: 2 ** 21, count: 1, special: [], unknown: undefined },
}

interface Plan {
  readonly size: number
  readonly count: number
  readonly special: readonly string[]
  readonly unknown: string | undefined
  readonly lowercase: boolean
}

const textsKind: Kind = {
  is: 'a list of texts',
  accepts: value => typeof value === 'object' && value !== null && Symbol.iterator in value,
}

const refuse = (rule: string, received: unknown, next: string) =>
  new UserError({ rule, received: String(received), next })

function plan(kind: TrainedKind, options: TrainerOptions): Plan {
  const defaults = DEFAULTS[kind]
  const unknown = options.unknownToken ?? defaults.unknown
  const given = options.specialTokens ?? defaults.special
  const special = [...new Set(unknown === undefined || given.includes(unknown) ? given : [...given, unknown])]
  const { vocabularySize: size = defaults.size, minimumCount: count = defaults.count } = options
  const least = special.length + (kind === 'bpe' ? 256 : 1)
  if (!(Number.isInteger(size) && size >= least && size <= 2 ** 21)) {
    throw refuse(
      `The vocabulary must be a whole number of entries, ${least} .. ` +
      `2097152${kind === 'bpe' ? ': the 256 bytes and the special tokens need their own' : ''}.`,
      size,
      'Choose a larger vocabulary, such as 8192.',
    )
  }
  if (!(Number.isInteger(count) && count >= 1))
    throw refuse('The minimum count must be a whole number from 1 on.', count, 'Use 1 to keep everything.')
  if (special.includes('')) throw refuse('A special token needs a name.', "''", "Name it, for example '<|endoftext|>'.")
  if (kind === 'bpe' && options.unknownToken !== undefined)
    throw refuse(
      'A tokenizer of bytes knows every text and needs no token for unknown ones.',
      options.unknownToken,
      'Leave unknownToken out.',
    )
  return { size, count, special, unknown, lowercase: options.lowercase ?? false }
}

const addedTokens = (special: readonly string[]) =>
  special.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))

const vocabularyOf = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]))

const fileOf = (special: readonly string[], parts: object) => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: addedTokens(special),
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  ...parts,
})

/** Code units order surrogates before U+E000 .. U+FFFF; code points do not. */
function byCodePoints(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.codePointAt(i) as number, b.codePointAt(i) as number]
    if (x !== y) return x - y
  }
  return a.length - b.length
}

/** The error for texts of which nothing gets an entry. */
function nothingFrequent(what: string, counts: ReadonlyMap<string, number>, count: number): UserError {
  let most: readonly [string, number] = ['', 0]
  for (const one of counts) if (one[1] > most[1]) most = one
  return refuse(
    `A tokenizer of ${what}s needs a ${what} that occurs at least ${count} times.`,
    `texts in which ${JSON.stringify(most[0])} occurs most often: ${most[1]} times`,
    `Choose a minimum count of at most ${most[1]}.`,
  )
}

/**
 * What occurs often enough: the most frequent first, of equally frequent ones in the order of their code points.
 * @throws UserError where nothing does
 */
function frequent(what: string, counts: ReadonlyMap<string, number>, { size, count, special }: Plan): string[] {
  const kept = [...counts].filter(([token, times]) => times >= count && !special.includes(token))
  if (kept.length === 0) throw nothingFrequent(what, counts, count)
  kept.sort(([a, x], [b, y]) => y - x || byCodePoints(a, b))
  return kept.slice(0, size - special.length).map(([token]) => token)
}

/** The pre-tokenizer of a file, and the cut that it is. */
function bpeCut(pattern: string): { readonly settings: object; readonly cut: readonly PreTokenizerSettings[] } {
  if (pattern === 'gpt2') {
    const bytes = { type: 'ByteLevel' as const, add_prefix_space: false, trim_offsets: true, use_regex: true }
    return { settings: bytes, cut: [bytes] }
  }
  const split = {
    type: 'Split' as const,
    pattern: { Regex: pattern === 'gpt4' ? GPT4_PATTERN : pattern },
    behavior: 'Isolated' as const,
    invert: false,
  }
  const bytes = { type: 'ByteLevel' as const, add_prefix_space: false, trim_offsets: true, use_regex: false }
  portablePattern(split.pattern.Regex)
  return { settings: { type: 'Sequence', pretokenizers: [split, bytes] }, cut: [split] }
}

function addCount(counts: Map<string, number>, token: string): void {
  counts.set(token, (counts.get(token) ?? 0) + 1)
}

interface Learning {
  readonly cut: (text: string, counts: Map<string, number>) => void
  readonly file: (counts: ReadonlyMap<string, number>, onProgress: OnMerges | undefined) => object
}

function learnBpe(given: Plan, pattern: string): Learning {
  const { settings, cut } = bpeCut(pattern)
  const words = preTokenizing(cut)
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
  return {
    cut: (text, counts) => {
      words(new AlignedText(text), true, word => {
        addCount(counts, word.text)
      })
    },
    file: (counts, onProgress) => {
      const { tokens, merges } = trainBytePairs(counts, given.size - given.special.length, given.count, onProgress)
      const model = {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: vocabularyOf([...given.special, ...tokens]),
        merges,
      }
      return fileOf(given.special, { pre_tokenizer: settings, post_processor: bytes, decoder: bytes, model })
    },
  }
}

function learnWords(given: Plan): Learning {
  const words = preTokenizing([{ type: 'Whitespace' }])
  // As the file will read texts: a whole text in lower case would end Greek words otherwise.
  const normalize = normalizing(given.lowercase ? [{ type: 'Lowercase' }] : [])
  return {
    cut: (text, counts) => {
      words(normalize(new AlignedText(text)), true, word => {
        addCount(counts, word.text)
      })
    },
    file: counts =>
      fileOf(given.special, {
        normalizer: given.lowercase ? { type: 'Lowercase' } : null,
        pre_tokenizer: { type: 'Whitespace' },
        model: {
          type: 'WordLevel',
          vocab: vocabularyOf([...given.special, ...frequent('word', counts, given)]),
          unk_token: given.unknown ?? '<unk>',
        },
      }),
  }
}

/** A file whose tokens are special ones and single characters. */
function characterFile(special: readonly string[], characters: readonly string[], unknown?: string): object {
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: unknown ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: vocabularyOf([...special, ...characters]),
    merges: [],
  }
  return fileOf(special, { decoder: { type: 'Fuse' }, model })
}

function learnCharacters(given: Plan): Learning {
  return {
    cut: (text, counts) => {
      for (const character of text) addCount(counts, character)
    },
    // By code point, so that ids do not depend on how often a character occurs.
    file: counts =>
      characterFile(given.special, frequent('character', counts, given).sort(byCodePoints), given.unknown),
  }
}

/**
 * A tokenizer of characters that are known beforehand.
 * @param alphabet the characters in the order of their ids
 * @throws UserError where there are none, or one stands there twice
 */
export function characterTokenizer(alphabet: string): Tokenizer {
  const characters = Array.from(alphabet)
  const twice = characters.find((character, i) => characters.indexOf(character) !== i)
  if (characters.length === 0 || twice !== undefined) {
    const received = twice === undefined ? 'none' : `${JSON.stringify(twice)} twice`
    throw refuse('An alphabet lists each of its characters once.', received, 'List them in the order of their ids.')
  }
  return tokenizerFromJson(characterFile([], characters), 'The alphabet')
}

/**
 * Learns a tokenizer from texts.
 * @throws UserError for options that do not go together
 */
export function tokenizerTrainer(options: TrainerOptions = {}): TokenizerTrainer {
  const { kind = 'bpe', pattern } = checkOptions('tokenizerTrainer', options, {
    kind: kinds.text, vocabularySize: kinds.number, minimumCount: kinds.number, pattern: kinds.text,
    specialTokens: kinds.listOf(kinds.text, 'texts'), unknownToken: kinds.text, lowercase: kinds.flag,
  })
  if (!trainedKinds.includes(kind))
    throw refuse(`A tokenizer is one of ${trainedKinds.join(', ')}.`, kind, 'Choose one of them.')
  const given = plan(kind, options)
  if (pattern !== undefined && kind !== 'bpe')
    throw refuse('Only bpe cuts by a pattern.', `${kind} with the pattern ${pattern}`, 'Leave the pattern out.')
  if (options.lowercase === true && kind !== 'words')
    throw refuse('Only words drop case.', `${kind} with lowercase`, 'Leave it out.')
  const learning =
    kind === 'bpe' ? learnBpe(given, pattern ?? 'gpt4') : kind === 'words' ? learnWords(given) : learnCharacters(given)
  const counts = new Map<string, number>()
  let isBlank = false
  return {
    vocabularySize: given.size,
    minimumCount: given.count,
    get distinct() {
      return counts.size
    },
    add: text => {
      checkArgument('tokenizerTrainer', 'a text', text, kinds.text)
      isBlank ||= text !== ''
      learning.cut(text, counts)
    },
    train: onProgress => {
      if (counts.size === 0) {
        const received = `nothing but ${isBlank ? 'blanks' : 'empty text'}`
        throw refuse('A tokenizer is learned from text.', received, 'Give it a text.')
      }
      return tokenizerFromJson(learning.file(counts, onProgress), 'The trained tokenizer')
    },
  }
}

/** Learns a tokenizer from texts that are all there. @throws UserError where they hold nothing */
export function trainTokenizer(texts: Iterable<string>, options: TrainerOptions = {}): Tokenizer {
  const trainer = tokenizerTrainer(options)
  // A string is a list of its characters, which would all be texts.
  checkArgument('trainTokenizer', 'the texts', texts, textsKind, 'Write trainTokenizer([text]).')
  for (const text of texts) trainer.add(text)
  return trainer.train()
}
