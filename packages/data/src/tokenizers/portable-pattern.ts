// Regular expressions of tokenizer files (Oniguruma's and Rust's dialect) as JavaScript's: inline (?i:), possessive
// and atomic
// parts, and what \s, \d and \w mean there.
import { UserError } from '@ddlf/tensor/errors'

/** What an escape means inside a character class, by Unicode and not by JavaScript's own list of spaces. */
const CLASSES: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: '\\p{L}\\p{M}\\p{Nd}\\p{Pc}',
  h: '0-9a-fA-F',
}
const NEGATED: Readonly<Record<string, string>> = { W: CLASSES['w'] as string, H: CLASSES['h'] as string }
const PLACES: Readonly<Record<string, string>> = { A: '(?<![^])', z: '(?![^])', Z: '(?=\\n?(?![^]))' }
/** Signs by the other dialect: a line ends at a line feed alone, and ^ and $ are the ends of a line. */
const SIGNS: Readonly<Record<string, string>> = { '.': '[^\\n]', '^': '(?<![^\\n])', $: '(?![^\\n])' }
const SCRIPTS = [
  'Han', 'Hiragana', 'Katakana', 'Hangul', 'Latin', 'Greek', 'Cyrillic', 'Arabic', 'Hebrew', 'Thai', 'Devanagari',
]
const KEPT = new Set('pPbBnrtfvux0123456789^$\\.*+?()[]{}|/')

/** A character and those that differ from it in case alone. */
function cases(character: string): string[] {
  const simple = [
    character,
    character.toLowerCase(),
    character.toUpperCase(),
    ...(/s/i.test(character) ? ['\u017f'] : /k/i.test(character) ? ['\u212a'] : []),
  ]
  return [...new Set(simple)].filter(other => Array.from(other).length === 1)
}

class Translation {
  #at = 0
  #groups = 0
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  all(): string {
    const pattern = this.#alternatives(false)
    if (this.#at < this.#source.length) throw this.#refusal(`an unmatched '${this.#source.charAt(this.#at)}'`)
    return pattern
  }

  #refusal(what: string): UserError {
    return new UserError({
      rule: `The tokenizer's pattern uses ${what}, which is not supported.`,
      received: this.#source,
      next: "Use a tokenizer with another pattern, such as GPT-2's or GPT-4's.",
    })
  }

