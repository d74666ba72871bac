// Indices that a graph is fed: checked before a run, since kernels say less of them, or take any number.
import type { TypedArray } from '../ir/dtype.ts'
import { outputsOf, type Graph } from '../ir/graph.ts'
import { formatShape, sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import type { Tensor } from '../ir/tensor.ts'
import { indexOutOfRange } from '../runtimes/explain-error.ts'
import { collectReads, type Around } from './reads-of-graph.ts'

/** Indices in a graph, and what they must be. */
export interface IndexCheck {
  /** An input or a constant that holds them. */
  readonly indices: Tensor
  /** Entries of the axis. */
  readonly size: number
  /** Whether negative ones count from the end; else they are refused. */
  readonly fromEnd: boolean
}

/** Ops that hand all elements on, in another order or shape. */
const MOVES: readonly string[] = ['expand', 'reshape', 'transpose']

/** The input or the constant whose elements some indices are; undefined where they are computed. */
function sourceOf(indices: Tensor, around: Around): Tensor | undefined {
  let found = around(indices)
  while (found.op && MOVES.includes(found.op.name)) found = around(found.inputs[0] as Tensor)
  return found.leaf?.kind === 'input' || found.leaf?.kind === 'constant' ? found : undefined
}

/** The indices that an op reads, and the entries that they name. */
function readsOf({ op, origin, inputs }: Tensor): { indices: Tensor; size: number; fromEnd: boolean } | undefined {
  const attributes = origin?.application.attributes ?? {}
  const [first, second] = inputs
  if (!op || !first || !second) return undefined
  switch (op.name) {
    case 'gather':
    case 'takeAlongAxis':
      return {
        indices: second,
        size: sizeAt(first.shape, Number(attributes['axis'])),
        fromEnd: attributes['fromZero'] !== true,
      }
    case 'scatterAdd':
    case 'scatterAddAlongAxis':
      return { indices: first, size: Number(attributes['size']), fromEnd: true }
    default:
      return undefined
  }
}

/**
 * All indices of a graph that are fed or constant. Those within the branches of a `cond` are not among them: a branch
 * that is not taken reads nothing.
 */
export function indexChecks(graph: Pick<Graph, 'outputs'>): IndexCheck[] {
  const known = new Set<string>()
  const all = collectReads(
    outputsOf('indexChecks', graph),
    (tensor, around) => {
      const read = readsOf(tensor)
      const indices = read && sourceOf(read.indices, around)
      return indices ? [{ ...read, indices }] : []
    },
    ({ op }) => op.name !== 'cond',
  )
  // A table and its gradient read the same.
  return all.filter(({ indices, size, fromEnd }) => {
    const key = `${indices.id} ${size} ${fromEnd}`
    const isNew = !known.has(key) && !(fromEnd && known.has(`${indices.id} ${size} false`))
    known.add(key)
    return isNew
  })
}

/** `[1, 2]`; of several steps after one another, with the step. */
function placeOf(at: number, shape: Shape): string {
  const size = Math.max(1, sizeOf(shape))
  const position: number[] = []
  let rest = at % size
  for (const length of shape.toReversed()) {
    position.unshift(rest % length)
    rest = Math.floor(rest / length)
  }
  return `${formatShape(position)}${at >= size ? ` of step ${Math.floor(at / size)}` : ''}`
}

/**
 * Checks the values of indices.
 * @param values in the order of the shape; those of several steps may follow one another
 * @throws UserError naming the first index that names no entry, its place and its input
 */
export function checkIndices({ indices, size, fromEnd }: IndexCheck, values: TypedArray): void {
  const low = fromEnd ? -size : 0
  for (let i = 0; i < values.length; i++) {
    const index = values[i] as number
    if (index >= low && index < size) continue
    const { kind, name } = indices.leaf ?? {}
    const source = name === undefined ? `the ${kind ?? 'input'}` : `the input '${name}'`
    throw indexOutOfRange(index, size, { fromEnd, place: `at ${placeOf(i, indices.shape)} of ${source}` })
  }
}
