// Models without merges: whole words, WordPiece's longest pieces, and the most probable pieces of a unigram language
// model.
import { UserError } from '@ddlf/tensor/errors'
import type { UnigramSettings, WordLevelSettings, WordPieceSettings } from '../tokenizer-json.ts'
import { byteTokens, noUnknownToken, type Model, type WordTokens } from './model.ts'

/** Words as they stand; all others are the unknown token. */
export function wordLevelModel(settings: WordLevelSettings, vocabulary: ReadonlyMap<string, number>): Model {
  const unknown = vocabulary.get(settings.unk_token)
  return {
    vocabulary,
    tokenize: word => {
      const id = vocabulary.get(word) ?? unknown
      if (id === undefined) throw noUnknownToken(word)
      return { ids: [id], starts: [0], ends: [word.length] }
    },
  }
}

/**
 * The longest piece first, then the longest that goes on; a word that cannot be spelled to its end is one unknown
 * token.
 * Schuster and Nakajima 2012; as in BERT, Devlin et al. 2019.
 */
export function wordPieceModel(settings: WordPieceSettings, vocabulary: ReadonlyMap<string, number>): Model {
  const { continuing_subword_prefix: prefix, max_input_chars_per_word: most } = settings
  const longest = [...vocabulary.keys()].reduce((most, { length }) => Math.max(most, length), 0)
  const unknownWord = (word: string): WordTokens => {
    const unknown = vocabulary.get(settings.unk_token)
    if (unknown === undefined) throw noUnknownToken(word)
    return { ids: [unknown], starts: [0], ends: [word.length] }
  }
  const tokenize = (word: string): WordTokens => {
    if (word.length > most && Array.from(word).length > most) return unknownWord(word)
    const ids: number[] = []
    const starts: number[] = []
    const ends: number[] = []
    for (let from = 0; from < word.length;) {
      let to = Math.min(word.length, from + longest)
      let id: number | undefined
      for (; to > from; to--) {
        id = vocabulary.get((from > 0 ? prefix : '') + word.slice(from, to))
        if (id !== undefined) break
      }
      if (id === undefined) return unknownWord(word)
      ids.push(id)
      starts.push(from)
      ends.push(to)
      from = to
    }
    return { ids, starts, ends }
  }
  return { vocabulary, tokenize }
}

/** How much less probable than the rarest piece an unknown character is (SentencePiece). */
const UNKNOWN_PENALTY = 10

/**
 * The pieces with the greatest product of probabilities, found by Viterbi's algorithm. Kudo 2018.
 * @throws UserError where the place of the unknown piece lies outside the vocabulary
 */
export function unigramModel(settings: UnigramSettings, vocabulary: ReadonlyMap<string, number>): Model {
  const scores = settings.vocab.map(([, score]) => score)
  const unknown = settings.unk_id ?? undefined
  if (unknown !== undefined && unknown >= scores.length) {
    throw new UserError({
      rule: "'unk_id' must be a place in the vocabulary.",
      received: `${unknown} of ${scores.length}`,
      next: 'Check the tokenizer file.',
    })
  }
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY
  const longest = settings.vocab.reduce((most, [piece]) => Math.max(most, piece.length), 0)
  return { vocabulary, tokenize: word => spell(word, bestPath(word)) }

  /** For each place in the word, where the last piece of the best path to it begins, and its id (-1: unknown). */
  function bestPath(word: string): { from: Int32Array; id: Int32Array } {
    const from = new Int32Array(word.length + 1).fill(-1)
    const id = new Int32Array(word.length + 1)
    const best = new Float64Array(word.length + 1)
    const offer = (start: number, end: number, piece: number, score: number) => {
      const candidate = (best[start] as number) + score
      if (from[end] !== -1 && candidate <= (best[end] as number)) return
      best[end] = candidate
      from[end] = start
      id[end] = piece
    }
    for (let start = 0; start < word.length;) {
      const width = (word.codePointAt(start) ?? 0) > 0xffff ? 2 : 1
      let single = false
      for (let end = start + width; end <= Math.min(word.length, start + longest); end++) {
        const piece = vocabulary.get(word.slice(start, end))
        if (piece === undefined) continue
        offer(start, end, piece, scores[piece] as number)
        single ||= end === start + width
      }
      if (!single) offer(start, start + width, -1, unknownScore)
      start += width
    }
    return { from, id }
  }

  /** The path as tokens; unknown pieces side by side are one. */
  function spell(word: string, { from, id }: { from: Int32Array; id: Int32Array }): WordTokens {
    const pieces: { start: number; end: number; id: number }[] = []
    for (let end = word.length; end > 0; end = from[end] as number) {
      const start = from[end] as number
      const piece = id[end] as number
      const later = pieces.at(-1)
      if (later?.id === -1 && (piece === -1 || piece === unknown)) later.start = start
      else pieces.push({ start, end, id: piece === unknown ? -1 : piece })
    }
    pieces.reverse()
    const tokens = pieces.flatMap(({ start, end, id: piece }) => {
      if (piece !== -1) return [{ start, end, id: piece }]
      const text = word.slice(start, end)
      const bytes = settings.byte_fallback === true ? byteTokens(text, vocabulary) : undefined
      const ids = bytes ?? (unknown === undefined ? undefined : [unknown])
      if (ids === undefined) throw noUnknownToken(text)
      return ids.map(one => ({ start, end, id: one }))
    })
    return {
      ids: tokens.map(token => token.id),
      starts: tokens.map(({ start }) => start),
      ends: tokens.map(({ end }) => end),
    }
  }
}
