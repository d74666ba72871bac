// What a tokenizer makes of a text, in numbers: how short the text becomes, and which tokens it is made of.
import type { Encoding, Tokenizer } from '@ddlf/data/tokenizers'

/** How often a token occurs. */
export interface TokenCount {
  readonly id: number
  readonly token: string
  readonly count: number
}

export interface TokenStatistics {
  /** Code points of the text. */
  readonly characters: number
  /** Bytes of the text in UTF-8. */
  readonly bytes: number
  readonly tokens: number
  readonly charactersPerToken: number
  readonly bytesPerToken: number
  /** Different tokens that occur. */
  readonly distinct: number
  readonly vocabularySize: number
  /** The most frequent tokens, the most frequent first; of equally frequent ones the smaller id. */
  readonly frequent: readonly TokenCount[]
}

/** Statistics of an encoded text; `most` is how many frequent tokens are listed. */
export function tokenStatistics(tokenizer: Tokenizer, text: string, { ids }: Encoding, most = 20): TokenStatistics {
  const counts = new Map<number, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  // A character beyond U+FFFF is two code units, the first of them one of these.
  const characters = text.length - (text.match(/[\ud800-\udbff]/g)?.length ?? 0)
  const bytes = new TextEncoder().encode(text).length
  const per = (amount: number) => (ids.length === 0 ? 0 : amount / ids.length)
  const order = [...counts].sort(([a, x], [b, y]) => y - x || a - b).slice(0, most)
  return {
    characters,
    bytes,
    tokens: ids.length,
    charactersPerToken: per(characters),
    bytesPerToken: per(bytes),
    distinct: counts.size,
    vocabularySize: tokenizer.vocabularySize,
    frequent: order.map(([id, count]) => ({ id, token: tokenizer.tokenOf(id), count })),
  }
}