  #ahead(text: string): boolean {
    return this.#source.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    if (!this.#ahead(text)) return false
    this.#at += text.length
    return true
  }

  #character(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0)
    this.#at += character.length
    return character
  }

  #alternatives(ignoreCase: boolean): string {
    let pattern = ''
    while (this.#at < this.#source.length && !this.#ahead(')')) {
      if (this.#take('|')) pattern += '|'
      else pattern += this.#quantified(ignoreCase)
    }
    return pattern
  }

  #quantified(ignoreCase: boolean): string {
    const atom = this.#atom(ignoreCase)
    const [quantifier = ''] = /^(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += quantifier.length
    const written = quantifier.replace(/^\{,/, '{0,')
    if (quantifier === '') return atom
    if (this.#take('?')) return `${atom}${written}?`
    return this.#take('+') ? this.#atomic(`${atom}${written}`) : `${atom}${written}`
  }

  /** What matched once is not tried again shorter: a lookahead gives back nothing. */
  #atomic(pattern: string): string {
    const name = `atom${this.#groups++}`
    return `(?:(?=(?<${name}>${pattern}))\\k<${name}>)`
  }

  #atom(ignoreCase: boolean): string {
    if (this.#take('(')) return this.#group(ignoreCase)
    if (this.#take('[')) return this.#characterClass(ignoreCase)
    if (this.#take('\\')) return this.#escape(false)
    const character = this.#character()
    const meant = SIGNS[character]
    if (meant !== undefined) return meant
    return this.#literal(character, ignoreCase)
  }

  #literal(character: string, ignoreCase: boolean): string {
    const all = ignoreCase ? cases(character) : [character]
    return all.length > 1 ? `[${all.join('')}]` : /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character
  }

  #group(ignoreCase: boolean): string {
    const close = (open: string, pattern: string) => {
      if (!this.#take(')')) throw this.#refusal('a group that is never closed')
      return `${open}${pattern})`
    }
    for (const open of ['?:', '?=', '?!', '?<=', '?<!'])
      if (this.#take(open)) return close(`(${open}`, this.#alternatives(ignoreCase))
    if (this.#take('?i:')) return close('(?:', this.#alternatives(true))
    if (this.#take('?i)')) return `(?:${this.#alternatives(true)})`
    if (this.#take('?>')) return this.#atomic(close('(?:', this.#alternatives(ignoreCase)))
    if (this.#ahead('?')) throw this.#refusal(`'(${this.#source.slice(this.#at, this.#at + 3)}'`)
    return close('(?:', this.#alternatives(ignoreCase))
  }

  #escape(inClass: boolean): string {
    const letter = this.#character()
    const known = CLASSES[letter]
    if (known !== undefined) return inClass ? known : `[${known}]`
    const negated = NEGATED[letter]
    if (negated !== undefined && !inClass) return `[^${negated}]`
    const place = PLACES[letter]
    if (place !== undefined && !inClass) return place
    if (letter === 'x' && this.#take('{')) return `\\u{${this.#until('}')}}`
    if (letter === 'p' || letter === 'P') return `\\${letter}${this.#property()}`
    if (KEPT.has(letter)) return `\\${letter}`
    if (/[a-z]/i.test(letter)) throw this.#refusal(`'\\${letter}'`)
    return inClass && letter === '-' ? '\\-' : letter
  }

  #property(): string {
    if (!this.#take('{')) return `{${this.#character()}}`
    const name = this.#until('}')
    return SCRIPTS.includes(name) ? `{Script=${name}}` : `{${name}}`
  }

  #until(end: string): string {
    const stop = this.#source.indexOf(end, this.#at)
    if (stop < 0) throw this.#refusal(`no '${end}'`)
    const text = this.#source.slice(this.#at, stop)
    this.#at = stop + end.length
    return text
  }

  #characterClass(ignoreCase: boolean): string {
    let inside = this.#take('^') ? '^' : ''
    while (!this.#take(']')) {
      if (this.#at >= this.#source.length) throw this.#refusal('a class that is never closed')
      if (this.#ahead('[') || this.#ahead('&&')) throw this.#refusal('a class within a class')
      if (this.#take('\\')) {
        inside += this.#escape(true)
        continue
      }
      const character = this.#character()
      inside +=
        ignoreCase && !this.#ahead('-')
          ? cases(character).join('')
          : /[\^$.*+?(){}|/]/.test(character)
            ? `\\${character}`
            : character
    }
    return `[${inside}]`
  }
}

/**
 * A tokenizer file's pattern as JavaScript's, global and by code points.
 * @throws UserError for what has no counterpart here
 */
export function portablePattern(source: string): RegExp {
  const translated = new Translation(source).all()
  try {
    return new RegExp(translated, 'gu')
  } catch (error) {
    throw new UserError(
      {
        rule: 'The pattern of the tokenizer is no regular expression that is understood here.',
        received: source,
        next: 'Check the file.',
      },
      { cause: error },
    )
  }
}

/** A pattern that matches a text as it stands. */
export const literalPattern = (text: string): RegExp => new RegExp(text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'), 'gu')

/** GPT-2's words: contractions, letters, digits and other signs, each with the blank before it. Radford et al. 2019. */
export const GPT2_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

/**
 * GPT-4's words (cl100k, OpenAI's tiktoken; Llama 3's too): at most three digits together, line ends with the signs
 * before them.
 */
export const GPT4_PATTERN = [
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`, String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`, String.raw`\p{N}{1,3}`,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`, String.raw`\s*[\r\n]+`, String.raw`\s+(?!\S)`, String.raw`\s+`,
].join('|')
