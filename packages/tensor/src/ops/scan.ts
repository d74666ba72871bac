// A loop over the first axis of tensors, whose body is a graph of its own: recurrent networks, and whatever else hands
// a state from step to step.
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import { dependents } from '../ir/dependents.ts'
import { flopOf, topologicalOrder } from '../ir/graph.ts'
import { defineMultiOp, type Attributes, type OpDefinition, type ReferenceValue } from '../ir/op.ts'
import type { Region } from '../ir/region.ts'
import { formatShape, sameShape } from '../ir/shape.ts'
import { formatType, requireTensorList, Tensor } from '../ir/tensor.ts'
import { emitScan } from '../onnx/emit-scan.ts'
import { substitute } from '../passes/substitute.ts'
import { evaluate } from '../runtimes/reference/evaluate.ts'
import { captures, markBefore, placeholder, type TensorsLike } from './capture.ts'
import { scanGradient } from './scan-gradient.ts'
import { pruneScan } from './scan-prune.ts'

/**
 * How a scan runs its body. Its inputs are the first values of what is carried, then what is read step by step, then
 * the rest.
 */
export interface ScanAttributes extends Attributes {
  /** How many values are carried from step to step: the body's first inputs and outputs. */
  readonly carries: number
  /** How many tensors are read step by step, along their first axis: the body's next inputs. */
  readonly xs: number
  /** How many steps there are. */
  readonly length: number
  /** Whether the last step comes first. */
  readonly reverse: boolean
}

/** A scan's body takes what is carried, the present elements, and what is the same at all steps. */
export const scanOp: OpDefinition<ScanAttributes> = defineMultiOp<ScanAttributes>({
  name: 'scan',
  infer(inputs, { carries, xs, length }, [body]) {
    const { inputs: given, outputs: made } = body as Region
    given.forEach((placeholder, i) => {
      const input = inputs[i]
      const shape = i >= carries && i < carries + xs ? [length, ...placeholder.shape] : placeholder.shape
      if (!input || input.dtype !== placeholder.dtype || !sameShape(input.shape, shape)) {
        throw new UserError({
          rule: `input ${i} must be ${placeholder.dtype}${formatShape(shape)}.`,
          received: input ? formatType(input) : 'nothing',
        })
      }
      const next = i < carries ? made[i] : placeholder
      if (!next || next.dtype !== placeholder.dtype || !sameShape(next.shape, placeholder.shape)) {
        throw new UserError({
          rule: `what is carried must keep its shape and dtype, ${formatType(placeholder)}.`,
          received: next ? formatType(next) : 'nothing',
        })
      }
    })
    return made.map(({ shape, dtype }, i) => ({ shape: i < carries ? shape : [length, ...shape], dtype }))
  },
  gradient: application => scanGradient(application),
  onnx: (emitter, { names, attributes, regions: [body] }) => emitScan(emitter, names, attributes, body as Region),
  reference({ inputs, outputs, attributes: { carries, xs, length, reverse }, regions: [body] }) {
    const { inputs: given, outputs: made } = body as Region
    const precision = [...inputs, ...outputs].some(value => value?.data instanceof Float64Array) ? 'float64' : 'float32'
    const fed = new Map(given.map((placeholder, i) => [placeholder, (inputs[i] as ReferenceValue).data]))
    for (let step = 0; step < length; step++) {
      const at = reverse ? length - 1 - step : step
      given.slice(carries, carries + xs).forEach((placeholder, i) => {
        const { data } = inputs[carries + i] as ReferenceValue
        fed.set(placeholder, data.subarray(at * placeholder.size, (at + 1) * placeholder.size))
      })
      const values = evaluate(made, fed, precision)
      values.forEach((value, i) => {
        if (i < carries) fed.set(given[i] as Tensor, value)
        else outputs[i]?.data.set(value, at * value.length)
      })
    }
    outputs
      .slice(0, carries)
      .forEach((output, i) => output?.data.set(fed.get(given[i] as Tensor) as ReferenceValue['data']))
  },
  flop: ({ attributes: { length }, regions: [body] }) => length * flopOf(body as Region),
  prune: pruneScan,
  firstCaptured: ({ carries, xs }) => carries + xs,
  // A body cannot be written as a sample: scan has a suite of its own.
  samples: [],
})

let bodies = 0

/** Whether the body of a scan is being traced at present: what happens there happens at every step. */
export const isTracingBody = (): boolean => bodies > 0

/** What a step of a scan makes. */
export interface ScanStep<Y extends readonly Tensor[]> {
  /** The next values of what is carried, in order and of the same types. */
  readonly carry: readonly Tensor[]
  /** What is collected of every step; default nothing. */
  readonly ys?: Y
}

/** Settings of a scan. */
export interface ScanOptions {
  /** Whether the last step comes first; the collected values keep their places. Default no. */
  readonly reverse?: boolean
  /** How many steps; needed only where nothing is read step by step. */
  readonly length?: number
}

