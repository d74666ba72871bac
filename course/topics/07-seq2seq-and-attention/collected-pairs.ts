// Pairs that were collected: words with their sounds, and captions in two languages.
import type { DataIo, DataPart, PairTexts } from '@ddlf/lab/experiments'
import { permutation, randomKey } from '@ddlf/tensor/random'

/** Shares of the words that are learned from, and that choose between settings; the rest is the test part. */
const [LEARNED, CHOSEN] = [0.85, 0.05]

/** Settings of words with their sounds. */
export interface SoundSettings {
  readonly dictionary: 'cmudict' | 'cmudict-stdlib'
  /** Whether vowels keep the numbers that say how they are stressed. */
  readonly stress: boolean
  readonly splitSeed: number
}

/**
 * Words of letters and apostrophes with all their pronunciations. All pronunciations of a word are in one part: 85 % of
 * the words are learned from, 5 % choose, 10 % have the last word.
 */
export async function soundPairs(
  part: DataPart, { dictionary, stress, splitSeed }: SoundSettings, io: DataIo,
): Promise<PairTexts> {
  const { text } = await io.dataset(dictionary, 'all')
  const found = new Map<string, Set<string>>()
  const pronunciations = text?.['pronunciation'] ?? []
  for (const [i, word] of (text?.['word'] ?? []).entries()) {
    if (!/^[a-z][a-z']*$/.test(word)) continue
    const sounds = pronunciations[i] ?? ''
    const known = found.get(word) ?? new Set<string>()
    found.set(word, known.add(stress ? sounds : sounds.replace(/\d/g, '')))
  }
  const words = [...found.keys()].sort()
  const order = permutation(randomKey(splitSeed, 'words'), words.length)
  const ends = { train: LEARNED, validation: LEARNED + CHOSEN, test: 1 }
  const begins = { train: 0, validation: LEARNED, test: LEARNED + CHOSEN }
  const at = (share: number) => Math.round(share * words.length)
  const own = Array.from(order.slice(at(begins[part]), at(ends[part])), place => words[place] as string)
  return { sources: own, targets: own.map(word => [...(found.get(word) ?? [])]) }
}

/** Captions of photographs: from one language to another, in small letters. */
export async function captionPairs(
  part: DataPart, { from, to }: { readonly from: string; readonly to: string }, io: DataIo,
): Promise<PairTexts> {
  const { text } = await io.dataset('multi30k', part)
  const captions = (language: string) => (text?.[language] ?? []).map(caption => caption.toLowerCase())
  return { sources: captions(from), targets: captions(to).map(caption => [caption]) }
}
