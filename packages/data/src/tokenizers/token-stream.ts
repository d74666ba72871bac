// Texts as one stream of ids, in memory that a loader's thread reads in place.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { IntList } from './int-list.ts'
import type { Tokenizer } from './tokenizer.ts'

/** How a stream is made. */
export interface TokenStreamOptions {
  /** Tokens that are expected: the memory is taken once where there are no more. */
  readonly expected?: number
  /** Keep the ids in memory that threads share; default false. */
  readonly shared?: boolean
  /** What messages call the texts; default 'the text'. */
  readonly name?: string
  /** Hears how many characters (UTF-16 code units) have been added, also within a long text. */
  readonly onCharacters?: (done: number) => void
}

/** A stream of ids that texts are added to, one after the other. */
export interface TokenStream {
  /** Adds a text, a part of a long one, or one piece of a text that was cut between words. */
  add(text: string): void
  /** Adds ids as they are, for example those of a token that ends a text. */
  addIds(ids: ArrayLike<number>): void
  readonly length: number
  /** All ids, not copied. @throws UserError where there are none */
  ids(): Int32Array
}

/** Code units of one part of a long text: what is held of its tokens' places is small then. */
const PART = 2 ** 18
const CUT = /[a-z] (?=[a-z])/gi

/** Where a part ends: before a blank between two letters, where every usual pattern ends a word. */
function cutAfter(text: string, from: number): number {
  if (text.length - from <= PART) return text.length
  CUT.lastIndex = from + PART
  const found = CUT.exec(text)
  return found ? found.index + 1 : text.length
}

/** A long text in pieces, cut between words so that a tokenizer learns the same of them as of the whole. */
export function* textPieces(text: string): Generator<string, void> {
  for (let from = 0; from < text.length; ) {
    const to = cutAfter(text, from)
    yield text.slice(from, to)
    from = to
  }
}

/**
 * Begins a stream. Special tokens in the texts are read as plain text, and none are added.
 * @param tokenizer long texts are encoded in parts where it gives the same ids then
 */
export function tokenStream(tokenizer: Tokenizer, options: TokenStreamOptions = {}): TokenStream {
  const { expected = 2 ** 16, shared = false, name = 'the text', onCharacters } = checkOptions('tokenStream', options, [
    'expected',
    'shared',
    'name',
    'onCharacters',
  ])
  const list = new IntList(expected, shared)
  const how = { addSpecialTokens: false, parseSpecialTokens: false }
  let characters = 0
  return {
    add(text) {
      for (const part of tokenizer.encodesInParts ? textPieces(text) : [text]) {
        list.append(tokenizer.encode(part, how).ids)
        characters += part.length
        onCharacters?.(characters)
      }
    },
    addIds: ids => {
      list.append(ids)
    },
    get length() {
      return list.length
    },
    ids() {
      if (list.length === 0) {
        throw new UserError({
          rule: 'A stream of tokens is made of text.',
          received: `nothing in ${name}`,
          next: 'Give it a text with at least one character.',
        })
      }
      return list.view()
    },
  }
}
