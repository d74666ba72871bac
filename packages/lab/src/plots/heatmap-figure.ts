// A grid of values, such as the error at each learning rate and batch size.
import { axisX, axisY, cell, text } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  FIGURE_OPTIONS,
  drawFigure,
  formatNumber,
  schemeColours,
  textWidth,
  type FigureOptions,
} from './draw-figure.ts'
import { inkOn } from './palette.ts'

export interface HeatmapFigureOptions extends FigureOptions {
  xLabel?: string
  yLabel?: string
  /** What the cells show, for example 'test error (%)'. */
  valueLabel?: string
  format?: (value: number) => string
  /** Which cell is framed as the best: the smallest or the largest value; default neither. */
  best?: 'lowest' | 'highest'
}

/**
 * Values over two settings. A value that is not finite (a run that diverged) is drawn as an empty, crossed cell.
 * @param xs names of the columns, for example batch sizes
 * @param ys names of the rows, for example learning rates, the first one at the top
 * @param values row-major, shape [ys, xs]
 * @throws UserError when the number of values is not rows times columns
 */
export function heatmapFigure(
  xs: readonly (string | number)[],
  ys: readonly (string | number)[],
  values: ArrayLike<number>,
  options: HeatmapFigureOptions = {},
): string {
  checkOptions('heatmapFigure', options, ['xLabel', 'yLabel', 'valueLabel', 'format', 'best', ...FIGURE_OPTIONS])
  if (values.length !== xs.length * ys.length) {
    throw new UserError({
      rule: 'A heat map must have one value for every row and column.',
      received: `${values.length} values for ${ys.length} rows and ${xs.length} columns`,
      next: 'Pass NaN for a cell that has no result.',
    })
  }
  const { xLabel = '', yLabel = '', valueLabel = 'value', format = formatNumber, best } = options
  const cells = Array.from({ length: values.length }, (_, i) => ({
    column: i % xs.length,
    row: Math.floor(i / xs.length),
    value: values[i] ?? NaN,
  }))
  const finite = cells.filter(({ value }) => Number.isFinite(value))
  const low = Math.min(...finite.map(({ value }) => value))
  const high = Math.max(...finite.map(({ value }) => value))
  const colours = schemeColours('viridis', 64)
  const shaded = finite.map(one => {
    const colour = colours[Math.round((high > low ? (one.value - low) / (high - low) : 0.5) * 63)] ?? '#888888'
    return { ...one, colour, ink: inkOn(colour), label: format(one.value) }
  })
  const isBest = (value: number) => best !== undefined && value === (best === 'lowest' ? low : high)
  const winner = shaded.filter(({ value }) => isBest(value)).slice(0, 1)
  const column = (c: number) => labelOf(xs[c])
  const row = (r: number) => labelOf(ys[r])
  const cellWidth = Math.max(
    44,
    ...shaded.map(({ label }) => textWidth(label) + 14),
    ...xs.map(x => textWidth(labelOf(x)) + 8),
  )
  const marginLeft = Math.max(...ys.map(y => textWidth(labelOf(y)))) + 34
  const width = options.width ?? Math.max(320, Math.ceil(marginLeft + 14 + xs.length * cellWidth))
  const height = options.height ?? 10 + ys.length * 34 + 46
  const title = options.title ?? valueLabel
  const described = winner
    .map(one => ` Best: ${one.label} at ${xLabel} ${column(one.column)}, ${yLabel} ${row(one.row)}.`)
    .join('')
  return drawFigure({
    document: options.document,
    title: title || valueLabel,
    heading: title,
    description:
      options.description ??
      `${valueLabel} from ${format(low)} to ${format(high)} over ${xs.length} by ${ys.length} settings of ${xLabel} ` +
      `and ${yLabel}; ${cells.length - finite.length} without a finite result.${described}`,
    width,
    height,
    ramp: { label: valueLabel, low: format(low), high: format(high), colours: schemeColours('viridis') },
    plot: {
      marginTop: 6,
      marginLeft,
      marginBottom: 46,
      marginRight: 10,
      padding: 0.05,
      x: { type: 'band', domain: xs.map((_, c) => c), label: null },
      y: { type: 'band', domain: ys.map((_, r) => r), label: null },
    },
    marks: [
      ...axesOf({ xLabel, yLabel, column, row, marginLeft }),
      cell(
        cells.filter(({ value }) => !Number.isFinite(value)),
        { x: 'column', y: 'row', fill: 'currentColor', fillOpacity: 0.06 },
      ),
      text(
        cells.filter(({ value }) => !Number.isFinite(value)),
        { x: 'column', y: 'row', text: () => '×', fontSize: 14, fillOpacity: 0.6 },
      ),
      cell(shaded, { x: 'column', y: 'row', fill: 'colour' }),
      cell(winner, { x: 'column', y: 'row', fill: 'none', stroke: 'ink', strokeWidth: 1.5, inset: 3 }),
      text(shaded, { x: 'column', y: 'row', text: 'label', fill: 'ink' }),
    ],
  })
}

const labelOf = (value: string | number | undefined) =>
  typeof value === 'number' ? formatNumber(value) : (value ?? '')

/** How rows and columns are named. */
interface NamedAxes {
  readonly xLabel: string
  readonly yLabel: string
  readonly column: (index: number) => string
  readonly row: (index: number) => string
  readonly marginLeft: number
}

const axesOf = ({ xLabel, yLabel, column, row, marginLeft }: NamedAxes) => [
  axisX({
    tickFormat: column,
    tickSize: 0,
    label: xLabel || null,
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: 38,
  }),
  axisY({
    tickFormat: row,
    tickSize: 0,
    label: yLabel || null,
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: marginLeft - 8,
  }),
]
