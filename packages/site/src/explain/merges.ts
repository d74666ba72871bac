// Tokens that grow together: byte-pair encoding on a text of the reader's own, a merge a step; arithmetic and drawing.
// Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", 2016.
import { drawTokens } from './token-strip.ts'

/** What the reader has written, and how many merges are done. */
export interface MergesState {
  readonly text: string
  readonly step: number
}

export const LONGEST_TEXT = 200
export const MOST_MERGES = 30
export const MERGES_START: MergesState = { text: 'the lowest tower, the newest town, the widest wall', step: 8 }

/** One merge: the pair that stands side by side most often, and how often. */
export interface Merge {
  readonly left: string
  readonly right: string
  readonly count: number
}

/** Words and what stands between them: no token reaches over a space, which begins the word after it. */
const wordsOf = (text: string): string[] => text.match(/ ?[^ ]+| +/gu) ?? []

/** How often each pair stands in the words, in the order of their first places. */
function pairsOf(words: readonly (readonly string[])[]): Map<string, Merge> {
  const pairs = new Map<string, Merge>()
  for (const tokens of words) {
    tokens.slice(1).forEach((right, i) => {
      const left = tokens[i] ?? ''
      const key = `${left}\u0000${right}`
      pairs.set(key, { left, right, count: (pairs.get(key)?.count ?? 0) + 1 })
    })
  }
  return pairs
}

function merged(tokens: readonly string[], { left, right }: Merge): string[] {
  const out: string[] = []
  for (let i = 0; i < tokens.length; i++) {
    const isPair = tokens[i] === left && tokens[i + 1] === right
    out.push(isPair ? left + right : (tokens[i] ?? ''))
    if (isPair) i++
  }
  return out
}

/** The merges of a text, at most so many, while some pair stands there twice; and the tokens after the last. */
export function mergesOf(text: string, most: number): { readonly merges: Merge[]; readonly tokens: string[] } {
  let words: string[][] = wordsOf(text).map(word => Array.from(word))
  const merges: Merge[] = []
  while (merges.length < most) {
    const best = [...pairsOf(words).values()].reduce<Merge | undefined>(
      (a, b) => (a === undefined || b.count > a.count ? b : a),
      undefined,
    )
    if (!best || best.count < 2) break
    merges.push(best)
    words = words.map(tokens => merged(tokens, best))
  }
  return { merges, tokens: words.flat() }
}

/** How many merges there are to step through. */
export const lastMerge = (text: string): number => mergesOf(text, MOST_MERGES).merges.length

export function drawMerges({ text, step }: MergesState): string {
  const { merges, tokens } = mergesOf(text, step)
  const last = merges.at(-1)
  const newest = last && last.left + last.right
  return drawTokens(tokens.map(token => ({ text: token, ...(token === newest && { mark: 'now' as const }) })))
}

const shown = (token: string) => `'${token.replaceAll(' ', '␣')}'`

/** What the figure shows, in words. */
export function saidOfMerges({ text, step }: MergesState): string {
  const { merges, tokens } = mergesOf(text, step)
  const letters = Array.from(text).length
  const last = merges.at(-1)
  const size = `${tokens.length} tokens for ${letters} characters.`
  if (!last) return `No merge yet: every character is a token. ${size}`
  const pair = `${shown(last.left)} and ${shown(last.right)} stand side by side ${last.count} times`
  return `Merge ${merges.length}: ${pair}, and become ${shown(last.left + last.right)}. ${size}`
}
