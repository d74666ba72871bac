// The geometry that convolution and pooling share: where windows lie on the last two axes of [N, C, H, W].
import { checkArgument, kinds, UserError, type Kind } from '../errors.ts'
import type { Attributes, TensorType } from '../ir/op.ts'
import type { Shape } from '../ir/shape.ts'
import { formatType, requireTensors } from '../ir/tensor.ts'

/** One number for height and width, or one for each. */
export type Pair = number | readonly [number, number]

/**
 * Rows and columns added around an image: one number for all sides, [height, width], or each side by name (default 0).
 */
export type Padding = Pair | Partial<Readonly<Record<'top' | 'bottom' | 'left' | 'right', number>>>

/** Attributes of every op with windows; `padding` is top, left, bottom, right. */
export interface WindowAttributes extends Attributes {
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
}

/** Sizes, strides and dilations. */
export const pairKind = kinds.pairOf(kinds.whole(1))

const amount = kinds.whole(0)

/** What can be put around an image. */
export const paddingKind: Kind = {
  is: `${kinds.pairOf(amount).is}, or { top, bottom, left, right }`,
  accepts: value => kinds.pairOf(amount).accepts(value) || (kinds.dictionary(kinds.optional(amount)).accepts(value) &&
    Object.keys(value as object).every(side => ['top', 'bottom', 'left', 'right'].includes(side))),
}

/** Height and width of a pair of whole numbers of at least 1, which an argument of that name gives. */
export function pairOf(pair: Pair, owner: string, name: string): readonly [number, number] {
  checkArgument(owner, name, pair, pairKind)
  return typeof pair === 'number' ? [pair, pair] : pair
}

/** Top, left, bottom, right. */
export function sidesOf(padding: Padding): readonly [number, number, number, number] {
  checkArgument('The images', 'the padding around them', padding, paddingKind)
  if (typeof padding === 'number') return [padding, padding, padding, padding]
  if ('length' in padding) return [padding[0], padding[1], padding[0], padding[1]]
  const { top = 0, bottom = 0, left = 0, right = 0 } = padding
  return [top, left, bottom, right]
}

/** Checked attributes from what a user wrote. */
export function windowAttributes(
  { stride, padding = 0, dilation = 1 }: { stride: Pair; padding?: Padding; dilation?: Pair }, owner: string,
): WindowAttributes {
  return {
    stride: pairOf(stride, owner, 'stride'), padding: sidesOf(padding), dilation: pairOf(dilation, owner, 'dilation'),
  }
}

/** Requires float32 [N, C, H, W]. */
export function requireImages(type: TensorType): void {
  if (!Array.isArray((type as Partial<TensorType> | undefined)?.shape)) requireTensors('images', type)
  if (type.dtype !== 'float32' || type.shape.length !== 4) {
    throw new UserError({ rule: 'images must be float32 with the axes [N, C, H, W].', received: formatType(type) })
  }
}

/**
 * Height and width of the grid of windows of size `kernel` on an image of `size`. Throws when not even one window fits.
 */
export function gridOf(size: Shape, kernel: Shape, { stride, padding, dilation }: WindowAttributes): [number, number] {
  const along = (axis: 0 | 1) => {
    const span = (dilation[axis] as number) * ((kernel[axis] as number) - 1) + 1
    const padded = (size[axis] as number) + (padding[axis] as number) + (padding[axis + 2] as number)
    if (padded < span) {
      throw new UserError(
        { rule: `a window that spans ${span} elements does not fit an axis of ${padded} elements (padding included).` },
      )
    }
    return Math.floor((padded - span) / (stride[axis] as number)) + 1
  }
  return [along(0), along(1)]
}

/** Height and width of images. */
export const imageSize = (shape: Shape): [number, number] => [shape[2] as number, shape[3] as number]

/**
 * Calls `f(row, column, k)` for the positions inside an image of `size` that the window at grid position (gridRow,
 * gridColumn) covers; k counts the window's elements, padding included.
 */
export function eachInWindow(
  size: Shape, kernel: Shape, { stride, padding, dilation }: WindowAttributes,
  gridRow: number, gridColumn: number, f: (row: number, column: number, k: number) => void,
): void {
  for (let i = 0; i < (kernel[0] as number); i++) {
    const row = gridRow * (stride[0] as number) - (padding[0] as number) + i * (dilation[0] as number)
    if (row < 0 || row >= (size[0] as number)) continue
    for (let j = 0; j < (kernel[1] as number); j++) {
      const column = gridColumn * (stride[1] as number) - (padding[1] as number) + j * (dilation[1] as number)
      if (column >= 0 && column < (size[1] as number)) f(row, column, i * (kernel[1] as number) + j)
    }
  }
}
