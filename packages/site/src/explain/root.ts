// Why scores are divided by the root: the weights of a query on sixteen keys of random numbers, by their width.
import { normals, randomKey } from '@ddlf/tensor/random'
import { softmax } from './linear-digits.ts'

export type RootDivision = 'root' | 'none'

/** The width is 2 to the power of the step. */
export interface RootState {
  readonly step: number
  readonly division: RootDivision
}

export const ROOT_STEPS = 10
export const ROOT_START: RootState = { step: 6, division: 'none' }
const [KEYS, DRAWS, WIDEST] = [16, 12, 2 ** ROOT_STEPS]
const [HEIGHT, TOP, BOTTOM, STRIP] = [180, 22, 8, 74]
const round = (value: number) => Math.round(10 * value) / 10

let products: readonly (readonly (readonly number[])[])[] | undefined

/** Scores of each draw at every power of two: sums over the first elements of the same vectors. */
function scoresOf(): readonly (readonly (readonly number[])[])[] {
  products ??= Array.from({ length: DRAWS }, (_, draw) => {
    const query = normals(randomKey(1, 'query', draw), WIDEST)
    const keys = normals(randomKey(1, 'keys', draw), KEYS * WIDEST)
    const sums = new Array<number>(KEYS).fill(0)
    let done = 0
    return Array.from({ length: ROOT_STEPS + 1 }, (_power, step) => {
      for (; done < 2 ** step; done++)
        for (let key = 0; key < KEYS; key++)
          sums[key] = (sums[key] ?? 0) + (query[done] ?? 0) * (keys[key * WIDEST + done] ?? 0)
      return [...sums]
    })
  })
  return products
}

/** The weights of one draw, the largest first. */
export function rootWeights({ step, division }: RootState, draw = 0): number[] {
  const divisor = division === 'root' ? Math.sqrt(2 ** step) : 1
  const scores = scoresOf()[draw]?.[step] ?? []
  return softmax(scores.map(score => score / divisor)).sort((a, b) => b - a)
}

/** Over the draws: the largest weight, and what of a change of a score reaches its own weight, w (1 - w), at most. */
export function rootMeans(state: RootState): { readonly largest: number; readonly slope: number } {
  const all = Array.from({ length: DRAWS }, (_, draw) => rootWeights(state, draw))
  const mean = (f: (weights: readonly number[]) => number) => all.reduce((sum, one) => sum + f(one), 0) / DRAWS
  return { largest: mean(one => one[0] ?? 0), slope: mean(one => Math.max(...one.map(w => w * (1 - w)))) }
}

const title = (y: number, text: string) => `<text class="title" x="0" y="${y}">${text}</text>`
const widthText = (step: number) => (2 ** step).toLocaleString('en-US')

export function drawRoot(state: RootState, width: number): string {
  const weights = rootWeights(state)
  const slot = width / KEYS
  const bars = weights.map((weight, i) => {
    const height = Math.max(1, (HEIGHT - TOP - BOTTOM) * weight)
    return `<rect class="bar" x="${round(i * slot + 1)}" y="${round(HEIGHT - BOTTOM - height)}" ` +
      `width="${round(slot - 2)}" height="${round(height)}"/>`
  })
  const top = HEIGHT + 26
  const place = width / (ROOT_STEPS + 1)
  // On narrow pages every other width is named.
  const label = (step: number) => {
    if (width < 480 && step % 2 === 1) return ''
    const [at, anchor] = step === ROOT_STEPS ? [width, 'end'] : [round((step + 0.5) * place), 'middle']
    return `<text x="${at}" y="${top + STRIP + 15}" text-anchor="${anchor}">${widthText(step)}</text>`
  }
  const strip = Array.from({ length: ROOT_STEPS + 1 }, (_, step) => {
    const height = STRIP * rootMeans({ ...state, step }).largest
    const kind = `bar${step === state.step ? ' last' : ''}`
    return `<rect class="${kind}" x="${round(step * place + 1)}" y="${round(top + STRIP - height)}" ` +
      `width="${round(place - 2)}" height="${round(height)}"/>` +
      label(step)
  })
  return (
    `<svg class="chart histogram" viewBox="0 0 ${width} ${top + STRIP + 20}" role="img" ` +
    `aria-label="${saidOfRoot(state)}">${title(13, 'weights of sixteen keys, the largest first')}${bars.join('')}` +
    `${title(top - 8, `the largest weight, by width; mean of ${DRAWS} draws`)}${strip.join('')}</svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfRoot(state: RootState): string {
  const { largest, slope } = rootMeans(state)
  const how = state.division === 'root' ? 'divided by the root' : 'as they are'
  const so = largest > 0.9 ? 'One key takes nearly all, and hardly any gradient is left.'
    : largest < 0.5 ? 'Several keys have a say, and the gradient is alive.' : 'A few keys share it.'
  return `Width ${widthText(state.step)}, scores ${how}: the largest weight is ${(100 * largest).toFixed(0)} %, ` +
    `the steepest slope of a weight ${slope.toFixed(3)}. ${so}`
}
