// A random forest for regression: trees that split where the squared error falls most, each on a resample of the rows.
import { integerAt, randomKey } from '@ddlf/tensor/random'

/** A node that asks whether `feature <= threshold`, or a leaf with its value. */
export type TreeNode =
  | { readonly feature: number; readonly threshold: number; readonly left: TreeNode; readonly right: TreeNode }
  | { readonly value: number }

/** Options of {@link regressionForest}; the defaults are those of Optuna's fANOVA. */
export interface ForestOptions {
  /** Default 64. */
  readonly trees?: number
  /** Default 64. */
  readonly depth?: number
  /** Default 0. */
  readonly seed?: number
}

/** A column of the rows by feature. */
type Columns = readonly Float64Array[]

const meanOf = (targets: Float64Array, rows: Int32Array) =>
  rows.reduce((sum, row) => sum + (targets[row] as number), 0) / rows.length

interface Split {
  readonly feature: number
  readonly threshold: number
  readonly gain: number
}

/** The best split of some rows along one feature; undefined where all are equal. */
function bestAlong(feature: number, column: Float64Array, targets: Float64Array, rows: Int32Array): Split | undefined {
  const order = rows.toSorted((a, b) => (column[a] as number) - (column[b] as number))
  const total = order.reduce((sum, row) => sum + (targets[row] as number), 0)
  let left = 0
  let best: Split | undefined
  for (let i = 0; i + 1 < order.length; i++) {
    left += targets[order[i] as number] as number
    const here = column[order[i] as number] as number
    const next = column[order[i + 1] as number] as number
    if (!(next > here)) continue
    // The fall of the sum of squares, up to what is the same for all splits.
    const gain = left ** 2 / (i + 1) + (total - left) ** 2 / (order.length - i - 1)
    if (best === undefined || gain > best.gain) best = { feature, threshold: here / 2 + next / 2, gain }
  }
  return best
}

function grow(columns: Columns, targets: Float64Array, rows: Int32Array, depth: number): TreeNode {
  const value = meanOf(targets, rows)
  if (rows.length < 2 || depth === 0 || rows.every(row => targets[row] === targets[rows[0] as number])) return { value }
  let best: Split | undefined
  for (const [feature, column] of columns.entries()) {
    const split = bestAlong(feature, column, targets, rows)
    if (split && (best === undefined || split.gain > best.gain)) best = split
  }
  if (!best) return { value }
  const { feature, threshold } = best
  const isLeft = (row: number) => (columns[feature]?.[row] as number) <= threshold
  return {
    feature,
    threshold,
    left: grow(columns, targets, rows.filter(isLeft), depth - 1),
    right: grow(
      columns,
      targets,
      rows.filter(row => !isLeft(row)),
      depth - 1,
    ),
  }
}

/**
 * Trees over the same columns, each grown on as many rows drawn with replacement.
 * Source: Breiman, "Random forests", Machine Learning 2001.
 */
export function regressionForest(
  columns: Columns,
  targets: Float64Array,
  { trees = 64, depth = 64, seed = 0 }: ForestOptions = {},
): TreeNode[] {
  return Array.from({ length: trees }, (_, tree) => {
    const key = randomKey(seed, 'forest', tree)
    const rows = Int32Array.from(targets, (_target, i) => integerAt(key, i, targets.length))
    return grow(columns, targets, rows, depth)
  })
}
