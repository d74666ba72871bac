// The memos' rule: a measured number is never typed, it is read from recorded runs.
import { UserError } from '@ddlf/tensor/errors'

/** What a measured number looks like: a share, or a decimal fraction. */
const TYPED = /\d+(\.\d+)?\s*(%|percent|per cent)|\b\d+\.\d+\b/g

/** What a memo does not say in its own words: front matter, code, formulas, and the parts with their properties. */
const NOT_PROSE = [
  /^---[^]*?---/,
  /```[^]*?```/g,
  /\$\$[^]*?\$\$/g,
  /`[^`\n]*`|\$[^$\n]*\$/g,
  /<[A-Z][^>]*?=\{\[[^]*?\]\}[^>]*?\/>/g,
  /<[A-Z][^>]*>/g,
]

/** A measured number that stands typed in a memo. */
export interface TypedFigure {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** The figures typed in a memo's prose. */
export function typedFigures(memo: string): TypedFigure[] {
  // Blanks of the same length, so that lines keep their numbers.
  const prose = NOT_PROSE.reduce((text, pattern) => text.replace(pattern, part => part.replace(/[^\n]/g, ' ')), memo)
  return prose.split('\n').flatMap((words, i) => [...words.matchAll(TYPED)].map(([text]) => ({ line: i + 1, text })))
}

/**
 * Holds a memo to the rule.
 * @param name the file, for the message
 * @throws UserError naming each line
 */
export function checkMemo(name: string, memo: string): void {
  const typed = typedFigures(memo)
  if (typed.length === 0) return
  throw new UserError({
    rule: 'The memo types a measured number.',
    received: typed.map(({ line, text }) => `${name}:${line}: ${text}`).join('\n            '),
    next: 'Read it from a run with <Measured experiment="..." />; write a setting as code (`0.2`) or as a formula ' +
      '($0.2$).',
  })
}
