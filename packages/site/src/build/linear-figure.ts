// The opening figure's recorded classifier as a page shows it first: pictures of a digit, of weights and of products,
// and
// the error on moved digits.
import { imageDataUri, pixelImage } from '@ddlf/lab/plots'
import type { Chart } from '../charts/chart.ts'
import { linearDigitsSchema, products, readLinearDigits, SIDE } from '../explain/linear-digits.ts'
import recorded from '../explain/linear-digits.json'

const { shifts, errors, ...model } = linearDigitsSchema.parse(recorded)
const { digits, weights } = readLinearDigits(model)
const peak = weights.flatMap(row => Array.from(row, Math.abs)).reduce((a, b) => Math.max(a, b), 0)
const FIRST = 7
const BRIGHTEST = 255
const PAPER = [252, 250, 246] as const
const MORE = [198, 93, 12] as const
const LESS = [31, 99, 176] as const

/** A picture of values: blue below zero, orange above. */
function picture(values: ArrayLike<number>): string {
  const planes = ([0, 1, 2] as const).flatMap(channel =>
    Array.from(values, value => {
      const hue = value > 0 ? MORE : LESS
      return PAPER[channel] + (hue[channel] - PAPER[channel]) * Math.min(1, Math.abs(value) / peak)
    }),
  )
  return imageDataUri(pixelImage(Uint8Array.from(planes), [3, SIDE, SIDE], [0, BRIGHTEST]))
}

const digit = digits[FIRST] ?? new Uint8Array(SIDE * SIDE)
const row = weights[FIRST] ?? new Float32Array(SIDE * SIDE)

/** As it is written into the page. */
export const linearModel = JSON.stringify(model)

/** The three pictures of the sum, left to right. */
export const linearViews = [
  {
    part: 'ink',
    title: 'a digit',
    src: imageDataUri(
      pixelImage(
        digit.map(grey => BRIGHTEST - grey),
        [1, SIDE, SIDE],
        [0, BRIGHTEST],
      ),
    ),
  },
  { part: 'weights', title: 'weights', src: picture(row) },
  { part: 'product', title: 'products', src: picture(products(row, digit)) },
] as const

const points = shifts.map((shift, i) => [shift, 100 * (errors[i] ?? NaN)] as const)

/** The measured counterpart: the error by shift. */
export const shiftChart: Chart = {
  series: [{ name: 'linear, 10,000 test digits', colour: 0, points }],
  yTitle: 'test error',
  yUnit: '%',
  xTitle: 'pixels moved to the right',
  scale: 'linear',
}
