// The plane: two axes, contours, paths and places on them, as SVG; drawn while the site is built, and at every change.
import { numberText, roundTicks } from '../charts/ticks.ts'

/** A range of values along an axis. */
export type Range = readonly [from: number, to: number]

export interface Plane {
  readonly width: number
  readonly height: number
  readonly x: Range
  readonly y: Range
  readonly xTitle: string
  readonly yTitle: string
}

const LEFT = 34
const BOTTOM = 40
const TOP = 24
const RIGHT = 8
const round = (value: number) => Math.round(value * 10) / 10

/** From values to pixels, and back. */
export function placesOf({ width, height, x, y }: Plane) {
  const [w, h] = [width - LEFT - RIGHT, height - TOP - BOTTOM]
  return {
    px: (value: number) => round(LEFT + ((value - x[0]) / (x[1] - x[0])) * w),
    py: (value: number) => round(TOP + (1 - (value - y[0]) / (y[1] - y[0])) * h),
    fromPixels: (left: number, top: number) =>
      [x[0] + ((left - LEFT) / w) * (x[1] - x[0]), y[0] + (1 - (top - TOP) / h) * (y[1] - y[0])] as const,
  }
}

/** Axes with titles: y above, x at its right end. */
function axes(plane: Plane): string {
  const { px, py } = placesOf(plane)
  const { width, height, x, y, xTitle, yTitle } = plane
  const ticks = ([from, to]: Range) => roundTicks(from, to).filter(tick => tick >= from && tick <= to)
  const step = (values: readonly number[]) => (values[1] ?? 1) - (values[0] ?? 0)
  const [xs, ys] = [ticks(x), ticks(y)]
  const down = ys.map(
    tick =>
      `<path class="grid" d="M${LEFT} ${py(tick)}H${width - RIGHT}"/>` +
      `<text x="${LEFT - 5}" y="${py(tick) + 4}" text-anchor="end">${numberText(tick, step(ys))}</text>`,
  )
  const across = xs.map(
    tick =>
      `<text x="${px(tick)}" y="${height - BOTTOM + 16}" text-anchor="middle">${numberText(tick, step(xs))}</text>`,
  )
  return (
    `<text class="title" x="0" y="13">${yTitle}</text>${down.join('')}${across.join('')}` +
    `<text class="title" x="${width - RIGHT}" y="${height - 6}" text-anchor="end">${xTitle}</text>`
  )
}

/** A path through places; what leaves the plane is cut off at its frame. */
export function pathOn(plane: Plane, places: readonly (readonly [number, number])[]): string {
  const { px, py } = placesOf(plane)
  const near = (value: number, [from, to]: Range) => Math.max(from - (to - from), Math.min(to + (to - from), value))
  const drawn = places.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  return drawn.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${px(near(x, plane.x))} ${py(near(y, plane.y))}`).join('')
}

/** A plane with what is drawn on it. @param inner SVG, in pixels */
export function planeSvg(plane: Plane, inner: string, label: string): string {
  const { width, height } = plane
  const clip = `clip-${width}-${height}`
  const frame = `x="${LEFT}" y="${TOP}" width="${width - LEFT - RIGHT}" height="${height - TOP - BOTTOM}"`
  return (
    `<svg class="chart plane" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">` +
    `<clipPath id="${clip}"><rect ${frame}/></clipPath>${axes(plane)}<g clip-path="url(#${clip})">${inner}</g></svg>`
  )
}
