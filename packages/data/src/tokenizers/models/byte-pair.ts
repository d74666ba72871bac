// Byte pair encoding: a word's bytes (GPT-2) or characters (Gemma) are merged in the order in which pairs were learned.
import { UserError } from '@ddlf/tensor/errors'
import { byteCharacters } from '../byte-alphabet.ts'
import { PairTable } from '../pair-table.ts'
import type { BytePairSettings } from '../tokenizer-json.ts'
import { mergePairs, type Merges, type Symbols } from './merge-pairs.ts'
import { byteTokens, unknownByte, unknownCharacter, type Model, type WordTokens } from './model.ts'

/** The two halves of a merge as a file writes it: `"t h"` or `["t", "h"]`. */
function halves(merge: string | readonly string[]): readonly [string, string] | undefined {
  if (typeof merge !== 'string') return merge.length === 2 ? (merge as readonly [string, string]) : undefined
  const blank = merge.indexOf(' ')
  return blank > 0 && merge.indexOf(' ', blank + 1) < 0 ? [merge.slice(0, blank), merge.slice(blank + 1)] : undefined
}

const badMerge = (merge: unknown, rank: number) =>
  new UserError({
    rule: 'A merge joins two tokens into one, and all three must be in the vocabulary.',
    received: `merge ${rank + 1}: ${JSON.stringify(merge)}`,
    next: 'Check the tokenizer file.',
  })

function readMerges(
  { merges, continuing_subword_prefix: prefix }: BytePairSettings,
  vocabulary: ReadonlyMap<string, number>,
): Merges {
  const ranks = new PairTable(merges.length)
  const made = new Int32Array(merges.length)
  for (const [rank, merge] of merges.entries()) {
    const pair = halves(merge)
    if (!pair) throw badMerge(merge, rank)
    const [left, right] = pair
    const a = vocabulary.get(left)
    const b = vocabulary.get(right)
    const joined = vocabulary.get(left + (prefix && right.startsWith(prefix) ? right.slice(prefix.length) : right))
    if (a === undefined || b === undefined || joined === undefined) throw badMerge(merge, rank)
    made[rank] = joined
    // Where a pair is listed twice, the last one counts.
    ranks.set(a, b, rank)
  }
  return { ranks, made }
}

/** Where each byte of a word's UTF-8 begins and ends, in code units; the bytes of one character share its place. */
function bytePlaces(word: string): { starts: number[]; ends: number[] } {
  const starts: number[] = []
  const ends: number[] = []
  let from = 0
  for (const character of word) {
    const point = character.codePointAt(0) ?? 0
    const bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    for (let k = 0; k < bytes; k++) {
      starts.push(from)
      ends.push(from + character.length)
    }
    from += character.length
  }
  return { starts, ends }
}

/** Symbols (which end at places of finer units) as tokens, whose places are code units. */
function placed(
  { ids, ends }: Symbols,
  places: { readonly starts: readonly number[]; readonly ends: readonly number[] } | undefined,
): WordTokens {
  const starts = ids.map((_, i) => (i === 0 ? 0 : (ends[i - 1] as number)))
  if (!places) return { ids, starts, ends }
  return {
    ids,
    starts: starts.map(place => places.starts[place] as number),
    ends: ends.map(place => places.ends[place - 1] as number),
  }
}

const utf8 = new TextEncoder()

/** BPE over the bytes of words. */
class ByteLevelPairs implements Model {
  readonly vocabulary: ReadonlyMap<string, number>
  readonly #merges: Merges
  readonly #idOfByte: readonly (number | undefined)[]
  readonly #wholeWords: boolean

  constructor(settings: BytePairSettings, vocabulary: ReadonlyMap<string, number>) {
    this.vocabulary = vocabulary
    this.#merges = readMerges(settings, vocabulary)
    this.#idOfByte = byteCharacters.map(character => vocabulary.get(character))
    this.#wholeWords = settings.ignore_merges === true
  }

  tokenize(word: string): WordTokens {
    return this.#tokens(word, utf8.encode(word))
  }

