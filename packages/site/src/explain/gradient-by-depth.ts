// A gradient on its way back through a plain net and through one with shortcuts, neither of them trained: real
// arithmetic, and its drawing.
import { normals, randomKey } from '@ddlf/tensor/random'
import { lineChart } from '../charts/line-chart.ts'

/** What the reader has chosen, and how many blocks of two layers back are shown. */
export interface GradientState {
  readonly depth: 20 | 56
  /** Standard deviation of the weights, in units of He's. */
  readonly scale: number
  /** Whether every layer is followed by batch norm. */
  readonly norm: boolean
  readonly step: number
}

export const GRADIENT_DEPTHS = [20, 56] as const
export const GRADIENT_START: GradientState = { depth: 56, scale: 0.8, norm: false, step: 28 }
const WIDTH = 24
const BATCH = 16
const EPSILON = 1e-5
const [MOST, LEAST] = [1e9, 1e-9]

interface Layer {
  readonly weights: Float64Array
  /** Sums after batch norm, and what they were divided by, unit by unit. */
  readonly hat: Float64Array
  readonly deviations: Float64Array | undefined
}

const weightsOf = (layer: number, scale: number) =>
  Float64Array.from(normals(randomKey(1, 'depth', layer), WIDTH * WIDTH, 0, scale * Math.sqrt(2 / WIDTH)))

/** Rows times weights, or times the weights turned. */
function product(rows: Float64Array, weights: Float64Array, turned = false): Float64Array {
  const out = new Float64Array(BATCH * WIDTH)
  for (let n = 0; n < BATCH; n++) {
    for (let j = 0; j < WIDTH; j++) {
      let sum = 0
      for (let k = 0; k < WIDTH; k++)
        sum += (rows[n * WIDTH + k] ?? 0) * ((turned ? weights[j * WIDTH + k] : weights[k * WIDTH + j]) ?? 0)
      out[n * WIDTH + j] = sum
    }
  }
  return out
}

/** The mean over the batch, unit by unit, of products of two lists. */
function meansOf(a: Float64Array, b?: Float64Array): Float64Array {
  const means = new Float64Array(WIDTH)
  a.forEach((value, i) => (means[i % WIDTH] = (means[i % WIDTH] ?? 0) + (value * (b?.[i] ?? 1)) / BATCH))
  return means
}

function forward(x: Float64Array, layer: number, { scale, norm }: Omit<GradientState, 'step'>): Layer {
  const weights = weightsOf(layer, scale)
  const sums = product(x, weights)
  if (!norm) return { weights, hat: sums, deviations: undefined }
  const means = meansOf(sums)
  const away = sums.map((value, i) => value - (means[i % WIDTH] ?? 0))
  const deviations = meansOf(away, away).map(variance => Math.sqrt(variance + EPSILON))
  return { weights, hat: away.map((value, i) => value / (deviations[i % WIDTH] ?? 1)), deviations }
}

/** From the gradient by a layer's output, before ReLU, to that by its input. */
function backward(gradient: Float64Array, { weights, hat, deviations }: Layer): Float64Array {
  if (!deviations) return product(gradient, weights, true)
  const [all, along] = [meansOf(gradient), meansOf(gradient, hat)]
  const bySums = gradient.map((value, i) => {
    const unit = i % WIDTH
    return (value - (all[unit] ?? 0) - (hat[i] ?? 0) * (along[unit] ?? 0)) / (deviations[unit] ?? 1)
  })
  return product(bySums, weights, true)
}

const relu = (values: Float64Array) => values.map(value => Math.max(0, value))
const open = (gradient: Float64Array, values: Float64Array) =>
  gradient.map((value, i) => ((values[i] ?? 0) > 0 ? value : 0))
const sumOf = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + (b[i] ?? 0))
const lengthOf = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))

/** A net's output for an input, and how its gradient by what comes out of each block is made. */
export function netOf(choice: Omit<GradientState, 'step'>, shortcuts: boolean) {
  return (input: Float64Array, gradient: Float64Array) => {
    let x = input
    const blocks = Array.from({ length: choice.depth / 2 }, (_, block) => {
      const first = forward(x, 2 * block, choice)
      const second = forward(relu(first.hat), 2 * block + 1, choice)
      const output = shortcuts ? sumOf(x, second.hat) : second.hat
      x = relu(output)
      return { first, second, output }
    })
    let back = gradient
    const gradients = [back]
    for (const { first, second, output } of blocks.reverse()) {
      const byOutput = open(back, output)
      const through = backward(open(backward(byOutput, second), first.hat), first)
      back = shortcuts ? sumOf(byOutput, through) : through
      gradients.push(back)
    }
    return { output: x, gradients }
  }
}

export const gradientInput = (): Float64Array => Float64Array.from(normals(randomKey(1, 'inputs'), BATCH * WIDTH))

const kept = new Map<string, readonly number[]>()

/** The size of the gradient after 0, 2, 4, ... layers back, as a share of that at the end. */
export function gradientSizes(choice: Omit<GradientState, 'step'>, shortcuts: boolean): readonly number[] {
  const key = JSON.stringify([choice.depth, choice.scale, choice.norm, shortcuts])
  const known = kept.get(key)
  if (known) return known
  const last = Float64Array.from(normals(randomKey(1, 'gradient'), BATCH * WIDTH))
  const { gradients } = netOf(choice, shortcuts)(gradientInput(), last)
  const sizes = gradients.map(lengthOf)
  const found = sizes.map(size => size / (sizes[0] ?? 1))
  kept.set(key, found)
  return found
}

const within = (value: number) => Math.max(LEAST, Math.min(MOST, value))

/** @param width pixels of the page's place for it */
export function drawGradient(state: GradientState, width: number): string {
  const upTo = (sizes: readonly number[]) =>
    sizes.slice(0, state.step + 1).map((size, block) => [2 * block, within(size)] as const)
  return lineChart({
    series: [
      { name: 'plain', colour: 1, points: upTo(gradientSizes(state, false)) },
      { name: 'with shortcuts', colour: 0, points: upTo(gradientSizes(state, true)) },
    ],
    yTitle: 'size of the gradient', xTitle: 'layers back from the end', scale: 'log', lastX: state.depth,
  }, width)
}

/** How many times as large, in figures that are read aloud: none with an exponent. */
function times(size: number): string {
  if (size >= 1e9) return 'more than a billion'
  if (size < 1e-9) return 'less than a billionth'
  const rounded = Number(size.toPrecision(size >= 1000 || size < 0.001 ? 1 : 2))
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 9 })
}

/** What the figure shows, in words. */
export function saidOfGradient(state: GradientState): string {
  const sizeHere = (shortcuts: boolean) => gradientSizes(state, shortcuts)[state.step] ?? 1
  const [plain, short] = [sizeHere(false), sizeHere(true)]
  const fate = plain < 0.01 ? 'It fades away.' : plain > 100 ? 'It bursts.' : ''
  return (
    `${2 * state.step} layers back the plain net's gradient is ${times(plain)} times what it was, ` +
    `with shortcuts ${times(short)} times. ${fate}`
  ).trim()
}
