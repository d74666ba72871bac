// What a page keeps of a chart for its cursor and its table of numbers.
import { nameWithSeeds } from './line-chart.ts'
import { xRangeOf, type Chart } from './chart.ts'
import { numberText } from './ticks.ts'

/** A chart's lines at each x, as written into a page. */
export interface ChartData {
  readonly x: readonly number[]
  readonly xTitle: string
  readonly unit: string
  /** Of the x axis as it is drawn; default from the first x to the last. */
  readonly range?: readonly [from: number, to: number]
  readonly series: readonly { readonly name: string; readonly y: readonly (number | null)[] }[]
}

/** Values that a page keeps of a line: what the eye can follow with a cursor. */
const MOST_KEPT = 60

/** Every so many, and the last. */
function thinned<T>(values: readonly T[], most: number): T[] {
  const every = Math.ceil(values.length / most)
  return values.filter((_, i) => i % every === 0 || i === values.length - 1)
}

/** A number of a chart in words: three digits, as the axis would say it. */
export const valueText = (value: number): string =>
  value === 0 ? '0' : numberText(value, 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2))

/** The lines of a chart over their common x, thinned. @param most x at most */
export function chartData({ series, xTitle, yUnit = '' }: Chart, most = MOST_KEPT): ChartData {
  const x = thinned(
    [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b),
    most,
  )
  return {
    x,
    xTitle,
    unit: yUnit,
    series: series.map(one => {
      const at = new Map(one.points)
      const rounded = (value: number | undefined) =>
        value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4))
      return { name: nameWithSeeds(one), y: x.map(value => rounded(at.get(value))) }
    }),
  }
}

/**
 * The lines of a chart where the one that was measured most seldom was measured, the others at their nearest point: a
 * test after every epoch beside a training that was measured at every step.
 */
export function chartDataWhereAllAre(chart: Chart, most = MOST_KEPT): ChartData {
  const measured = chart.series.filter(({ points }) => points.length > 0)
  const seldom = measured.toSorted((a, b) => a.points.length - b.points.length)[0]
  if (!seldom) return chartData(chart, most)
  const x = thinned(seldom.points.map(([at]) => at), most)
  const nearest = (points: Chart['series'][number]['points'], wanted: number) =>
    points.reduce((best, point) => (Math.abs(point[0] - wanted) < Math.abs(best[0] - wanted) ? point : best))
  const series = measured.map(one => ({
    ...one,
    points: x.map(wanted => [wanted, nearest(one.points, wanted)[1]] as const),
  }))
  return { ...chartData({ ...chart, series }, most), range: xRangeOf(chart) }
}
