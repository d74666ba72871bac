// How a text is changed before it is cut: Unicode forms, case, accents, replacements; each change keeps its place in
// the original.
import type { AlignedText } from './aligned-text.ts'
import { literalPattern, portablePattern } from './portable-pattern.ts'
import type { NormalizerSettings } from './tokenizer-json.ts'

/** Changes a piece of text. */
export type Normalize = (text: AlignedText) => AlignedText

/** A pattern as a file writes it. */
export const readPattern = (pattern: Readonly<Record<string, unknown>>): RegExp =>
  typeof pattern['Regex'] === 'string' ? portablePattern(pattern['Regex']) : literalPattern(String(pattern['String']))

/**
 * What normalises together: a character with its marks (and the sound marks of narrow katakana), and Korean letters
 * in a row.
 */
const CLUSTER = /[\u1100-\u11ff]+|\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu

const unicodeForm =
  (form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Normalize =>
  text =>
    text.text.normalize(form) === text.text ? text : text.replace(CLUSTER, cluster => cluster.normalize(form))

const lowercase: Normalize = text => text.replace(/\p{Changes_When_Lowercased}/gu, character => character.toLowerCase())
const dropAccents: Normalize = text => text.replace(/\p{Mn}/gu, () => '')

/** Ideographs by the ranges of BERT's code: Korean and Japanese letters are not among them. */
const IDEOGRAPHS = [
  String.raw`\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff`, String.raw`\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}`,
  String.raw`\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}`,
]
const IDEOGRAPH = new RegExp(`[${IDEOGRAPHS.join('')}]`, 'gu')

function bert({
  clean_text: clean,
  handle_chinese_chars: ideographs,
  strip_accents: strip,
  lowercase: lower,
}: Extract<NormalizerSettings, { type: 'BertNormalizer' }>): Normalize {
  const steps: Normalize[] = []
  if (clean) {
    steps.push(text => text.replace(/[\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, () => ''))
    steps.push(text => text.replace(/\p{White_Space}/gu, () => ' '))
  }
  if (ideographs) steps.push(text => text.replace(IDEOGRAPH, character => ` ${character} `))
  if (strip ?? lower) steps.push(unicodeForm('NFD'), dropAccents)
  if (lower) steps.push(lowercase)
  return text => steps.reduce((changed, step) => step(changed), text)
}

function normalizer(settings: NormalizerSettings): Normalize {
  switch (settings.type) {
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return unicodeForm(settings.type)
    case 'Lowercase':
      return lowercase
    case 'StripAccents':
      return text => text.replace(/\p{M}/gu, () => '')
    case 'Replace': {
      const pattern = readPattern(settings.pattern)
      return text => text.replace(pattern, () => settings.content)
    }
    case 'Strip':
      return text => {
        const from = settings.strip_left ? (/^\p{White_Space}*/u.exec(text.text)?.[0].length ?? 0) : 0
        const to = settings.strip_right ? text.text.search(/(?<!\p{White_Space})\p{White_Space}*$/u) : text.length
        return text.slice(Math.min(from, to), to)
      }
    case 'Prepend':
      return text => text.prepend(settings.prepend)
    case 'BertNormalizer':
      return bert(settings)
  }
}

/** All normalizers of a file, one after the other. */
export function normalizing(all: readonly NormalizerSettings[]): Normalize {
  const steps = all.map(normalizer)
  return text => steps.reduce((changed, step) => step(changed), text)
}
