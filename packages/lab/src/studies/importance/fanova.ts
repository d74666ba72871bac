// Functional analysis of variance: how much of the variation of the objective each parameter explains by itself.
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { isSingle, sameDistribution, toInternal, type Choice, type Distribution } from '../space/distribution.ts'
import { asLoss, directionKind, type Direction, type Trial } from '../trial.ts'
import { checkObjective } from './ped-anova.ts'
import { regressionForest, type ForestOptions, type TreeNode } from './regression-forest.ts'

/** Options of {@link fanova}. */
export interface FanovaOptions extends ForestOptions {
  /** Default `minimize`; it changes only which values count as infinitely bad. */
  readonly direction?: Direction
  /** Which objective, from 0. Default 0. */
  readonly objective?: number
}

/** The lowest and the highest value of each feature. */
export type Bounds = readonly (readonly [number, number])[]

/** A part of the space, with the value that a tree gives all of it. */
interface Leaf {
  readonly box: Bounds
  readonly value: number
}

function leavesOf(node: TreeNode, box: Bounds): Leaf[] {
  if ('value' in node) return [{ box, value: node.value }]
  const { feature, threshold, left, right } = node
  const [low, high] = box[feature] as readonly [number, number]
  return [
    ...leavesOf(left, box.with(feature, [low, threshold])),
    ...leavesOf(right, box.with(feature, [threshold, high])),
  ]
}

const volume = (box: Bounds, features: readonly number[]) =>
  features.reduce((product, feature) => product * ((box[feature]?.[1] ?? 0) - (box[feature]?.[0] ?? 0)), 1)

function weightedVariance(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0) / total
  return values.reduce((sum, value, i) => sum + (value - mean) ** 2 * (weights[i] ?? 0), 0) / total
}

/** The thresholds of a tree along one feature, and its ends. */
const edgesOf = (leaves: readonly Leaf[], feature: number): readonly number[] =>
  [...new Set(leaves.flatMap(({ box }) => box[feature] ?? []))].sort((a, b) => a - b)

/**
 * The variance of a tree's prediction over some of its features, averaged over the others, relative to its variance
 * over all; undefined for a tree that says the same everywhere.
 * Source: Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014.
 */
export function marginalShare(tree: TreeNode, bounds: Bounds, features: readonly number[]): number | undefined {
  const leaves = leavesOf(tree, bounds)
  const all = bounds.map((_, feature) => feature)
  const whole = weightedVariance(
    leaves.map(({ value }) => value),
    leaves.map(({ box }) => volume(box, all)),
  )
  if (!(whole > 0)) return undefined
  const others = all.filter(feature => !features.includes(feature))
  const grid = features.map(feature => edgesOf(leaves, feature))
  const places = grid.map(edges => new Map(edges.map((edge, i) => [edge, i])))
  // The leaves over a cell divide the rest of the space among themselves: their shares sum to 1 in every cell.
  const rest = volume(bounds, others)
  const means = sumOverCells(
    grid,
    leaves.map(({ box, value }) => ({
      spans: features.map((feature, i) => (box[feature] ?? []).map(edge => places[i]?.get(edge) ?? 0)),
      value: (value * volume(box, others)) / rest,
    })),
  )
  return weightedVariance(means, sizesOf(grid)) / whole
}

/** The product of all combinations of one item of each list, the last list varying fastest. */
const combined = <T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] =>
  lists.reduce<readonly (readonly T[])[]>(
    (products, list) => products.flatMap(product => list.map(item => [...product, item])),
    [[]],
  )

/** The size of each cell of a grid given by its edges along each side. */
const sizesOf = (grid: readonly (readonly number[])[]): number[] =>
  combined(grid.map(edges => edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0)))).map(sides =>
    sides.reduce((product, side) => product * side, 1),
  )

/**
 * For each cell of a grid, the sum of the values of what lies over it. Along the last side only the differences at both
 * ends of a span are written, and added up at the end: there may be thousands of spans, each over thousands of cells.
 * @param over `spans`: along each side the edges, by index, at which it begins and ends
 */
