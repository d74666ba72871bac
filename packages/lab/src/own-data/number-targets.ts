// Whether a column is one of numbers to predict, or one of classes: found by looking at its values.
import { numberOf, type NumberForm } from '@ddlf/data'
import { isMissing, LEAST_NUMBERS } from './column-encoding.ts'

/** Different whole numbers up to which a target is taken for names of classes. */
const MOST_NUMBERED_CLASSES = 20

/**
 * Whether a column is one of numbers to predict, by looking at it: at least 80 % of its values are numbers, and some
 * have a fraction or there are many. With the fields that are none.
 */
export function lookAtNumbers(
  fields: readonly string[], form: NumberForm,
): { readonly isNumber: boolean; readonly odd: readonly string[] } {
  const present = fields.filter(field => !isMissing(field))
  const odd = present.filter(field => numberOf(field, form) === undefined)
  const numbers = present.flatMap(field => numberOf(field, form) ?? [])
  const isNumber = numbers.length > 0 && numbers.length >= LEAST_NUMBERS * present.length &&
    (numbers.some(value => !Number.isInteger(value)) || new Set(numbers).size > MOST_NUMBERED_CLASSES)
  return { isNumber, odd }
}
