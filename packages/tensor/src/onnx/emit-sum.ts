// Sums in ONNX whose error does not grow with their length: kernels add one element after another in float32, so that
// ten million equal numbers come out one percent wrong. Long sums are taken over short runs first and then in double
// precision.
import type { TensorType } from '../ir/op.ts'
import { reducedShape, sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import type { Emitter } from './emitter.ts'

/**
 * Lengths that one kernel adds with an error below 1e-6 of the sum of magnitudes, measured with equal elements, the
 * worst case: as a whole, and as runs of a longer sum. The native kernels add elements that lie side by side in several
 * lanes.
 */
const LANE = { whole: 64, run: 64 } as const
const LANES = { whole: 512, run: 256 } as const
/** Runs of positions in the blocked layout, which go through a matrix product: it adds in several lanes too. */
const BLOCKED_RUN = 256
/** Runs of products that are added without writing them, one after another; shorter ones are not worth the form. */
const DOT_RUN = 64
const SHORTEST_DOT = 16
/** What is left is added in float32 up to this length, and in double precision beyond. */
const SHORT_REST = 16

/** A value whose axes are being added up. */
interface Partial {
  readonly value: string
  readonly shape: Shape
  /** The axes still to be added up. */
  readonly axes: readonly number[]
}

const limits = ({ provider }: Emitter, adjacent: boolean) => (adjacent && provider === 'cpu' ? LANES : LANE)

const lengthOf = ({ shape, axes }: Pick<Partial, 'shape' | 'axes'>) =>
  axes.reduce((product, axis) => product * sizeAt(shape, axis), 1)

const reduce = (emitter: Emitter, value: string, axes: readonly number[], keepDims = false) =>
  emitter.node('ReduceSum', [value, emitter.constant(axes, 'int64', [axes.length])], { keepdims: keepDims ? 1 : 0 })

/**
 * Neighbouring axes of the same kind become one, axes of size 1 none: what remains alternates between kept and added
 * up.
 */
function merged(shape: Shape, axes: readonly number[]): { shape: number[]; axes: number[] } {
  const groups: { size: number; added: boolean }[] = []
  shape.forEach((size, axis) => {
    const added = axes.includes(axis)
    const last = groups.at(-1)
    if (size === 1) return
    if (last?.added === added) last.size *= size
    else groups.push({ size, added })
  })
  return { shape: groups.map(({ size }) => size), axes: groups.flatMap(({ added }, axis) => (added ? [axis] : [])) }
}

/**
 * Adds up runs of at most `limit` elements of an axis; where no length near the limit divides it, zeros are put behind.
 */
function addRuns(emitter: Emitter, { value, shape, axes }: Partial, axis: number, limit: number): Partial {
  const size = sizeAt(shape, axis)
  let run = Math.min(limit, size)
  while (size % run !== 0) run--
  let source = value
  if (run < limit / 4 && run < size) {
    run = limit
    const behind = shape.map((_, i) => (i === axis ? Math.ceil(size / run) * run - size : 0))
    source = emitter.node('Pad', [
      value, emitter.constant([...shape.map(() => 0), ...behind], 'int64'), emitter.constant(0, 'float32'),
    ])
  }
  const count = Math.ceil(size / run)
  if (count === 1) {
    const below = axes.filter(other => other !== axis).map(other => (other > axis ? other - 1 : other))
    return { value: reduce(emitter, source, [axis]), shape: shape.toSpliced(axis, 1), axes: below }
  }
  const folded = emitter.reshape(source, shape.toSpliced(axis, 1, count, run))
  return { value: reduce(emitter, folded, [axis + 1]), shape: shape.with(axis, count), axes }
}

/** Adds up what is left after runs. */
function addRest(emitter: Emitter, rest: Partial): string {
  const length = lengthOf(rest)
  if (rest.axes.length === 0) return rest.value
  if (length <= SHORT_REST) return reduce(emitter, rest.value, rest.axes)
  // WebGPU has no double precision: more runs.
  if (emitter.provider === 'webgpu') return length <= LANE.whole ? reduce(
    emitter, rest.value, rest.axes,
  ) : addInRuns(emitter, rest)
  return emitter.cast(reduce(emitter, emitter.cast(rest.value, 'float64'), rest.axes), 'float32')
}

/** Runs of the last axes first, until they are long enough for the rest to cost little in double precision. */
function addInRuns(emitter: Emitter, whole: Partial): string {
  const length = lengthOf(whole)
  let rest = whole
  do {
    const axis = rest.axes.at(-1) as number
    const adjacent = axis === rest.shape.length - 1
    const { whole: atOnce, run } = limits(emitter, adjacent)
    const size = sizeAt(rest.shape, axis)
    rest = addRuns(emitter, rest, axis, size <= atOnce ? size : run)
  } while (rest.axes.length > 0 && length / lengthOf(rest) < SHORT_REST)
  return addRest(emitter, rest)
}

/**
 * Of a product of blocked images that nothing else reads, sums over runs of positions, [N, C / b, runs, b]: as a
 * depthwise convolution of every run with the other image's, so that the product is not written. `undefined` elsewhere.
 */
function emitDots(
  emitter: Emitter, product: string, [batch, blocks, positions, b]: readonly number[],
): Pick<Partial, 'value' | 'shape'> | undefined {
  const factors = emitter.blockedFactors(product)
  let run = Math.min(DOT_RUN, positions as number)
  while ((positions as number) % run !== 0) run--
  if (!factors || run < SHORTEST_DOT) return undefined
  const shape = [batch as number, blocks as number, (positions as number) / run, b as number]
  const channels = sizeOf(shape)
  const [x, y] = factors
  const dots = emitter.native(
    'Conv', [emitter.reshape(x, [1, channels, 1, run]), emitter.reshape(y, [channels, 1, 1, run])],
    { kernel_shape: [1, run], group: channels },
  )
  return { value: emitter.reshape(dots, shape), shape }
}

/**
 * Emits the sum of a value over axes (normalised, in order). Short sums are one node; which ones, the static shape
 * decides.
 */
export function emitSum(
  emitter: Emitter, value: string, type: TensorType, axes: readonly number[], keepDims: boolean,
): string {
  if (axes.length === 0) return emitter.node('Identity', [value])
  const result = reducedShape(type.shape, axes, keepDims)
  if (emitter.fitsBlocks(type) && emitter.hasBlocked(value) && ['0,2,3', '2,3'].includes(axes.join())) {
    // [N, C / b, H W, b]: positions first, then the batch; what remains is [C] or [N, C] in order.
    const [batch, channels, height, width] = type.shape as [number, number, number, number]
    const shape = [batch, channels / emitter.channelBlock, height * width, emitter.channelBlock]
    const added = axes.length === 2 ? [2] : [0, 2]
    const dots = emitDots(emitter, value, shape)
    if (dots) return emitter.reshape(addRest(emitter, { ...dots, axes: added }), result)
    const blocks = { value: emitter.reshape(emitter.blocked(value), shape), shape, axes: added }
    return emitter.reshape(addRest(emitter, addRuns(emitter, blocks, 2, Math.min(BLOCKED_RUN, height * width))), result)
  }
  const groups = merged(type.shape, axes)
  const length = lengthOf(groups)
  const adjacent = groups.axes.length === 1 && groups.axes[0] === groups.shape.length - 1
  const short = length <= limits(emitter, adjacent).whole
  if (length <= LANE.whole || type.dtype !== 'float32' || sizeOf(type.shape) === 0) return reduce(
    emitter, value, axes, keepDims,
  )
  // Kernels see elements side by side only where the last axes are added up, those of size 1 too.
  if (short && axes.every((axis, i) => axis === type.shape.length - axes.length + i)) return reduce(
    emitter, value, axes, keepDims,
  )
  return emitter.reshape(addInRuns(emitter, { value: emitter.reshape(value, groups.shape), ...groups }), result)
}
