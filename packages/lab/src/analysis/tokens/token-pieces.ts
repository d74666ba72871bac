// A text as its tokens, ready to be shown: what each stands for, and which are bytes of a character or were added.
import type { Encoding, Tokenizer } from '@ddlf/data/tokenizers'

/** A token of a text. */
export interface TokenPiece {
  readonly id: number
  /** The token as the file writes it. */
  readonly token: string
  /** What it stands for: text, bytes (`<E6 97>`), or the name of a special token. */
  readonly text: string
  /** Where it begins and ends in the text, in UTF-16 code units. */
  readonly start: number
  readonly end: number
  /** `bytes` where it holds a part of a character, `special` where it has a meaning of its own. */
  readonly kind: 'text' | 'bytes' | 'special'
}

const hex = (bytes: Uint8Array) =>
  `<${[...bytes].map(byte => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')}>`

/** The tokens of an encoded text; the first `most` of them. */
export function tokenPieces(tokenizer: Tokenizer, text: string, encoding: Encoding, most = Infinity): TokenPiece[] {
  const { ids, starts, ends, sequences } = encoding
  const special = new Set(tokenizer.specialTokens.map(({ id }) => id))
  return Array.from({ length: Math.min(most, ids.length) }, (_, i) => {
    const id = ids[i] as number
    const [start, end] = [starts[i] as number, ends[i] as number]
    const token = tokenizer.tokenOf(id)
    if (special.has(id) || sequences[i] === -1) return { id, token, text: token, start, end, kind: 'special' }
    const shares =
      (i > 0 && start < (ends[i - 1] as number)) ||
      (i + 1 < ids.length && (starts[i + 1] as number) < end && sequences[i + 1] !== -1)
    if (!shares) return { id, token, text: text.slice(start, end), start, end, kind: 'text' }
    return {
      id,
      token,
      text: tokenizer.byteLevel ? hex(tokenizer.decodeBytes([id])) : token,
      start,
      end,
      kind: 'bytes',
    }
  })
}
