// Metric curves of one or several methods: every seed as a thin line, their mean as a thick one, and a band around it.
import { areaY, gridX, gridY, line, ruleX, ruleY, type Markish } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { valuesBySeed } from '../analysis/statistics/by-seed.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import { isSecondRound, seriesColour } from './palette.ts'

/** One method or setting, run with one or several seeds. */
export interface CurveSeries {
  readonly name: string
  /**
   * One curve a run: `x` (steps or epochs, ascending) and `y` of the same length. Runs of one `seed` count once in the
   * mean and the band; without one, every run is a seed of its own.
   */
  readonly runs: readonly { readonly x: ArrayLike<number>; readonly y: ArrayLike<number>; readonly seed?: number }[]
  /** Dashed lines, for example for a validation set beside a training set. */
  readonly dashed?: boolean
  /** Index of the colour, default the position of the series; equal for two curves of one method. */
  readonly colour?: number
}

export interface CurveFigureOptions extends FigureOptions {
  xLabel?: string
  yLabel?: string
  /** Default 'linear'; 'log' leaves out values that are not positive. */
  xScale?: 'linear' | 'log'
  yScale?: 'linear' | 'log'
  /** Limits of the y axis, default those of the data. */
  yDomain?: readonly [number, number]
  /** Horizontal lines with a name, for example a published result. */
  references?: readonly { readonly name: string; readonly value: number }[]
  /** Vertical lines with a name, for example a chosen learning rate. */
  positions?: readonly { readonly name: string; readonly value: number }[]
}

interface Point {
  readonly x: number
  readonly y: number
}
interface Band {
  readonly x: number
  readonly low: number
  readonly high: number
}

const isDashed = ({ dashed, colour }: CurveSeries, index: number) => dashed === true || isSecondRound(colour ?? index)

/**
 * Curves as SVG. With two or more runs the thick line is their mean where all have a value, and the band is the mean
 * plus and minus one sample standard deviation. Values that are not finite leave a gap.
 * @throws UserError when there is no curve or a run's `x` and `y` differ in length
 */
export function curveFigure(series: readonly CurveSeries[], options: CurveFigureOptions = {}): string {
  checkOptions('curveFigure', options, [
    'xLabel', 'yLabel', 'xScale', 'yScale', 'yDomain', 'references', 'positions', ...FIGURE_OPTIONS,
  ])
  const {
    xLabel = 'step',
    yLabel = 'loss',
    xScale = 'linear',
    yScale = 'linear',
    width = 640,
    height = 320,
    references = [],
    positions = [],
  } = options
  const marks: Markish[] = [gridY({ strokeOpacity: 0.12, ticks: 5 }), gridX({ strokeOpacity: 0.06 })]
  const means: Markish[] = []
  const sentences: string[] = []
  const visible = ({ x, y }: Point) => (xScale === 'linear' || x > 0) && (yScale === 'linear' || y > 0)
  series.forEach((one, index) => {
    const colour = seriesColour(one.colour ?? index)
    const dash = isDashed(one, index) ? '5 4' : 'none'
    const curves = one.runs.map(run =>
      points(run, one.name).map(point => (visible(point) ? point : { x: point.x, y: NaN })),
    )
    const several = curves.length > 1
    for (const curve of curves) {
      const stroke = {
        stroke: colour,
        strokeWidth: several ? 0.8 : 1.8,
        strokeOpacity: several ? 0.45 : 1,
        strokeDasharray: dash,
      }
      marks.push(line(curve, { x: 'x', y: 'y', ...stroke }))
    }
    if (several) {
      const { mean, band } = meanAndBand(curves, seedsOf(one), yScale === 'log')
      marks.push(areaY(band, { x: 'x', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.16 }))
      means.push(line(mean, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2.4, strokeDasharray: dash }))
    }
    const ends = curves.map(curve => curve.findLast(point => Number.isFinite(point.y))?.y).filter(y => y !== undefined)
    const end = ends.length === 0 ? 'no finite value' : `ends at ${ends.map(formatNumber).join(', ')}`
    sentences.push(`${one.name} (${several ? countOfSeeds(one) : '1 run'}) ${end}`)
  })
  if (sentences.length === 0) {
    throw new UserError({
      rule: 'A curve figure needs at least one curve.',
      received: 'none',
      next: 'Select a run that recorded this metric.',
    })
  }
  references.forEach(({ value }) => means.push(ruleY([value], { stroke: 'currentColor', strokeDasharray: '2 3' })))
  positions.forEach(({ value }) => means.push(ruleX([value], { stroke: 'currentColor', strokeDasharray: '2 3' })))
  const title = options.title ?? `${yLabel} by ${xLabel}`
  return drawFigure({
    document: options.document,
    title: title || `${yLabel} by ${xLabel}`,
    heading: title,
    description:
      options.description ??
      `${sentences.join('; ')}. Thick lines are means over seeds, bands one standard ` +
      'deviation.' +
      [...references, ...positions].map(r => ` Dotted line: ${r.name}, ${formatNumber(r.value)}.`).join(''),
    width,
    height,
    marks: [...marks, ...means],
    legend: [
      ...series.map((one, index) => ({
        name: one.runs.length > 1 ? `${one.name} (${countOfSeeds(one)})` : one.name,
        colour: seriesColour(one.colour ?? index),
        shape: isDashed(one, index) ? ('dashed' as const) : ('line' as const),
      })),
      ...[...references, ...positions].map(({ name }) => ({ name, colour: 'currentColor', shape: 'dashed' as const })),
    ],
    plot: plotOf(series, width, options),
  })
}