  #tokens(word: string, bytes: Uint8Array): WordTokens {
    if (this.#wholeWords) {
      let spelled = ''
      for (const byte of bytes) spelled += byteCharacters[byte] as string
      const whole = this.vocabulary.get(spelled)
      if (whole !== undefined) return { ids: [whole], starts: [0], ends: [word.length] }
    }
    const ids: number[] = []
    const ends: number[] = []
    for (let i = 0; i < bytes.length; i++) {
      const id = this.#idOfByte[bytes[i] as number]
      if (id === undefined) throw unknownByte(bytes[i] as number)
      ids.push(id)
      ends.push(i + 1)
    }
    const symbols = { ids, ends }
    mergePairs(symbols, this.#merges)
    return placed(symbols, bytes.length === word.length ? undefined : bytePlaces(word))
  }
}

/** BPE over the characters of words. */
class CharacterPairs implements Model {
  readonly vocabulary: ReadonlyMap<string, number>
  readonly #settings: BytePairSettings
  readonly #merges: Merges
  readonly #unknown: number | undefined

  constructor(settings: BytePairSettings, vocabulary: ReadonlyMap<string, number>) {
    this.vocabulary = vocabulary
    this.#settings = settings
    this.#merges = readMerges(settings, vocabulary)
    this.#unknown = settings.unk_token == null ? undefined : vocabulary.get(settings.unk_token)
  }

  tokenize(word: string): WordTokens {
    const whole = this.#settings.ignore_merges === true ? this.vocabulary.get(word) : undefined
    if (whole !== undefined) return { ids: [whole], starts: [0], ends: [word.length] }
    const { symbols, spread } = this.#spell(word)
    if (!spread) {
      mergePairs(symbols, this.#merges)
      return placed(symbols, undefined)
    }
    // The bytes of one character share its place: symbols are counted while they merge, and put in place after.
    const places = {
      starts: symbols.ends.map((_, i) => (symbols.ends[i - 1] === symbols.ends[i] ? -1 : (symbols.ends[i - 1] ?? 0))),
      ends: [...symbols.ends],
    }
    for (let i = 1; i < places.starts.length; i++)
      if (places.starts[i] === -1) places.starts[i] = places.starts[i - 1] as number
    const counted = { ids: symbols.ids, ends: symbols.ids.map((_, i) => i + 1) }
    mergePairs(counted, this.#merges)
    return placed(counted, places)
  }

  /** The word's characters as tokens; `spread` where one character became several. */
  #spell(word: string): { symbols: Symbols; spread: boolean } {
    const {
      continuing_subword_prefix: prefix,
      end_of_word_suffix: suffix,
      byte_fallback: fallback,
      fuse_unk: fuse,
    } = this.#settings
    const ids: number[] = []
    const ends: number[] = []
    let spread = false
    let place = 0
    let afterUnknown = false
    for (const character of word) {
      const first = place === 0
      place += character.length
      const id = this.vocabulary.get(
        `${prefix && !first ? prefix : ''}${character}${suffix && place === word.length ? suffix : ''}`,
      )
      const bytes = id === undefined && fallback === true ? byteTokens(character, this.vocabulary) : undefined
      if (id === undefined && bytes === undefined && this.#unknown === undefined)
        throw unknownCharacter(character, other => this.vocabulary.get(other) !== undefined)
      const unknown = id === undefined && bytes === undefined
      if (unknown && afterUnknown && fuse === true) ends[ends.length - 1] = place
      else {
        for (const one of bytes ?? [id ?? (this.#unknown as number)]) {
          ids.push(one)
          ends.push(place)
        }
      }
      spread ||= (bytes?.length ?? 1) > 1
      afterUnknown = unknown
    }
    return { symbols: { ids, ends }, spread }
  }
}

/**
 * A model of byte pair encoding. Sennrich et al. 2016; over bytes: Radford et al. 2019.
 * @param byteLevel whether the vocabulary spells bytes
 * @throws UserError for a merge of tokens that are not in the vocabulary
 */
export const bytePairModel = (
  settings: BytePairSettings,
  vocabulary: ReadonlyMap<string, number>,
  byteLevel: boolean,
): Model => (byteLevel ? new ByteLevelPairs(settings, vocabulary) : new CharacterPairs(settings, vocabulary))
