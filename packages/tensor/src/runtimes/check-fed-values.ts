// Checks the labels and the indices among the values that are fed to a compiled graph: kernels would take any number.
import type { TypedArray } from '../ir/dtype.ts'
import { topologicalOrder, type Graph } from '../ir/graph.ts'
import { sizeOf } from '../ir/shape.ts'
import type { Tensor } from '../ir/tensor.ts'
import { checkIndices, indexChecks } from '../ops/index-checks.ts'
import { checkLabels, labelChecks, type LabelCheck } from '../ops/labels.ts'
import { evaluate } from './reference/evaluate.ts'
import { plainArray } from './typed-array.ts'

/** Checks one kind of labels in the values of `steps` steps. */
function check(
  { labels, classes, ignoreIndex }: LabelCheck,
  fed: ReadonlyMap<Tensor, TypedArray>,
  steps: number,
): void {
  if (labels.leaf) {
    checkLabels(fed.get(labels) ?? [], { classes, ignoreIndex, shape: labels.shape })
    return
  }
  const leaves = topologicalOrder([labels]).filter(({ leaf }) => leaf?.kind === 'input')
  for (let step = 0; step < steps; step++) {
    const values = new Map(
      leaves.map(leaf => {
        const size = sizeOf(leaf.shape)
        return [leaf, fed.get(leaf)?.subarray(step * size, (step + 1) * size) as TypedArray]
      }),
    )
    checkLabels(evaluate([labels], values)[0] ?? [], { classes, ignoreIndex, shape: labels.shape })
  }
}

/**
 * Makes the check of what a graph is fed. Indices that are constants are checked at once.
 * @param graph as it was traced, before passes rewrite it
 * @param fresh those of its inputs that are fed anew at every step
 * @returns a function of the values of those inputs, `steps` of them after one another; it throws a UserError
 */
export function fedValueCheck(
  graph: Graph,
  fresh = graph.inputs,
): (values: readonly TypedArray[], steps?: number) => void {
  const known = new Set(fresh)
  const checks = labelChecks(graph).filter(({ labels }) =>
    topologicalOrder([labels]).every(node => node.leaf?.kind !== 'input' || known.has(node)),
  )
  const indices = indexChecks(graph)
  for (const one of indices) if (one.indices.leaf?.data) checkIndices(one, one.indices.leaf.data)
  const fedIndices = indices.filter(one => known.has(one.indices))
  if (checks.length === 0 && fedIndices.length === 0) return () => undefined
  return (values, steps = 1) => {
    const fed = new Map(fresh.map((leaf, i) => [leaf, plainArray(values[i] as TypedArray)]))
    for (const one of checks) check(one, fed, steps)
    for (const one of fedIndices) checkIndices(one, fed.get(one.indices) as TypedArray)
  }
}
