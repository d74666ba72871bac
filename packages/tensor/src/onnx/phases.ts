// The gradient of the images of a strided convolution, on the native kernels. Pixels whose row and column have the same
// remainders by the strides are a phase: each is a convolution of the gradient, without strides, by some of the
// kernel's elements. One convolution makes them all, side by side as channels, and a gather of rows puts them into
// place.
import { sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import { gridOf, imageSize, type WindowAttributes } from '../ops/window.ts'
import { emitRows } from './blocked-moves.ts'
import type { Emitter } from './emitter.ts'

/** One axis of the images. */
interface Axis {
  readonly size: number
  readonly step: number
  /** The phases that elements of the kernel reach; the others are zeros. */
  readonly live: readonly number[]
  /** The element of the kernel that a phase reads, at each place of its window on the gradient. */
  readonly taps: (phase: number) => readonly (number | undefined)[]
  readonly before: number
  readonly after: number
  /** Results along the axis, of zeros behind them too. */
  readonly count: number
  /** Where a result of zeros is. */
  readonly zero: number
}

/** How the gradient of the images is computed. */
export interface Phases {
  readonly rows: Axis
  readonly columns: Axis
  readonly batch: number
  readonly outputs: number
  readonly channels: number
}

function axisOf(
  size: number, taps: number, grid: number, step: number, padding: number, zeros: boolean,
): Axis | undefined {
  // Pixel `step * u + phase` is reached from place u + offset of the gradient.
  const offsetOf = (tap: number, phase: number) => (phase + padding - tap) / step
  const all = (count: number) => Array.from({ length: count }, (_, i) => i)
  const reached = all(step).map(phase => all(taps).filter(tap => Number.isInteger(offsetOf(tap, phase))))
  const offsets = reached.flatMap((found, phase) => found.map(tap => offsetOf(tap, phase)))
  const [lowest, highest] = [Math.min(...offsets), Math.max(...offsets)]
  const live = all(step).filter(phase => (reached[phase] as number[]).length > 0)
  const zero = Math.max(Math.ceil(size / step), grid - lowest)
  const count = zeros ? zero + 1 : Math.ceil(size / step)
  const after = count - 1 + highest - (grid - 1)
  return lowest > 0 || after < 0 ? undefined : {
    size, step, live, before: -lowest, after, count, zero,
    taps: phase => all(highest - lowest + 1).map(place =>
      reached[phase]?.find(tap => offsetOf(tap, phase) === lowest + place)),
  }
}

/**
 * The plan for a convolution with strides of images of whole blocks of channels to whole blocks; `undefined` where the
 * gradient has another form.
 */
export function phases(
  emitter: Emitter, flowing: Shape, weight: Shape,
  attributes: WindowAttributes & { readonly groups: number; readonly inputSize: readonly number[] },
): Phases | undefined {
  const { stride, padding, dilation, groups, inputSize } = attributes
  const [outputs, channels] = weight as [number, number]
  const whole = emitter.channelBlock > 0 && [outputs, channels].every(count => count % emitter.channelBlock === 0)
  if (!whole || groups !== 1 || dilation.some(step => step !== 1) || stride.every(step => step === 1)) return undefined
  const [kernel, grid] = [imageSize(weight), gridOf(inputSize, imageSize(weight), attributes)]
  const axis = (i: 0 | 1, zeros: boolean) =>
    axisOf(inputSize[i] as number, kernel[i], grid[i], stride[i] as number, padding[i] as number, zeros)
  const columns = axis(1, false)
  const unreached = [0, 1].some(i => (stride[i] as number) > (kernel[i as 0 | 1]))
  const rows = axis(0, unreached)
  return rows && columns && { rows, columns, batch: sizeAt(flowing, 0), outputs, channels }
}

/** [phases places, kh kw]: which element of the kernel stands at each place of the window of each phase. */
function choice({ rows, columns }: Phases, [height, width]: readonly [number, number]): Float32Array {
  const element = (y: number | undefined, x: number | undefined) =>
    (y === undefined || x === undefined ? -1 : y * width + x)
  const places = rows.live.flatMap(row => columns.live.flatMap(column =>
    rows.taps(row).flatMap(y => columns.taps(column).map(x => element(y, x)))))
  const matrix = new Float32Array(places.length * height * width)
  places.forEach((found, i) => {
    if (found >= 0) matrix[i * height * width + found] = 1
  })
  return matrix
}

/** Where every row of a block of channels of the images lies among those of the phases. */
function placesIn({ rows, columns, channels }: Phases, block: number): number[] {
  const blocks = channels / block
  const count = rows.live.length * columns.live.length
  const order: number[] = []
  for (let c = 0; c < blocks; c++) for (let y = 0; y < rows.size; y++) for (let x = 0; x < columns.size; x++) {
    const [row, column] = [rows.live.indexOf(y % rows.step), columns.live.indexOf(x % columns.step)]
    const phase = row * columns.live.length + column
    order.push(row < 0 || column < 0 ? rows.zero * columns.count
      : ((c * count + phase) * rows.count + Math.floor(y / rows.step)) * columns.count + Math.floor(x / columns.step))
  }
  return order
}

/** The gradient of the images, in their blocked form. */
export function emitPhases(
  emitter: Emitter, [gradient, weight]: readonly [string, string], kernel: Shape, plan: Phases,
): string {
  const { rows, columns, batch, outputs, channels } = plan
  const b = emitter.channelBlock
  const size = imageSize(kernel)
  const count = rows.live.length * columns.live.length
  const window = [rows.taps(0).length, columns.taps(0).length]
  const area = sizeOf(window)
  // [O, C, kh kw] -> [C / b, O / b, kh kw, b (out), b (in)]
  const split = emitter.reshape(weight, [outputs / b, b, channels / b, b, sizeOf(size)])
  const blocks = emitter.reshape(
    emitter.node('Transpose', [split], { perm: [2, 0, 4, 1, 3] }), [channels / b, outputs / b, sizeOf(size), b * b],
  )
  // [phases places, kh kw] x that -> [C / b, O / b, phases, places, b, b] -> [C / b, phases, O / b, places, b, b]
  const chosen = emitter.node('MatMul', [
    emitter.constant(choice(plan, size), 'float32', [count * area, sizeOf(size)]), blocks,
  ])
  const weights = emitter.reshape(
    emitter.exchangeRows(chosen, [channels / b, outputs / b, count, area * b * b]),
    [count * channels, outputs, ...window],
  )
  const form = emitter.native('Conv', [emitter.blocked(gradient), weights], {
    kernel_shape: window, pads: [rows.before, columns.before, rows.after, columns.after],
  })
  const shape = [batch, channels, rows.size, columns.size]
  const places = count * (channels / b) * rows.count * columns.count
  const key = `of phases ${shape.join()} ${[rows, columns].map(
    axis => [axis.step, axis.count, axis.zero, ...axis.live].join(':'),
  ).join()}`
  return emitter.reshape(emitRows(emitter, form, [batch, places, b], key, () => placesIn(plan, b)), shape)
}
