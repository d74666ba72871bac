// Divides a data set at random by a seed, with the share of every class kept.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { columnOf, subset } from './dataset.ts'
import type { Dataset } from './dataset.ts'

/** How a data set is divided. */
export interface SplitOptions<Name extends string> {
  /** Share of each part, for example `{ train: 0.9, validation: 0.1 }`; the shares must add up to at most 1. */
  readonly fractions: Readonly<Record<Name, number>>
  /** Seed of the random choice. */
  readonly seed: number
  /** Keep the share of every value of this column equal in all parts (a stratified split). */
  readonly stratifyBy?: string
}

/** Divides `total` by shares that add up to 1, with the largest-remainder rule: whole numbers whose sum is `total`. */
function apportion(total: number, shares: readonly number[]): number[] {
  const exact = shares.map(share => share * total)
  const counts = exact.map(value => Math.floor(value + 1e-9))
  const missing = total - counts.reduce((a, b) => a + b, 0)
  const byRemainder = exact
    .map((value, k) => [value - (counts[k] as number), k] as const)
    .sort((a, b) => b[0] - a[0] || a[1] - b[1])
  for (const [, k] of byRemainder.slice(0, Math.max(0, missing))) counts[k] = (counts[k] as number) + 1
  return counts
}

/**
 * Whole numbers near `exact` whose sum is `total`, as far as `most` allows: rounded down, then one more each by the
 * largest remainders. Equal remainders take their turns in the order `turns`.
 */
function roundTo(total: number, exact: readonly number[], most: readonly number[], turns: ArrayLike<number>): number[] {
  const counts = exact.map((value, k) => Math.max(0, Math.min(Math.floor(value + 1e-9), most[k] as number)))
  let missing = total - counts.reduce((a, b) => a + b, 0)
  while (missing !== 0) {
    const step = Math.sign(missing)
    const able = Array.from(turns).filter(k =>
      step > 0 ? (counts[k] as number) < (most[k] as number) : (counts[k] as number) > 0,
    )
    if (able.length === 0) break
    // How far a count lies below its exact value; rounded, so that equal ones are equal.
    const short = (k: number) => step * Math.round(((exact[k] as number) - (counts[k] as number)) * 1e6)
    able.sort((a, b) => short(b) - short(a))
    for (const k of able.slice(0, Math.abs(missing))) counts[k] = (counts[k] as number) + step
    missing = total - counts.reduce((a, b) => a + b, 0)
  }
  return counts
}

/**
 * How many examples of each stratum go to each part. The sizes of the parts are those asked for, over all strata; a
 * stratum gives each part its share up to rounding, and the part `train` (else the largest) at least one, where it has
 * a share at all.
 * @returns counts by part, then by stratum
 */
function divideStrata(
  sizes: readonly number[],
  names: readonly string[],
  shares: readonly number[],
  seed: number,
): number[][] {
  const total = sizes.reduce((a, b) => a + b, 0)
  const rest = Math.max(0, 1 - shares.reduce((a, b) => a + b, 0))
  // What no part asked for is a last part that nobody gets.
  const all = [...shares, rest]
  const targets = apportion(total, all)
  const largest = shares.indexOf(Math.max(...shares))
  const training = names.includes('train') ? names.indexOf('train') : largest
  const keep = (shares[training] as number) > 0 ? 1 : 0
  const left = [...sizes]
  // What rounding has taken from a stratum too little or too much so far: the next part makes it good.
  const carried = sizes.map(() => 0)
  const counts = all.map((): number[] => [])
  for (const [part, share] of all.entries()) {
    if (part === training) continue
    const exact = sizes.map((size, k) => size * share + (carried[k] as number))
    const given = roundTo(
      targets[part] as number,
      exact,
      left.map(size => Math.max(0, size - keep)),
      permutation(randomKey(seed, 'split remainders', part), sizes.length),
    )
    for (const [k, count] of given.entries()) {
      left[k] = (left[k] as number) - count
      carried[k] = (exact[k] as number) - count
    }
    counts[part] = given
  }
  counts[training] = left
  return counts.slice(0, shares.length)
}

/** The examples of each value of a column, ascending by the value; of all as one where no column is named. */
function strataOf(dataset: Dataset, stratifyBy?: string): (readonly [stratum: number, examples: readonly number[]])[] {
  const groups = new Map<number, number[]>()
  const strata = stratifyBy === undefined ? undefined : columnOf(dataset, stratifyBy).data
  for (let i = 0; i < dataset.length; i++) {
    const stratum = strata?.[i] ?? 0
    const group = groups.get(stratum)
    if (group === undefined) groups.set(stratum, [i])
    else group.push(i)
  }
  return [...groups].sort((a, b) => a[0] - b[0])
}

