// What a schema finds wrong with a value, in words that say what the value should be.
import type { z } from 'zod'

const TYPES: Readonly<Record<string, string>> = {
  number: 'a number', int: 'a whole number', string: 'a text', boolean: 'true or false', array: 'a list',
  object: 'a set of values by name', record: 'a set of values by name', null: 'null',
}

const typeWords = (type: string) => TYPES[type] ?? `a ${type}`

/** What has a length rather than a size. */
const lengthWords = (origin: string): string | undefined =>
  origin === 'string' ? 'letters' : origin === 'array' || origin === 'set' ? 'entries' : undefined

const limit = (words: readonly [inclusive: string, exclusive: string], inclusive = true) => words[inclusive ? 0 : 1]

/**
 * What a value must be: `must be at least 1`, `must be one of sgd, adam`.
 * @param issue what zod found, at the value itself
 */
export function issueWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeWords(issue.expected)}`
    case 'too_small': {
      const length = lengthWords(issue.origin)
      const least = limit(['at least', 'more than'], issue.inclusive)
      return `must ${length === undefined ? 'be' : 'have'} ${least} ${issue.minimum}${length ? ` ${length}` : ''}`
    }
    case 'too_big': {
      const length = lengthWords(issue.origin)
      const most = limit(['at most', 'less than'], issue.inclusive)
      return `must ${length === undefined ? 'be' : 'have'} ${most} ${issue.maximum}${length ? ` ${length}` : ''}`
    }
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_union': {
      const each = issue.errors.flatMap(([first]) => (first ? [issueWords(first).replace(/^must /, '')] : []))
      return each.length === 0 ? issue.message : `must ${[...new Set(each)].join(', or ')}`
    }
    default:
      return issue.message
  }
}

/** The same with the place of the value: `hidden.0 must be at least 1`; the schema's own words behind a colon. */
export function placedIssue(issue: z.core.$ZodIssue): string {
  const [place, words] = [issue.path.join('.'), issueWords(issue)]
  if (place === '') return words
  return words.startsWith('must ') ? `${place} ${words}` : `${place}: ${words}`
}
