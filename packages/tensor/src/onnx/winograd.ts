// Convolution by 3x3 kernels with fewer multiplications: as products in a domain where a tile of the output costs one
// multiplication for each element of the tile it reads. Everything is matrix products, so the gradients are too.
// Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016; points after Barabasz et al. 2020.
import { sizeAt, type Shape } from '../ir/shape.ts'
import type { Emitter } from './emitter.ts'
import { gridOf, imageSize, type WindowAttributes } from '../ops/window.ts'

type Matrix = readonly (readonly number[])[]

const KERNEL = 3

/** The matrices of F(m, 3): m outputs of a filter of 3 are `output ((filter g) * (input d))` for the m + 2 inputs d. */
interface Filtering {
  readonly tile: number
  readonly input: Matrix
  readonly filter: Matrix
  readonly output: Matrix
}

/** By the polynomial products of Toom and Cook at the given points and at infinity. */
function filtering(points: readonly number[]): Filtering {
  const tile = points.length - 1
  const reads = tile + KERNEL - 1
  const powers = (count: number): number[][] =>
    [
      ...points.map(point => Array.from({ length: count }, (_, j) => point ** j)),
      Array.from({ length: count }, (_, j) => Number(j === count - 1)),
    ]
  const without = (i: number) => points.filter((_, j) => j !== i)
  const scales = points.map((point, i) => without(i).reduce((product, other) => product * (point - other), 1))
  // Coefficients of the product of (x - root), lowest first.
  const polynomial = (roots: readonly number[]): number[] =>
    roots.reduce<number[]>(
      (c, root) => Array.from({ length: c.length + 1 }, (_, k) => (c[k - 1] ?? 0) - root * (c[k] ?? 0)), [1],
    )
  return {
    tile,
    input: [
      ...points.map((_, i) => [...polynomial(without(i)), 0]), polynomial(points),
    ].map(row => row.slice(0, reads)),
    filter: powers(KERNEL).map((row, i) => row.map(value => value / (scales[i] ?? 1))),
    output: transposed(powers(tile)),
  }
}

const transposed = (matrix: Matrix): Matrix => (matrix[0] ?? []).map((_, j) => matrix.map(row => row[j] as number))

/**
 * Every product of an element of each: what applies `a` to the rows and `b` to the columns of a matrix laid out flat.
 */
const kronecker = (a: Matrix, b: Matrix): Matrix => a.flatMap(p => b.map(q => p.flatMap(x => q.map(y => x * y))))

// Rounding errors, relative to the largest output: 6e-7 for tiles of 2 and 3e-6 for tiles of 4 (with the usual points
// 0, 1, -1, 2, -2 it is 1.1e-5), against 3e-7 for the sum of products (256 channels, normal inputs).
const TILES_OF_2 = filtering([0, 1, -1])
const TILES_OF_4 = filtering([0, 0.75, -0.75, 1.5, -1.5])

/** One axis of the images: `size` elements, `before` zeros in front of them, `count` results. */
interface Axis {
  readonly size: number
  readonly before: number
  readonly count: number
  readonly tiles: number
}

/** How a convolution is computed. */
export interface Winograd {
  readonly filtering: Filtering
  readonly rows: Axis
  readonly columns: Axis
  readonly batch: number
  readonly channels: number
  readonly outputs: number
}

/**
 * Transforming costs as much as there are channels on both sides, the products that are saved as much as their product:
 * C O / (C + O) is what decides. Measured at batch 128 (AVX-512, two threads), as a share of the time of the blocked
 * kernels:
 *
 * | channels, size | C O / (C + O) | convolution | both gradients |
 * | --- | --- | --- | --- |
 * | 512 -> 512, 4x4 | 256 | 0.34 | 0.33 |
 * | 256 -> 256, 8x8 | 128 | 0.58 | 0.46 |
 * | 128 -> 128, 16x16 | 64 | 0.83 | 0.58 |
 * | 64 -> 128, 16x16 | 43 | 1.21 | 0.68 |
 * | 64 -> 64, 8x8, 16x16, 32x32 | 32 | 0.91, 1.34, 1.62 | 0.58, 0.82, 0.87 |
 * | 32 -> 32, 16x16 | 16 | slower | slower |
 */
const WORTH = { convolution: 64, gradients: 32 }

/**
 * The plan for a convolution of images [N, C, H, W] by a weight [O, C, kh, kw], or for its gradients, where it wins: on
 * the native kernels, for 3x3 kernels that move by 1, with whole blocks of many channels on both sides.
 */
