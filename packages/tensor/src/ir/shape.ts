// Static shapes: sizes, strides, axes and broadcasting.
import { checkArgument, describe, kinds, UserError } from '../errors.ts'

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/**
 * Refuses what is no list of sizes.
 * @param more further sizes, which somebody gave one by one instead of in a list
 */
export function checkShape(owner: string, shape: unknown, ...more: readonly unknown[]): void {
  if (more.length === 0 && kinds.shape.accepts(shape)) return
  const sizes = [shape, ...more].flat()
  const written = sizes.every(size => typeof size === 'number') && (more.length > 0 || !Array.isArray(shape))
  checkArgument(owner, 'the shape', more.length > 0 ? sizes.join(', ') : shape, kinds.shape,
    written ? `Write the sizes in a list: ${/\W/.test(owner) ? '' : owner}([${sizes.join(', ')}]).`
      : 'Write the sizes in a list, for example [2, 3].')
}

/** `[2, 3]` as users write it. */
export function formatShape(shape: Shape): string {
  if (!Array.isArray(shape)) checkShape('formatShape', shape)
  return `[${shape.map(size => String(size)).join(', ')}]`
}

/** Number of elements: the product of the axes' sizes. */
export function sizeOf(shape: Shape): number {
  if (!Array.isArray(shape) || shape.some(size => typeof size !== 'number')) checkShape('sizeOf', shape)
  return shape.reduce((product: number, size: number) => product * size, 1)
}

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

/** Size of one axis, which must exist. */
export function sizeAt(shape: Shape, axis: number): number {
  const size = shape[axis]
  if (size === undefined) throw new UserError({ rule: `A tensor of shape ${formatShape(shape)} has no axis ${axis}.` })
  return size
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= sizeAt(shape, axis)
  }
  return strides
}

/** Turns a possibly negative axis into 0 .. rank - 1. */
export function normalizeAxis(axis: number, rank: number, owner?: string): number {
  const normalized = Number.isInteger(axis) && axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank) {
    throw new UserError({
      rule: `${owner === undefined ? 'An axis' : `${owner}: an axis`} of a tensor with ${rank} axes ` +
        `${rank === 0 ? 'does not exist' : `must be an integer from ${-rank} to ${rank - 1}`}.`,
      received: (axis as unknown) === undefined ? 'nothing' : describe(axis),
      next: typeof axis === 'number' ? undefined : 'Write the number of the axis, as 0 or -1.',
    })
  }
  return normalized
}

/** Normalises, sorts and checks a list of axes; `undefined` means all of them. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis)
  checkArgument('A reduction', 'axes', axes, kinds.axes)
  const list = (typeof axes === 'number' ? [axes] : [...axes])
    .map(axis => normalizeAxis(axis, rank)).sort((a, b) => a - b)
  if (new Set(list).size !== list.length) {
    throw new UserError({ rule: 'Each axis may be named once.', received: formatShape(list) })
  }
  return list
}

/**
 * The shape two operands broadcast to: aligned at the last axis, sizes equal or one of them 1.
 * @returns `undefined` when they do not broadcast
 */
export function broadcastShapes(a: Shape, b: Shape): number[] | undefined {
  if (!Array.isArray(a) || !Array.isArray(b)) for (const shape of [a, b]) checkShape('broadcastShapes', shape)
  const rank = Math.max(a.length, b.length)
  const result = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const left = a[a.length - i] ?? 1
    const right = b[b.length - i] ?? 1
    if (left !== right && left !== 1 && right !== 1) return undefined
    result[rank - i] = left === 1 ? right : left
  }
  return result
}

/** The axes of `to` along which a tensor of shape `from` is repeated when it broadcasts to `to`. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length
  return to.flatMap((size, axis) => (axis < offset || (from[axis - offset] === 1 && size !== 1) ? [axis] : []))
}

/** Strides that read a tensor of shape `from` as if it had shape `to`: 0 along repeated axes. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from)
  const offset = to.length - from.length
  return to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : (strides[axis - offset] ?? 0)))
}

/** The shape after reducing `axes` (normalised), keeping them as size 1 or dropping them. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]))
}
