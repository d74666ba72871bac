// Which line of a chart lies next to a point of its drawing.
import type { Chart } from './chart.ts'
import { layOut } from './line-chart.ts'

type Place = readonly [x: number, y: number]

/** The distance of a point from a stretch of a line. */
export function distanceTo([x, y]: Place, [fromX, fromY]: Place, [toX, toY]: Place): number {
  const [dx, dy] = [toX - fromX, toY - fromY]
  const along = Math.max(0, Math.min(1, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(x - fromX - along * dx, y - fromY - along * dy)
}

/** The line next to a point of the drawing, and how far it is. */
export function lineNear(chart: Chart, width: number, at: Place): { readonly index: number; readonly away: number } {
  const { frame } = layOut(chart, width)
  const isDrawn = ([, y]: Place) => Number.isFinite(y) && (!frame.log || y > 0)
  const distances = chart.series.map(({ points }) => {
    const places = points.map(point => (isDrawn(point) ? ([frame.x(point[0]), frame.y(point[1])] as const) : undefined))
    return places.reduce((least, to, i) => {
      const from = places[i - 1] ?? to
      return to && from ? Math.min(least, distanceTo(at, from, to)) : least
    }, Infinity)
  })
  const index = distances.indexOf(Math.min(...distances))
  return { index, away: distances[index] ?? Infinity }
}