export function winograd(
  emitter: Emitter, images: Shape, weight: Shape, attributes: WindowAttributes & { readonly groups: number },
  purpose: keyof typeof WORTH,
): Winograd | undefined {
  const [outputs, channels] = weight as [number, number]
  const { stride, dilation, padding, groups } = attributes
  const one = [...stride, ...dilation, groups].every(value => value === 1)
  const worth = (channels * outputs) / (channels + outputs) >= WORTH[purpose]
  const whole = [channels, outputs].every(count => count % emitter.channelBlock === 0)
  if (emitter.channelBlock === 0 ||
    !one || imageSize(weight).some(size => size !== KERNEL) || !worth || !whole) return undefined
  const size = imageSize(images)
  const grid = gridOf(size, imageSize(weight), attributes)
  const chosen = Math.max(...grid) > 2 ? TILES_OF_4 : TILES_OF_2
  const axis = (i: 0 | 1): Axis =>
    ({ size: size[i], before: padding[i] as number, count: grid[i], tiles: Math.ceil(grid[i] / chosen.tile) })
  return { filtering: chosen, rows: axis(0), columns: axis(1), batch: sizeAt(images, 0), channels, outputs }
}

/** [m + 2, tiles] x size: reads the tiles of one axis, which overlap, and transforms them. */
function readTiles({ tile, input }: Filtering, { size, before, tiles }: Axis): Matrix {
  return input.flatMap(row => Array.from({ length: tiles }, (_, k) =>
    Array.from({ length: size }, (_, position) => row[position + before - k * tile] ?? 0)))
}

/** count x [m + 2, tiles]: transforms tiles back, and lays them side by side. */
function writeTiles({ tile, output, input }: Filtering, { count, tiles }: Axis): Matrix {
  return Array.from({ length: count }, (_, position) => input.flatMap((_, x) =>
    Array.from({ length: tiles }, (_, k) => output[position - k * tile]?.[x] ?? 0)))
}

const emitMatrix = (emitter: Emitter, matrix: Matrix): string => {
  const values = Float32Array.from(matrix.flat())
  return emitter.shared(`matrix ${matrix.length} ${values.join()}`, () => emitter.constant(
    values, 'float32', [matrix.length, values.length / matrix.length],
  ))
}

/** Applies a matrix to the rows and one to the columns of [H, W, rest]: [rows of `down`, rows of `across`, rest]. */
function emitBothAxes(emitter: Emitter, value: string, down: Matrix, across: Matrix, rest: number): string {
  const [height, width] = [down[0]?.length ?? 0, across[0]?.length ?? 0]
  const rows = emitter.node('MatMul', [emitMatrix(emitter, down), emitter.reshape(value, [height, width * rest])])
  return emitter.node('MatMul', [emitMatrix(emitter, across), emitter.reshape(rows, [down.length, width, rest])])
}

/** Rows of more elements are copied by one thread as fast as by two. */
const SHORT_ROW = 128

/** [a, b, row] -> [b, a, row] */
const emitExchanged = (emitter: Emitter, value: string, [a, b, row]: readonly [number, number, number]): string =>
  row <= SHORT_ROW ? emitter.reshape(emitter.exchangeRows(value, [1, a, b, row]), [b, a, row])
    : emitter.node('Transpose', [emitter.reshape(value, [a, b, row])], { perm: [1, 0, 2] })

/** [N, C, H, W] -> [H, W, N, C] */
function emitPositionsFirst(
  emitter: Emitter, value: string, batch: number, channels: number, rows: number, columns: number,
): string {
  const channelsLast = emitter.native('ReorderOutput', [emitter.blocked(value)], { channels, channels_last: 1 })
  return emitExchanged(emitter, channelsLast, [batch, rows * columns, channels])
}

/** [H, W, N, C] -> the blocked form of [N, C, H, W] */
function emitBlockedFromPositions(
  emitter: Emitter, value: string, batch: number, channels: number, rows: number, columns: number,
): string {
  const samples = emitExchanged(emitter, value, [rows * columns, batch, channels])
  return emitter.native(
    'ReorderInput', [emitter.reshape(samples, [batch, rows, columns, channels])], { channels_last: 1 },
  )
}

const reads = ({ filtering: { tile } }: Winograd) => tile + KERNEL - 1

/** [m + 2, tile rows, m + 2, tile columns and samples]: the axes before the channels in the domain of products. */
const domain = (plan: Winograd): number[] =>
  [reads(plan), plan.rows.tiles, reads(plan), plan.columns.tiles * plan.batch]

