// How a tokenizer cuts a text into words, for programs that do so themselves: one regular expression, or nothing.
import { GPT2_PATTERN, portablePattern } from './portable-pattern.ts'
import { WHITESPACE_WORDS } from './pre-tokenizers.ts'
import { understandTokenizer, type PreTokenizerSettings } from './tokenizer-json.ts'
import type { Tokenizer } from './tokenizer.ts'

/** A cut that is a regular expression's. */
export interface WordCut {
  /** What is a word, for flags `gu`; null: a text is one word. */
  readonly pattern: string | null
  /** Whether what stands between words is a word, too. */
  readonly between: boolean
}

function cutOf(one: PreTokenizerSettings): WordCut | undefined {
  if (one.type === 'ByteLevel' && !one.add_prefix_space) {
    return { pattern: one.use_regex ? portablePattern(GPT2_PATTERN).source : null, between: true }
  }
  if (one.type === 'Whitespace') return { pattern: WHITESPACE_WORDS.source, between: false }
  if (one.type !== 'Split' || one.invert || one.behavior !== 'Isolated' || !('Regex' in one.pattern)) return undefined
  return { pattern: portablePattern(String(one.pattern['Regex'])).source, between: true }
}

/**
 * The cut of a BPE or whole-word tokenizer that does nothing else to a text than to drop case; undefined where more
 * happens: other normalisations, prefixes of words, several cuts.
 */
export function wordCut(tokenizer: Tokenizer): WordCut | undefined {
  const { model, normalizers, preTokenizers } = understandTokenizer(JSON.parse(tokenizer.toJson()), 'The tokenizer')
  const isPlain =
    model.type === 'WordLevel' ||
    (model.type === 'BPE' && !model.continuing_subword_prefix && !model.end_of_word_suffix && !model.byte_fallback)
  if (!isPlain || !normalizers.every(({ type }) => type === 'Lowercase')) return undefined
  const cuts = preTokenizers.map(cutOf)
  const [cut, ...more] = cuts.filter(one => one?.pattern !== null)
  if (more.length > 0 || cuts.includes(undefined)) return undefined
  return cut ?? { pattern: null, between: true }
}