function sumOverCells(
  grid: readonly (readonly number[])[],
  over: readonly { readonly spans: readonly (readonly number[])[]; readonly value: number }[],
): number[] {
  const counts = grid.map(edges => edges.length - 1)
  const [along = 1, ...before] = counts.toReversed()
  const rows = before.reduce((product, count) => product * count, 1)
  const steps = Array.from({ length: rows }, () => new Float64Array(along + 1))
  for (const { spans, value } of over) {
    const ranges = spans
      .slice(0, -1)
      .map(([from = 0, to = 0]) => Array.from({ length: to - from }, (_, i) => from + i))
    const [first = 0, end = 0] = spans.at(-1) ?? []
    for (const place of combined(ranges)) {
      const row = steps[place.reduce((index, at, i) => index * (counts[i] ?? 1) + at, 0)]
      if (!row) continue
      row[first] = (row[first] ?? 0) + value
      row[end] = (row[end] ?? 0) - value
    }
  }
  return steps.flatMap(row => {
    let sum = 0
    return Array.from(row.subarray(0, along), step => (sum += step))
  })
}

/** A parameter as features of a tree: itself, or one for each choice. */
interface Encoded {
  readonly columns: readonly Float64Array[]
  readonly bounds: Bounds
}

function encode(distribution: Distribution, values: readonly Choice[]): Encoded {
  const numbers = values.map(value => toInternal(distribution, value))
  if (distribution.kind !== 'categorical') {
    return { columns: [Float64Array.from(numbers)], bounds: [[distribution.low, distribution.high]] }
  }
  return {
    columns: distribution.choices.map((_, choice) => Float64Array.from(numbers, number => Number(number === choice))),
    bounds: distribution.choices.map((): [number, number] => [0, 1]),
  }
}

/**
 * The importance of every parameter that all complete trials have, greatest first: the share of the variance of the
 * objective over the whole space that the parameter explains by itself, from a random forest, made to sum to 1. A
 * logarithmic range is measured on its plain scale, as Optuna does it; {@link pedAnova} looks at the good region.
 * @returns shares; empty with fewer than two complete trials of finite value
 * Source: Hutter, Hoos and Leyton-Brown 2014, as in Optuna 5.
 */
export function fanova(trials: readonly Trial[], options: FanovaOptions = {}): Record<string, number> {
  const {
    direction = 'minimize',
    objective = 0,
    ...forest
  } = checkOptions('fanova', options, {
    direction: directionKind, objective: kinds.whole(0), trees: kinds.whole(1), depth: kinds.whole(1),
    seed: kinds.whole(),
  })
  checkObjective('fanova', trials.filter(({ state }) => state === 'complete'), objective)
  const complete = trials.filter(
    trial => trial.state === 'complete' && Number.isFinite(asLoss(trial.values?.[objective] ?? NaN, direction)),
  )
  if (complete.length < 2) return {}
  const first = complete[0] as Trial
  const names = Object.keys(first.distributions).filter(name =>
    complete.every(trial => sameAs(trial.distributions[name], first.distributions[name] as Distribution)),
  )
  const varied = names.filter(name => !isSingle(first.distributions[name] as Distribution))
  const encoded = varied.map(name =>
    encode(
      first.distributions[name] as Distribution,
      complete.map(trial => trial.params[name] as Choice),
    ),
  )
  const bounds = encoded.flatMap(one => one.bounds)
  const targets = Float64Array.from(complete, trial => trial.values?.[objective] ?? NaN)
  const trees = regressionForest(
    encoded.flatMap(one => one.columns),
    targets,
    forest,
  )
  let from = 0
  const raw = varied.map((name, i): [string, number] => {
    const features = (encoded[i]?.bounds ?? []).map((_, k) => from + k)
    from += features.length
    const shares = trees.flatMap(tree => marginalShare(tree, bounds, features) ?? [])
    return [name, shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length]
  })
  const total = raw.reduce((sum, [, share]) => sum + share, 0) || 1
  const single = names.filter(name => !varied.includes(name)).map((name): [string, number] => [name, 0])
  return Object.fromEntries([
    ...raw.map(([name, share]): [string, number] => [name, share / total]).sort((a, b) => b[1] - a[1]),
    ...single,
  ])
}

const sameAs = (a: Distribution | undefined, b: Distribution) =>
  a === b || (a !== undefined && sameDistribution(a, b))
