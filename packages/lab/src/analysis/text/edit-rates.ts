// How many edits lead from what was produced to what is right: word, character and phoneme error rates.
import { UserError } from '@ddlf/tensor/errors'
import { wordsOf } from './ngrams.ts'

/** Edits, and how long what is right is. */
export interface EditRate {
  /** `edits / length`: 0 where all is right; above 1 where more was inserted than there is. */
  readonly rate: number
  /** Substitutions, insertions and deletions, the fewest that suffice. */
  readonly edits: number
  /** Items of the references. */
  readonly length: number
}

/**
 * The fewest substitutions, insertions and deletions that turn one sequence into another.
 * Source: Wagner and Fischer, "The string-to-string correction problem", 1974.
 */
export function editDistance<T>(from: readonly T[], to: readonly T[]): number {
  let above = Array.from({ length: to.length + 1 }, (_, j) => j)
  from.forEach((item, i) => {
    const row = [i + 1]
    to.forEach((other, j) => {
      const replaced = (above[j] as number) + (item === other ? 0 : 1)
      row.push(Math.min(replaced, (above[j + 1] as number) + 1, (row[j] as number) + 1))
    })
    above = row
  })
  return above[to.length] as number
}

/**
 * Edits over all sequences, divided by the length of all references: the phoneme error rate of phonemes, the token
 * error rate of tokens.
 * @throws UserError where the numbers of sequences differ, or the references hold nothing
 */
export function tokenErrorRate<T>(
  hypotheses: readonly (readonly T[])[],
  references: readonly (readonly T[])[],
): EditRate {
  if (hypotheses.length !== references.length) {
    throw new UserError({
      rule: 'An error rate needs one reference for each hypothesis.',
      received: `${hypotheses.length} hypotheses and ${references.length} references`,
    })
  }
  const length = references.reduce((sum, reference) => sum + reference.length, 0)
  if (length === 0)
    throw new UserError({
      rule: 'An error rate is a share of the references, which hold nothing.',
      received: `${references.length} empty references`,
    })
  const edits = references.reduce(
    (sum, reference, i) => sum + editDistance(reference, hypotheses[i] as readonly T[]),
    0,
  )
  return { rate: edits / length, edits, length }
}

/** The error rate of the words between spaces. */
export const wordErrorRate = (hypotheses: readonly string[], references: readonly string[]): EditRate =>
  tokenErrorRate(hypotheses.map(wordsOf), references.map(wordsOf))

/** The error rate of the characters, spaces at both ends apart. */
export function characterErrorRate(hypotheses: readonly string[], references: readonly string[]): EditRate {
  const characters = (text: string) => Array.from(text.trim())
  return tokenErrorRate(hypotheses.map(characters), references.map(characters))
}
