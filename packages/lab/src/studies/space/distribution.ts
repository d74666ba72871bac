// What one parameter of a study may be: a range of floats, a range of integers, or one of several choices.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'

/** A value of a categorical parameter. */
export type Choice = null | boolean | number | string

/** Floats of `low` .. `high`, both included; `step` (from `low`) and `log` exclude each other. */
export interface FloatDistribution {
  readonly kind: 'float'
  readonly low: number
  readonly high: number
  /** Whether the logarithm is what varies evenly. */
  readonly log: boolean
  readonly step: number | null
}

/** Integers `low`, `low + step` .. `high`; a logarithmic range has step 1. */
export interface IntDistribution {
  readonly kind: 'int'
  readonly low: number
  readonly high: number
  readonly log: boolean
  readonly step: number
}

/** One of the choices, without an order between them. */
export interface CategoricalDistribution {
  readonly kind: 'categorical'
  readonly choices: readonly Choice[]
}

export type NumericDistribution = FloatDistribution | IntDistribution
export type Distribution = NumericDistribution | CategoricalDistribution

const RANGE_KINDS = { log: kinds.flag, step: kinds.number }

/**
 * A range of floats.
 * @param options `log` (default false): the logarithm varies evenly; `step`: only `low + k * step`
 * @throws UserError for an empty range, a logarithm of zero or less, or a step that does not divide the range
 */
export function floatRange(
  low: number,
  high: number,
  options: { log?: boolean; step?: number } = {},
): FloatDistribution {
  const { log = false, step } = checkOptions('floatRange', options, RANGE_KINDS)
  return checkDistribution({ kind: 'float', low, high, log, step: step ?? null })
}

/**
 * A range of integers.
 * @param options `log` (default false): the logarithm varies evenly; `step` (default 1): only `low + k * step`
 * @throws UserError for an empty range, bounds that are no integers, a logarithm below 1, or a step that does not
 *   divide the range
 */
export function intRange(low: number, high: number, options: { log?: boolean; step?: number } = {}): IntDistribution {
  const { log = false, step = 1 } = checkOptions('intRange', options, RANGE_KINDS)
  return checkDistribution({ kind: 'int', low, high, log, step })
}

/**
 * One of several choices: strings, numbers, booleans or null.
 * @throws UserError where there is none, or one is named twice
 */
export function oneOf(choices: readonly Choice[]): CategoricalDistribution {
  return checkDistribution({ kind: 'categorical', choices: [...choices] })
}

const rangeText = ({ low, high }: NumericDistribution) => `${low} .. ${high}`

function checkNumeric(distribution: NumericDistribution): void {
  const { kind, low, high, log, step } = distribution
  const received = rangeText(distribution)
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new UserError({
      rule: 'The bounds of a range are finite numbers.',
      received,
      next: 'Give a number on both sides.',
    })
  }
  if (kind === 'int' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    throw new UserError({
      rule: 'The bounds of a range of integers are integers.',
      received,
      next: 'Give integers, or a range of floats.',
    })
  }
  if (low > high) {
    throw new UserError({
      rule: 'This range is empty: its lower bound lies above the upper one.',
      received,
      next: `Write ${high} .. ${low}.`,
    })
  }
  if (log && low <= 0) {
    const next = kind === 'int' ? 'Begin at 1 or above' : 'Begin above 0, for example at 1e-6'
    throw new UserError({
      rule: 'A logarithmic range begins above zero.',
      received,
      next: `${next}, or take a linear range.`,
    })
  }
  if (step === null) return
  if (!(Number.isFinite(step) && step > 0) || (kind === 'int' && !Number.isSafeInteger(step))) {
    throw new UserError({
      rule: `A step is a positive ${kind === 'int' ? 'integer' : 'number'}.`,
      received: String(step),
      next: 'Give a step above 0, or none.',
    })
  }
  if (log && (kind === 'float' || step !== 1)) {
    throw new UserError({
      rule: 'A logarithmic range has no step.',
      received: `${received} with step ${step}`,
      next: 'Leave out the step, or the logarithm.',
    })
  }
  const steps = (high - low) / step
  if (Math.abs(steps - Math.round(steps)) > 1e-9 * Math.max(1, steps)) {
    const nearest = (count: number) => Number((low + count * step).toPrecision(12))
    throw new UserError({
      rule: 'The step does not divide the range.',
      received: `${received} with step ${step}`,
      next: `End at ${nearest(Math.floor(steps))} or ${nearest(Math.ceil(steps))}.`,
    })
  }
}