/** The images in the domain of products, [..domain, C]. Made once for the convolution and its weight's gradient. */
const emitImages = (emitter: Emitter, x: string, plan: Winograd): string => {
  const { filtering, rows, columns, batch, channels } = plan
  return emitter.shared(`winograd images ${x} ${filtering.tile} ${rows.before} ${columns.before} ${rows.count} ` +
    `${columns.count}`, () => {
    const positions = emitPositionsFirst(emitter, x, batch, channels, rows.size, columns.size)
    return emitter.reshape(
      emitBothAxes(emitter, positions, readTiles(filtering, rows), readTiles(filtering, columns), batch * channels),
      [...domain(plan), channels],
    )
  })
}

/** The gradient of the result in the domain of products, [..domain, O]. Made once for both gradients. */
const emitFlowing = (emitter: Emitter, gradient: string, plan: Winograd): string => {
  const { filtering, rows, columns, batch, outputs } = plan
  return emitter.shared(`winograd gradient ${gradient} ${filtering.tile}`, () => {
    const positions = emitPositionsFirst(emitter, gradient, batch, outputs, rows.count, columns.count)
    const [down, across] = [rows, columns].map(axis => transposed(writeTiles(filtering, axis))) as [Matrix, Matrix]
    return emitter.reshape(emitBothAxes(emitter, positions, down, across, batch * outputs), [...domain(plan), outputs])
  })
}

/**
 * The weight in the domain of products, [m + 2, 1, m + 2, O, C]. Made once for the convolution and its images'
 * gradient.
 */
const emitWeight = (emitter: Emitter, weight: string, plan: Winograd): string => {
  const { filtering: { filter, tile }, channels, outputs } = plan
  return emitter.shared(`winograd weight ${weight} ${tile}`, () => {
    const flat = emitter.reshape(weight, [outputs * channels, KERNEL * KERNEL])
    const products = emitter.node('Gemm', [emitMatrix(emitter, kronecker(filter, filter)), flat], { transB: 1 })
    return emitter.reshape(products, [reads(plan), 1, reads(plan), outputs, channels])
  })
}

const emitFusedMatMul = (
  emitter: Emitter, operands: readonly string[], transposition: { readonly transA?: number; readonly transB?: number },
) =>
  emitter.node('FusedMatMul', operands, transposition, { domain: 'com.microsoft' })

/** The convolution; returns the blocked form of its result. */
export function emitWinograd(
  emitter: Emitter, [x, weight, bias]: readonly [string, string, string?], plan: Winograd,
): string {
  const { filtering, rows, columns, batch, outputs } = plan
  const products = emitFusedMatMul(
    emitter, [emitImages(emitter, x, plan), emitWeight(emitter, weight, plan)], { transB: 1 },
  )
  const result = emitBothAxes(
    emitter, products, writeTiles(filtering, rows), writeTiles(filtering, columns), batch * outputs,
  )
  const blocked = emitBlockedFromPositions(emitter, result, batch, outputs, rows.count, columns.count)
  if (bias === undefined) return blocked
  // A depthwise convolution with ones, into which what follows may be fused.
  const operands = [blocked, emitter.depthwiseOnes(outputs), bias]
  return emitter.native('Conv', operands, { kernel_shape: [1, 1], group: outputs })
}

/** The gradient of the images, in their blocked form: the adjoint of {@link emitWinograd}. */
export function emitWinogradInputGradient(
  emitter: Emitter, [gradient, weight]: readonly [string, string], plan: Winograd,
): string {
  const { filtering, rows, columns, batch, channels } = plan
  const products = emitter.node('MatMul', [emitFlowing(emitter, gradient, plan), emitWeight(emitter, weight, plan)])
  const [down, across] = [rows, columns].map(axis => transposed(readTiles(filtering, axis))) as [Matrix, Matrix]
  const result = emitBothAxes(emitter, products, down, across, batch * channels)
  return emitBlockedFromPositions(emitter, result, batch, channels, rows.size, columns.size)
}

/** The gradient of the weight, [O, C, 3, 3]. */
export function emitWinogradWeightGradient(
  emitter: Emitter, [x, gradient]: readonly [string, string], plan: Winograd,
): string {
  const { filtering: { filter }, rows, channels, outputs } = plan
  const products = emitFusedMatMul(
    emitter, [emitFlowing(emitter, gradient, plan), emitImages(emitter, x, plan)], { transA: 1 },
  )
  const total = rows.tiles === 1 ? products : emitter.node(
    'ReduceSum', [products, emitter.constant([1], 'int64')], { keepdims: 1 },
  )
  const flat = emitter.reshape(total, [reads(plan) ** 2, outputs * channels])
  return emitter.reshape(
    emitter.node('Gemm', [flat, emitMatrix(emitter, kronecker(filter, filter))], { transA: 1 }),
    [outputs, channels, KERNEL, KERNEL],
  )
}