function lengthOf(xs: readonly Tensor[], length: number | undefined): number {
  const sizes = xs.map(({ shape }) => shape[0])
  const steps = length ?? sizes[0]
  const read = xs.length === 0 ? 'nothing to read' : xs.map(formatType).join(' and ')
  if (steps === undefined || !Number.isInteger(steps) || steps < 1 || sizes.some(size => size !== steps)) {
    throw new UserError({
      rule: 'scan: what is read step by step must have one first axis of at least one step.',
      received: `${read}${length === undefined ? '' : `, length ${length}`}`,
      next: xs.length === 0 ? 'Give a scan that reads nothing a length.' : 'Put the steps first: [steps, ...].',
    })
  }
  return steps
}

/** Calls the step once, on what stands for the values of any step. */
function trace<T>(step: () => T): T {
  bodies++
  try {
    return step()
  } finally {
    bodies--
  }
}

function requireCarry(init: readonly Tensor[], next: readonly Tensor[]): void {
  requireTensorList('scan', next)
  if (next.length === init.length &&
    next.every((tensor, i) => formatType(tensor) === formatType(init[i] as Tensor))) return
  const begun = init.map(formatType).join(', ') || 'none'
  throw new UserError({
    rule: `scan: the body must return what it carries with the types that it begins with: ${begun}.`,
    received: next.map(formatType).join(', ') || 'none',
  })
}

/**
 * Closes a body over what it uses from around it.
 * @param mark from before the body was built
 * @returns the body, whose outputs are the next carry and then everything that it makes, so that any of it can be
 *   collected; what it captures; and what stands in it for the given results
 */
function close(
  mark: number, given: readonly Tensor[], carried: readonly Tensor[], next: readonly Tensor[], ys: readonly Tensor[],
) {
  const results = [...next, ...ys]
  const inside = dependents(topologicalOrder(results), new Set(given))
  const { applications, captured } = captures(results, mark, tensor => inside.has(tensor))
  const made = [...new Set([...ys, ...carried, ...[...applications].flatMap(({ outputs }) => outputs)])]
  const outputs = substitute([...next, ...made], captured)
  const body: Region = { inputs: [...given, ...captured.values()], outputs }
  return { body, captured: [...captured.keys()], places: ys.map(y => next.length + made.indexOf(y)) }
}

/**
 * Runs a body once for each step along the first axis of `xs`, and hands what it carries from step to step. The body is
 * traced once. What it uses from around it is captured; what of it does not depend on the step is computed once,
 * outside.
 *
 * The gradient is a scan in the other direction, with a gradient of its own. Random numbers that the body draws are the
 * same at every step: draw them outside, [steps, ...], and read them step by step.
 * @param step takes the carried values and the present element of each of `xs`
 * @param init what is carried into the first step
 * @param xs tensors [steps, ...]
 * @returns what is carried out of the last step, and what was collected, [steps, ...] each
 * @throws UserError when the carried values change their types or the first axes differ
 */
export function scan<
  const C extends readonly Tensor[],
  const X extends readonly Tensor[],
  const Y extends readonly Tensor[] = readonly [],
>(
  step: (carry: TensorsLike<C>, xs: TensorsLike<X>) => ScanStep<Y>,
  init: C,
  xs: X,
  options: ScanOptions = {},
): { readonly carry: TensorsLike<C>; readonly ys: TensorsLike<Y> } {
  const { reverse = false, length: wanted } = checkOptions(
    'scan', options, { reverse: kinds.flag, length: kinds.whole(1) },
  )
  checkArgument(
    'scan', 'the step', step, kinds.callable, 'Write scan(([h], [x]) => ({ carry: [next] }), [first], [xs]).',
  )
  requireTensorList('scan', init)
  requireTensorList('scan', xs)
  const length = lengthOf(xs, wanted)
  const carried = init.map(({ shape, dtype }, i) => placeholder(`carry${i}`, shape, dtype))
  const elements = xs.map(({ shape, dtype }, i) => placeholder(`x${i}`, shape.slice(1), dtype))
  const mark = markBefore()
  const made = trace(() => step(carried as TensorsLike<C>, elements as TensorsLike<X>))
  checkArgument('scan', 'what a step returns', made, kinds.dictionary(), 'Return { carry: [...], ys: [...] }.')
  const { carry: next, ys = [] } = made
  requireTensorList('scan', ys)
  requireCarry(init, next)
  const { body, captured, places } = close(mark, [...carried, ...elements], carried, next, ys)
  const outputs = Tensor.applyAll(
    scanOp,
    [...init, ...xs, ...captured],
    { carries: init.length, xs: xs.length, length, reverse },
    [body],
  )
  return {
    carry: outputs.slice(0, init.length) as TensorsLike<C>,
    ys: places.map(place => outputs[place]) as TensorsLike<Y>,
  }
}