function points(run: CurveSeries['runs'][number], name: string): Point[] {
  if (run.x.length !== run.y.length) {
    throw new UserError({
      rule: 'A curve must have one y for every x.',
      received: `${run.x.length} x and ${run.y.length} y for "${name}"`,
      next: 'Pass the steps at which the metric was recorded.',
    })
  }
  return Array.from({ length: run.x.length }, (_, i) => ({ x: run.x[i] ?? NaN, y: run.y[i] ?? NaN }))
}

/** The seed of each run; a run without one is a seed of its own. */
const seedsOf = ({ runs }: CurveSeries): number[] => runs.map(({ seed }, i) => seed ?? -1 - i)

function countOfSeeds(series: CurveSeries): string {
  const count = new Set(seedsOf(series)).size
  return count === series.runs.length
    ? `${count} seeds`
    : `${series.runs.length} runs of ${count === 1 ? 'one seed' : `${count} seeds`}`
}

function meanAndBand(
  curves: readonly (readonly Point[])[],
  seeds: readonly number[],
  positive: boolean,
): { mean: Point[]; band: Band[] } {
  const byX = new Map<number, { readonly seed: number; readonly y: number }[]>()
  for (const [i, curve] of curves.entries()) {
    for (const { x, y } of curve) {
      const one = { seed: seeds[i] as number, y }
      const values = byX.get(x)
      if (values) values.push(one)
      else byX.set(x, [one])
    }
  }
  const mean: Point[] = []
  const band: Band[] = []
  for (const [x, measured] of [...byX].sort(([a], [b]) => a - b)) {
    if (measured.length !== curves.length || !measured.every(({ y }) => Number.isFinite(y))) continue
    const ys = [...valuesBySeed(measured, ({ y }) => y).values()]
    const centre = ys.reduce((sum, y) => sum + y, 0) / ys.length
    const spread = Math.sqrt(ys.reduce((sum, y) => sum + (y - centre) ** 2, 0) / Math.max(1, ys.length - 1))
    mean.push({ x, y: centre })
    // On a logarithmic axis the band may not reach 0.
    band.push({
      x,
      low: positive ? Math.max(centre - spread, Math.min(...ys)) : centre - spread,
      high: centre + spread,
    })
  }
  return { mean, band }
}

/** The axes. */
function plotOf(
  series: readonly CurveSeries[],
  width: number,
  { xLabel = 'step', yLabel = 'loss', xScale = 'linear', yScale = 'linear', yDomain }: CurveFigureOptions,
) {
  const xs = series.flatMap(one => one.runs.flatMap(run => Array.from(run.x)))
  // Steps and epochs are whole numbers: no ticks between them.
  const whole = xs.every(Number.isInteger)
    ? Math.max(1, xs.reduce((a, b) => Math.max(a, b), -Infinity) - xs.reduce((a, b) => Math.min(a, b), Infinity))
    : Infinity
  return {
    marginLeft: 56,
    marginRight: 24,
    marginBottom: 40,
    x: {
      label: xLabel,
      type: xScale,
      ticks: Math.min(whole, Math.floor(width / 90)),
      ...(xScale === 'linear' ? {} : { tickFormat: formatNumber }),
    },
    y: {
      label: yLabel,
      type: yScale,
      ...(yScale === 'linear' ? { nice: true } : { tickFormat: formatNumber, ticks: 5 }),
      ...(yDomain ? { domain: [...yDomain], clamp: true } : {}),
    },
  }
}
