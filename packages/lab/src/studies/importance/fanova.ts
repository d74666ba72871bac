// Functional analysis of variance: how much of the variation of the objective each parameter explains by itself.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { isSingle, toInternal, type Choice, type Distribution } from '../space/distribution.ts'
import { distributionToOptuna } from '../space/optuna-distribution.ts'
import { asLoss, type Direction, type Trial } from '../trial.ts'
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

/** The cells between the thresholds of a tree along one feature. */
function cellsOf(leaves: readonly Leaf[], feature: number): (readonly [number, number])[] {
  const edges = [...new Set(leaves.flatMap(({ box }) => box[feature] ?? []))].sort((a, b) => a - b)
  return edges.slice(1).map((edge, i): [number, number] => [edges[i] as number, edge])
}

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
  const cells = features.reduce<(readonly [number, number])[][]>(
    (products, feature) => products.flatMap(product => cellsOf(leaves, feature).map(cell => [...product, cell])),
    [[]],
  )
  const values: number[] = []
  const weights: number[] = []
  for (const cell of cells) {
    const inside = leaves.filter(({ box }) =>
      features.every(
        (feature, i) =>
          (box[feature]?.[0] ?? 0) <= (cell[i]?.[0] ?? 0) && (box[feature]?.[1] ?? 0) >= (cell[i]?.[1] ?? 0),
      ),
    )
    const shares = inside.map(({ box }) => volume(box, others))
    const total = shares.reduce((sum, share) => sum + share, 0)
    values.push(inside.reduce((sum, { value }, i) => sum + value * (shares[i] ?? 0), 0) / total)
    weights.push(total * cell.reduce((product, [low, high]) => product * (high - low), 1))
  }
  return weightedVariance(values, weights) / whole
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
  } = checkOptions('fanova', options, ['direction', 'objective', 'trees', 'depth', 'seed'])
  for (const [name, value] of Object.entries({ trees: forest.trees, depth: forest.depth })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue
    throw new UserError({
      rule: `fanova: ${name} is a whole number from 1 on.`,
      received: String(value),
      next: 'Leave it out for 64.',
    })
  }
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
  a !== undefined && distributionToOptuna(a) === distributionToOptuna(b)
