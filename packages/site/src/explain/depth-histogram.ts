// Values on their way through layers that nobody has trained: do they fade, burst, or keep their size? Arithmetic and
// drawing.
import { normals, randomKey } from '@ddlf/tensor/random'
import { drawHistogram } from './histogram.ts'

export type HistogramActivation = 'relu' | 'tanh'

/** What the reader has chosen, and the layer that is shown. */
export interface DepthState {
  /** Standard deviation of the weights, in units of He's: the square root of 2 over the width. */
  readonly scale: number
  readonly activation: HistogramActivation
  /** Whether each layer's sums are brought to mean 0 and deviation 1 over the batch. */
  readonly norm: boolean
  readonly step: number
}

export const DEPTH_LAYERS = 10
const WIDTH = 48
const BATCH = 64
const EPSILON = 1e-5
export const DEPTH_START: DepthState = { scale: 0.6, activation: 'relu', norm: false, step: DEPTH_LAYERS }

/** What stands of a layer's values. */
export interface LayerValues {
  readonly values: Float32Array
  readonly deviation: number
  /** Share of values that are 0 (ReLU) or beyond 0.97 (tanh). */
  readonly silent: number
}

function summary(values: Float32Array, activation: HistogramActivation): LayerValues {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const isSilent = (value: number) => (activation === 'relu' ? value === 0 : Math.abs(value) > 0.97)
  return {
    values,
    deviation: Math.sqrt(square / values.length),
    silent: values.reduce((count, value) => count + (isSilent(value) ? 1 : 0), 0) / values.length,
  }
}

/** Brings each unit's sums over the batch to mean 0 and deviation 1, in place. */
export function normaliseBatch(sums: Float32Array, width: number): void {
  const batch = sums.length / width
  for (let unit = 0; unit < width; unit++) {
    let mean = 0
    for (let row = 0; row < batch; row++) mean += (sums[row * width + unit] ?? 0) / batch
    let variance = 0
    for (let row = 0; row < batch; row++) variance += ((sums[row * width + unit] ?? 0) - mean) ** 2 / batch
    const scale = 1 / Math.sqrt(variance + EPSILON)
    for (let row = 0; row < batch; row++)
      sums[row * width + unit] = ((sums[row * width + unit] ?? 0) - mean) * scale
  }
}

let kept: { readonly key: string; readonly layers: readonly LayerValues[] } | undefined

/** The values after every layer, the input first. The same weights whatever the scale: only their size changes. */
export function layersOf({ scale, activation, norm }: Omit<DepthState, 'step'>): readonly LayerValues[] {
  const key = JSON.stringify([scale, activation, norm])
  if (kept?.key === key) return kept.layers
  const act = activation === 'relu' ? (z: number) => Math.max(0, z) : Math.tanh
  let values = normals(randomKey(1, 'inputs'), BATCH * WIDTH)
  const layers = [{ ...summary(values, activation), silent: 0 }]
  for (let layer = 1; layer <= DEPTH_LAYERS; layer++) {
    const weights = normals(randomKey(1, 'weights', layer), WIDTH * WIDTH, 0, scale * Math.sqrt(2 / WIDTH))
    const sums = new Float32Array(BATCH * WIDTH)
    for (let row = 0; row < BATCH; row++) {
      for (let unit = 0; unit < WIDTH; unit++) {
        let sum = 0
        for (let k = 0; k < WIDTH; k++) sum += (values[row * WIDTH + k] ?? 0) * (weights[k * WIDTH + unit] ?? 0)
        sums[row * WIDTH + unit] = sum
      }
    }
    if (norm) normaliseBatch(sums, WIDTH)
    values = sums.map(act)
    layers.push(summary(values, activation))
  }
  kept = { key, layers }
  return layers
}

export function drawDepth(state: DepthState, width: number): string {
  const layers = layersOf(state)
  const { values } = layers[state.step] ?? layers[0] ?? { values: new Float32Array() }
  const deviations = layers.map(({ deviation }) => deviation)
  return drawHistogram({ values, range: [-3, 3], width, label: saidOfDepth(state), deviations, at: state.step })
}

/** What the figure shows, in words. */
export function saidOfDepth(state: DepthState): string {
  const layers = layersOf(state)
  const [first, here, last] = [layers[0], layers[state.step], layers.at(-1)]
  if (!first || !here || !last) return ''
  const silent = `${(100 * here.silent).toFixed(0)} % ${state.activation === 'relu' ? 'are 0' : 'are saturated'}`
  const place = state.step === 0 ? 'The inputs' : `After layer ${state.step}`
  const ratio = last.deviation / first.deviation
  const so =
    ratio < 0.1
      ? 'They fade: so do the gradients on their way back.'
      : ratio > 10
        ? 'They burst.'
        : 'They keep their size to the end.'
  const share = state.step === 0 ? '' : `, ${silent}`
  return `${place}: standard deviation ${Number(here.deviation.toPrecision(2))}${share}. ${so}`
}
