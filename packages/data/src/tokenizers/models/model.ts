// What every model of a tokenizer does: cut one word into entries of its vocabulary.
import { UserError } from '@ddlf/tensor/errors'

/** The tokens of one word: their ids, and where in the word (code units) each begins and ends. */
export interface WordTokens {
  readonly ids: ArrayLike<number>
  readonly starts: ArrayLike<number>
  readonly ends: ArrayLike<number>
}

/** Cuts words into tokens. */
export interface Model {
  /** Ids by token. */
  readonly vocabulary: ReadonlyMap<string, number>
  /** The tokens of a word that is not empty. @throws UserError for what the vocabulary cannot spell */
  tokenize(word: string): WordTokens
}

/** Most words that are remembered with their tokens, and how long such a word may be. */
const MOST_WORDS = 2 ** 17
const LONGEST_WORD = 64

/** A model that remembers the words it has cut. */
export function remembering(model: Model): Model {
  const known = new Map<string, WordTokens>()
  return {
    vocabulary: model.vocabulary,
    tokenize: word => {
      const found = known.get(word)
      if (found) return found
      const tokens = model.tokenize(word)
      if (word.length <= LONGEST_WORD) {
        if (known.size >= MOST_WORDS) known.clear()
        known.set(word, tokens)
      }
      return tokens
    },
  }
}

/**
 * The error for a character that no entry of the vocabulary spells.
 * @param isKnown whether one does: a capital is often known as a small letter
 */
export function unknownCharacter(character: string, isKnown: (other: string) => boolean): UserError {
  const small = character.toLowerCase()
  const written = small !== character && isKnown(small) ? `Write it small ("${small}" is known), l` : 'L'
  return new UserError({
    rule: 'The text holds a character that the tokenizer has never seen, and it has no token for unknown ones.',
    received: `${JSON.stringify(character)} ` +
      `(U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`,
    next: `${written}eave it out, or use a tokenizer that knows it: one of kind bpe spells every text.`,
  })
}

/** The error for a byte that a vocabulary of bytes does not spell. */
export const unknownByte = (byte: number): UserError =>
  new UserError({
    rule: 'A byte-level tokenizer needs a token for each byte of the text.',
    received: `no token for the byte 0x${byte.toString(16)}`,
    next: 'Check the tokenizer file.',
  })

/** The error for a model that needs its token for unknown words and has none. */
export const noUnknownToken = (word: string): UserError =>
  new UserError({
    rule: 'The text holds a word that is not in the vocabulary, and the tokenizer has no token for unknown ones.',
    received: JSON.stringify(word),
    next: 'Leave it out, or use a tokenizer with an unknown token.',
  })

/** The id of the byte 0x0A is that of `<0x0A>`, if the vocabulary can spell all bytes of a character. */
export function byteTokens(character: string, vocabulary: ReadonlyMap<string, number>): number[] | undefined {
  const ids: number[] = []
  for (const byte of new TextEncoder().encode(character)) {
    const id = vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
    if (id === undefined) return undefined
    ids.push(id)
  }
  return ids
}
