// The valley figure: contours of the loss, and the path that a rate and a momentum take from a start.
import { descend, FLAT, limitRate, lossAt, settledAfter, STEEP, STEPS, type Descent } from './descent.ts'
import { pathOn, placesOf, planeSvg, type Plane } from './plane.ts'

/** What the reader has chosen, and how many steps are shown. */
export interface ValleyState extends Descent {
  readonly step: number
}

export const VALLEY_START: ValleyState = { rate: 1.2, momentum: 0, start: [-9, 3], step: 12 }

/** @param width pixels of the page's place for it */
export const valleyPlane = (width: number): Plane => ({
  width,
  height: Math.round(Math.min(340, width * 0.62)),
  x: [-11, 11],
  y: [-5, 5],
  xTitle: 'matters little',
  yTitle: 'a weight that matters much',
})

const LEVELS = [0.1, 0.5, 1.5, 3, 5, 8, 12]

/** Ellipses on which the loss is the same. */
function contours(plane: Plane): string {
  const { px, py } = placesOf(plane)
  return LEVELS.map(level => {
    const [rx, ry] = [Math.sqrt((2 * level) / FLAT), Math.sqrt((2 * level) / STEEP)]
    return `<ellipse class="contour" cx="${px(0)}" cy="${py(0)}" rx="${px(rx) - px(0)}" ry="${py(0) - py(ry)}"/>`
  }).join('')
}

export function drawValley(state: ValleyState, width: number): string {
  const plane = valleyPlane(width)
  const { px, py } = placesOf(plane)
  const path = descend(state).slice(0, state.step + 1)
  const dots = path.map(([x, y], i) => {
    const isLast = i === path.length - 1
    return `<circle class="step${isLast ? ' last' : ''}" cx="${px(x)}" cy="${py(y)}" r="${isLast ? 5 : 2.5}"/>`
  })
  const [x, y] = state.start
  const handle = `<circle class="handle" cx="${px(x)}" cy="${py(y)}" r="9"/>`
  const line = `<path class="trail" d="${pathOn(plane, path)}"/>`
  return planeSvg(plane, contours(plane) + line + dots.join('') + handle, saidOfValley(state))
}

/** What the figure shows, in words. */
export function saidOfValley(state: ValleyState): string {
  const path = descend(state)
  const here = path[state.step] ?? state.start
  const loss = lossAt(here)
  const settled = settledAfter(path)
  const limit = limitRate(state.momentum)
  const outcome =
    state.rate >= limit
      ? `Above a rate of ${limit.toFixed(2)} every step overshoots by more than the last: it never arrives.`
      : settled === undefined
        ? `After ${STEPS} steps it has not come within a hundredth of where it began.`
        : `It is within a hundredth of where it began after ${settled} steps.`
  return `Step ${state.step}: the loss is ${loss < 1e4 ? loss.toPrecision(3) : loss.toExponential(1)}. ${outcome}`
}
