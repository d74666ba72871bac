// How a text is cut into words before the model sees it; no token spans two of them.
import { UserError } from '@ddlf/tensor/errors'
import type { AlignedText } from './aligned-text.ts'
import { readPattern } from './normalizers.ts'
import { GPT2_PATTERN, portablePattern } from './portable-pattern.ts'
import type { PreTokenizerSettings, SplitBehaviour } from './tokenizer-json.ts'

/** Cuts a piece into words; `first` where the piece begins the text. */
export type PreTokenize = (piece: AlignedText, first: boolean, emit: (word: AlignedText) => void) => void

/** Cuts at the matches of a pattern; what is between them stays, and so do the matches unless they are removed. */
function split(pattern: RegExp, behaviour: SplitBehaviour, invert = false): PreTokenize {
  if (behaviour === 'Isolated' || (behaviour === 'Removed' && invert))
    return everyPart(pattern, behaviour === 'Isolated')
  return (piece, _, emit) => {
    const parts: { from: number; to: number; match: boolean }[] = []
    const add = (from: number, to: number, match: boolean) => {
      if (to > from) parts.push({ from, to, match: match !== invert })
    }
    let from = 0
    for (const { 0: match, index } of piece.text.matchAll(pattern)) {
      add(from, index, false)
      add(index, index + match.length, true)
      from = index + match.length
    }
    add(from, piece.length, false)
    for (const { from: start, to } of joined(parts, behaviour)) emit(piece.slice(start, to))
  }
}

/** Every match as a word; what lies between as well, or not. */
const everyPart =
  (pattern: RegExp, between: boolean): PreTokenize =>
  (piece, _, emit) => {
    const { text } = piece
    const word = new RegExp(pattern)
    let from = 0
    for (let found = word.exec(text); found; found = word.exec(text)) {
      const { 0: match, index } = found
      if (match === '') word.lastIndex = index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1)
      if (between && index > from) emit(piece.slice(from, index))
      if (match !== '') emit(piece.slice(index, index + match.length))
      from = index + match.length
    }
    if (between && from < text.length) emit(piece.slice(from, text.length))
  }

interface Part {
  readonly from: number
  readonly to: number
  readonly match: boolean
}

function joined(parts: readonly Part[], behaviour: SplitBehaviour): Part[] {
  if (behaviour === 'Removed') return parts.filter(({ match }) => !match)
  const out: Part[] = []
  if (behaviour === 'MergedWithNext') {
    for (const part of parts) {
      const before = out.at(-1)
      if (before?.match === true && !part.match) out[out.length - 1] = { ...part, from: before.from }
      else out.push(part)
    }
    return out
  }
  let after = false
  for (const part of parts) {
    const before = out.at(-1)
    const joins = before !== undefined && (behaviour === 'Contiguous' ? part.match === after : part.match && !after)
    if (joins) out[out.length - 1] = { ...before, to: part.to }
    else out.push(part)
    after = part.match
  }
  return out
}

const LETTERS = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}'
/** Runs of letters and digits, and runs of other signs. */
export const WHITESPACE_WORDS = new RegExp(`[${LETTERS}]+|[^${LETTERS}\\p{White_Space}]+`, 'gu')

const PUNCTUATION = '[\\p{P}$+<=>^`|~]'

function metaspace({
  replacement,
  prepend_scheme: scheme,
  add_prefix_space: legacy,
  split: cut,
}: Extract<PreTokenizerSettings, { type: 'Metaspace' }>): PreTokenize {
  const when = scheme ?? (legacy === false ? 'never' : 'always')
  const words = split(portablePattern(`\\x{${(replacement.codePointAt(0) ?? 0).toString(16)}}`), 'MergedWithNext')
  return (piece, first, emit) => {
    const marked = piece.replace(/ /g, () => replacement)
    const begins = marked.text.startsWith(replacement) || when === 'never' || (when === 'first' && !first)
    const whole = begins ? marked : marked.prepend(replacement)
    if (cut) words(whole, first, emit)
    else if (whole.length > 0) emit(whole)
  }
}

function preTokenizer(settings: PreTokenizerSettings): PreTokenize {
  switch (settings.type) {
    case 'ByteLevel': {
      // The bytes themselves are read by the model.
      const words = settings.use_regex ? split(portablePattern(GPT2_PATTERN), 'Isolated') : whole
      return (piece, first, emit) => {
        words(settings.add_prefix_space && !piece.text.startsWith(' ') ? piece.prepend(' ') : piece, first, emit)
      }
    }
    case 'Split':
      return split(readPattern(settings.pattern), settings.behavior, settings.invert)
    case 'Whitespace':
      return split(WHITESPACE_WORDS, 'Removed', true)
    case 'WhitespaceSplit':
      return split(/\p{White_Space}+/gu, 'Removed')
    case 'BertPreTokenizer':
      return after(split(/\p{White_Space}/gu, 'Removed'), split(new RegExp(PUNCTUATION, 'gu'), 'Isolated'))
    case 'Digits':
      return split(/\p{N}/gu, settings.individual_digits ? 'Isolated' : 'Contiguous')
    case 'Punctuation':
      return split(new RegExp(PUNCTUATION, 'gu'), settings.behavior)
    case 'Metaspace':
      return metaspace(settings)
  }
}

const whole: PreTokenize = (piece, _, emit) => {
  if (piece.length > 0) emit(piece)
}

const after =
  (one: PreTokenize, other: PreTokenize): PreTokenize =>
  (piece, first, emit) => {
    const begins = piece.start(0)
    one(piece, first, word => other(word, first && word.start(0) === begins, emit))
  }

/**
 * All pre-tokenizers of a file, one after the other.
 * @throws UserError where something cuts bytes
 */
export function preTokenizing(all: readonly PreTokenizerSettings[]): PreTokenize {
  const bytes = all.findIndex(({ type }) => type === 'ByteLevel')
  const behind = bytes < 0 ? undefined : all[bytes + 1]
  if (behind)
    throw new UserError({
      rule: 'ByteLevel must be the last pre-tokenizer.',
      received: `${behind.type} behind it`,
      next: 'Check the tokenizer file.',
    })
  return (
    all
      .map(preTokenizer)
      .reduce<PreTokenize | undefined>((before, next) => (before ? after(before, next) : next), undefined) ?? whole
  )
}
