// Class numbers that a loss reads: checked wherever their values are known, since a wrong one would only be a loss of
// 0.
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import { outputsOf, topologicalOrder, type Graph } from '../ir/graph.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape, sizeOf, type Shape } from '../ir/shape.ts'
import { formatType, requireTensors, Tensor, tensorOf } from '../ir/tensor.ts'
import { collectReads } from './reads-of-graph.ts'

interface LabelAttributes extends Attributes {
  readonly classes: number
  /** The one value outside the classes that is allowed; empty: none. */
  readonly ignored: readonly number[]
}

/** Where an element lies, for a message: `row 3`, or `row 3, position [7]` with further axes. */
function placeOf(index: number, shape: Shape): string {
  const perRow = sizeOf(shape.slice(1))
  const row = `row ${Math.floor(index / perRow)}`
  if (shape.length < 2) return row
  const position: number[] = []
  for (let axis = shape.length - 1, rest = index % perRow; axis > 0; axis--) {
    const size = shape[axis] as number
    position.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return `${row}, position ${formatShape(position)}`
}

/**
 * Checks class numbers.
 * @param values whole numbers in the order of `shape`; several stacks of that shape may follow one another
 * @param options `shape` defaults to one axis; `source` says what the rows are rows of; `ignoreIndex` is allowed too
 * @throws UserError naming the first label outside 0 .. `classes` - 1 (and other than `ignoreIndex`) and its row
 */
export function checkLabels(
  values: ArrayLike<number>,
  options: {
    readonly classes: number
    readonly ignoreIndex?: number | null | undefined
    readonly shape?: Shape
    readonly source?: string
  },
): void {
  const { classes, ignoreIndex, shape: given, source } = checkOptions('checkLabels', options, {
    classes: kinds.needed(kinds.whole(0)), ignoreIndex: kinds.nullable(kinds.whole()), shape: kinds.shape,
    source: kinds.text,
  })
  const isList = (list: unknown) => Array.isArray(list) || kinds.typedArray.accepts(list)
  checkArgument('checkLabels', 'the labels', values, { is: 'a list or a typed array', accepts: isList })
  const shape = given ?? [values.length]
  const size = Math.max(sizeOf(shape), 1)
  for (let i = 0; i < values.length; i++) {
    const label = values[i] as number
    if ((label >= 0 && label < classes) || label === ignoreIndex) continue
    const named = typeof ignoreIndex === 'number' ? `, or ${ignoreIndex} for rows to leave out` : ''
    throw new UserError({
      rule: `The labels of ${classes} classes are whole numbers from 0 to ${classes - 1}${named}.`,
      received: `label ${label} in ${placeOf(i % size, shape)}${source === undefined ? '' : ` of ${source}`}`,
      next: label === classes
        ? 'Count classes from 0, or give the last layer one output more.'
        : 'Give the last layer one output for each class, or pass ignoreIndex for rows to leave out.',
    })
  }
}

const classLabelsOp = defineOp<LabelAttributes>({
  name: 'classLabels',
  infer([labels]) {
    const type = labels as TensorType
    if (type.dtype !== 'int32') throw new UserError({
      rule: 'labels of classes are int32.', received: formatType(type),
    })
    return type
  },
  gradient: null,
  // What is fed is checked before a run; see `labelChecks`.
  onnx: (_emitter, { names }) => names[0] as string,
  reference({ inputs: [labels], output, attributes: { classes, ignored } }) {
    const { data, shape } = labels as ReferenceValue
    checkLabels(data, { classes, ignoreIndex: ignored[0], shape })
    output.data.set(data)
  },
  samples: [
    { inputs: [{ shape: [2, 3], dtype: 'int32', low: 0, high: 4 }], attributes: { classes: 4, ignored: [] } },
    { inputs: [{ shape: [3], dtype: 'int32', values: [1, -100, 0] }], attributes: { classes: 2, ignored: [-100] } },
  ],
})

/**
 * The same labels, which must be numbers of classes: 0 .. `classes` - 1, or `ignoreIndex`. Values that are known or fed
 * are checked on every runtime.
 * @throws UserError naming the label and its row, at once for constants and otherwise when the graph runs
 */
export function classLabels(labels: Tensor, classes: number, ignoreIndex: number | null = null): Tensor {
  requireTensors('classLabels', labels)
  checkArgument('classLabels', 'the number of classes', classes, kinds.whole(0))
  checkArgument('classLabels', 'ignoreIndex', ignoreIndex, kinds.nullable(kinds.whole()))
  if (labels.leaf?.kind === 'constant') checkLabels(
    labels.leaf.data ?? [], { classes, ignoreIndex, shape: labels.shape },
  )
  return Tensor.apply(classLabelsOp, [labels], { classes, ignored: ignoreIndex === null ? [] : [ignoreIndex] })
}

/** Elements that an intermediate value may have to be computed again for a check, for each label. */
const COMPUTED_AGAIN = 4

/**
 * Whether labels follow from what is fed alone, by little work: such labels are checked before a run. Others can only
 * be checked inside the graph.
 */
export const followFromInputs = (labels: Tensor): boolean =>
  topologicalOrder([tensorOf('followFromInputs', labels)]).every(({ leaf, size }) =>
    leaf ? leaf.kind === 'input' || leaf.kind === 'constant' : size <= COMPUTED_AGAIN * Math.max(labels.size, 256))

/** Labels in a graph, and what they must be. */
export interface LabelCheck {
  readonly labels: Tensor
  readonly classes: number
  readonly ignoreIndex: number | null
}

/** All labels of a graph that can be checked before a run, those that bodies read from around them included. */
export const labelChecks = (graph: Pick<Graph, 'outputs'>): LabelCheck[] =>
  collectReads(outputsOf('labelChecks', graph), ({ op, origin, inputs: [read] }, around) => {
    if (op?.name !== classLabelsOp.name || !read || !followFromInputs(around(read))) return []
    const { classes, ignored } = origin?.application.attributes as LabelAttributes
    return [{ labels: around(read), classes, ignoreIndex: ignored[0] ?? null }]
  })