const isChoice = (value: unknown): value is Choice =>
  value === null ||
  typeof value === 'boolean' ||
  typeof value === 'string' ||
  (typeof value === 'number' && Number.isFinite(value))

/**
 * A distribution whose values make sense, as it was given.
 * @throws UserError saying which rule it breaks
 */
export function checkDistribution<D extends Distribution>(distribution: D): D {
  if (distribution.kind !== 'categorical') {
    checkNumeric(distribution)
    return distribution
  }
  const { choices } = distribution
  if (choices.length === 0) {
    throw new UserError({
      rule: 'A categorical parameter has at least one choice.',
      received: 'none',
      next: 'Name its choices.',
    })
  }
  for (const [i, choice] of choices.entries()) {
    if (!isChoice(choice)) {
      throw new UserError({
        rule: 'A choice is a string, a finite number, true, false or null.',
        received: String(choice),
        next: 'Give its name as a string.',
      })
    }
    if (choices.indexOf(choice) !== i) {
      throw new UserError({
        rule: 'A choice is named once.',
        received: `${JSON.stringify(choice)}, twice`,
        next: 'Leave one of them out.',
      })
    }
  }
  return distribution
}

/** Whether the distribution allows one value only. */
export const isSingle = (distribution: Distribution): boolean =>
  distribution.kind === 'categorical' ? distribution.choices.length === 1 : distribution.low === distribution.high

/** How many values a distribution allows; `Infinity` for floats without a step. */
export function countValues(distribution: Distribution): number {
  if (distribution.kind === 'categorical') return distribution.choices.length
  if (isSingle(distribution)) return 1
  return distribution.step === null
    ? Infinity
    : Math.round((distribution.high - distribution.low) / distribution.step) + 1
}

/** The value as a number: itself, or the index of the choice; -1 where it is none of the choices. */
export function toInternal(distribution: Distribution, value: Choice): number {
  return distribution.kind === 'categorical' ? distribution.choices.indexOf(value) : Number(value)
}

/** The inverse of {@link toInternal}. */
export function fromInternal(distribution: Distribution, internal: number): Choice {
  return distribution.kind === 'categorical' ? (distribution.choices[Math.trunc(internal)] as Choice) : internal
}

/** Whether a value lies in the distribution (for a stepped range: within its bounds and on a step). */
export function contains(distribution: Distribution, value: unknown): boolean {
  if (distribution.kind === 'categorical') return isChoice(value) && distribution.choices.includes(value)
  if (typeof value !== 'number' || !(value >= distribution.low && value <= distribution.high)) return false
  if (distribution.kind === 'int' && !Number.isInteger(value)) return false
  if (distribution.step === null) return true
  const steps = (value - distribution.low) / distribution.step
  return Math.abs(steps - Math.round(steps)) < 1e-8 * Math.max(1, steps)
}

/** Whether two distributions are the same, choices in their order. */
export function sameDistribution(a: Distribution, b: Distribution): boolean {
  if (a.kind === 'categorical' || b.kind === 'categorical') {
    return (
      a.kind === 'categorical' &&
      b.kind === 'categorical' &&
      a.choices.length === b.choices.length &&
      a.choices.every((choice, i) => choice === b.choices[i])
    )
  }
  return a.kind === b.kind && a.low === b.low && a.high === b.high && a.log === b.log && a.step === b.step
}

/** The nearest allowed value: within the bounds and on a step. */
export function snap(distribution: NumericDistribution, value: number): number {
  const { low, high, step } = distribution
  const clipped = Math.min(high, Math.max(low, value))
  if (step === null) return clipped
  const stepped = low + Math.round((clipped - low) / step) * step
  // 0 + 3 * 0.1 is 0.30000000000000004: a stepped value is written as people write it.
  return Math.min(high, Math.max(low, distribution.kind === 'int' ? stepped : Number(stepped.toPrecision(15))))
}
