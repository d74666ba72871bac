// Tokens that are found in a text before the model sees it, such as <|endoftext|>.
import type { AlignedText } from './aligned-text.ts'
import { literalPattern } from './portable-pattern.ts'
import type { AddedToken } from './tokenizer-json.ts'

/** A stretch of a text: an added token, or what lies between. */
export interface Stretch {
  readonly piece: AlignedText
  readonly id?: number
}

const WORD = /[\p{L}\p{M}\p{N}\p{Pc}]/u
const isWord = (character: string | undefined) => character !== undefined && WORD.test(character)
const before = (text: string, place: number) => Array.from(text.slice(Math.max(0, place - 2), place)).at(-1)
const behind = (text: string, place: number) => Array.from(text.slice(place, place + 2))[0]

/** Finds added tokens: the leftmost, and of those that begin there the longest. */
export function findingTokens(tokens: readonly AddedToken[]): (piece: AlignedText) => Stretch[] {
  if (tokens.length === 0) return piece => (piece.length > 0 ? [{ piece }] : [])
  const byContent = new Map(tokens.map(token => [token.content, token]))
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(content => literalPattern(content).source).join('|'), 'gu')
  return piece => {
    const { text } = piece
    const stretches: Stretch[] = []
    let from = 0
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const token = byContent.get(content) as AddedToken
      if (token.single_word && (isWord(before(text, index)) || isWord(behind(text, index + content.length)))) continue
      const start = token.lstrip ? Math.max(from, text.slice(0, index).trimEnd().length) : index
      const rest = text.slice(index + content.length)
      const end = index + content.length + (token.rstrip ? rest.length - rest.trimStart().length : 0)
      if (start > from) stretches.push({ piece: piece.slice(from, start) })
      stretches.push({ piece: piece.slice(Math.max(from, start), end), id: token.id })
      from = end
    }
    if (from < text.length) stretches.push({ piece: piece.slice(from, text.length) })
    return stretches
  }
}