/**
 * The example indices of each part of a seeded random (or stratified) split, ascending. Pass one to the loader's
 * `indices` to train on a part without copying the data, or use {@link splitDataset} for separate data sets.
 *
 * Each part has the size asked for over all (the largest-remainder rule), also where the strata are small: which of
 * them give one more is drawn by the seed. No stratum is left out of the part `train` (the largest part where none has
 * this name), so that with strata of one example each nothing is left for the other parts.
 * @throws UserError when a fraction is not in 0 .. 1 or the fractions add up to more than 1
 */
export function splitIndices<Name extends string>(
  dataset: Dataset,
  options: SplitOptions<Name>,
): Record<Name, Int32Array> {
  checkOptions('splitIndices', options, ['fractions', 'seed', 'stratifyBy'])
  const names = Object.keys(options.fractions) as Name[]
  const shares = names.map(name => options.fractions[name])
  const sum = shares.reduce((a, b) => a + b, 0)
  if (names.length === 0 || shares.some(share => !(share >= 0 && share <= 1)) || sum > 1 + 1e-9) {
    throw new UserError({
      rule: 'The fractions of a split must each lie in 0 .. 1 and add up to at most 1.',
      received: JSON.stringify(options.fractions),
      next: 'For example { train: 0.9, validation: 0.1 }',
    })
  }
  const ordered = strataOf(dataset, options.stratifyBy)
  const counts = divideStrata(
    ordered.map(([, group]) => group.length),
    names,
    shares,
    options.seed,
  )
  const parts = names.map((): number[] => [])
  for (const [s, [stratum, group]] of ordered.entries()) {
    const order = permutation(randomKey(options.seed, 'split', stratum), group.length)
    let from = 0
    for (const [k, part] of parts.entries()) {
      const to = from + (counts[k]?.[s] as number)
      for (const position of order.subarray(from, to)) part.push(group[position] as number)
      from = to
    }
  }
  return Object.fromEntries(names.map((name, k) => [name, Int32Array.from(parts[k] as number[]).sort()])) as Record<
    Name,
    Int32Array
  >
}

/** Divides a data set at random by a seed; see {@link splitIndices}. The parts are copies. */
export function splitDataset<Name extends string>(
  dataset: Dataset,
  options: SplitOptions<Name>,
): Record<Name, Dataset> {
  checkOptions('splitDataset', options, ['fractions', 'seed', 'stratifyBy'])
  const parts = Object.entries<Int32Array>(splitIndices(dataset, options))
  return Object.fromEntries(parts.map(([name, indices]) => [name, subset(dataset, indices)])) as Record<Name, Dataset>
}

/** How a data set is divided into folds. */
export interface FoldOptions {
  /** How many, at least two. */
  readonly folds: number
  /** Seed of the random choice. */
  readonly seed: number
  /** Keep the share of every value of this column equal in all folds. */
  readonly stratifyBy?: string
}

/** Examples of a fold: as many of each, and one more of the first ones where they do not come out even. */
export const foldSize = (examples: number, folds: number, fold: number): number =>
  Math.floor(examples / folds) + Number(fold < examples % folds)

/**
 * Divides a data set at random into folds of equal size, {@link foldSize}: each is held out once, and the others are
 * learned from. Stratified, also the examples of each stratum in two folds differ by one at most.
 * @returns the indices of the examples of each fold, in the order of the data
 * @throws UserError for fewer than two folds, and for more than there are examples
 */
export function foldIndices(dataset: Dataset, options: FoldOptions): Int32Array[] {
  const { folds, seed, stratifyBy } = checkOptions('foldIndices', options, ['folds', 'seed', 'stratifyBy'])
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= dataset.length)) {
    throw new UserError({
      rule: `Folds must be a whole number from 2 to ${dataset.length}, the examples of ${dataset.name}.`,
      received: String(folds),
    })
  }
  // Stratum by stratum, shuffled, dealt out like cards.
  const shuffled = strataOf(dataset, stratifyBy).flatMap(([stratum, examples]) =>
    Array.from(permutation(randomKey(seed, 'folds', stratum), examples.length), k => examples[k] as number),
  )
  return Array.from({ length: folds }, (_, fold) =>
    Int32Array.from(shuffled.filter((__, at) => at % folds === fold)).sort(),
  )
}
