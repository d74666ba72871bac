// The loss along one or two directions in weight space.
import { axisX, axisY, contour, dot, gridX, gridY, line, ruleX } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import type { LossSlice, LossSurface } from '../analysis/landscape/loss-slice.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, schemeColours, type FigureOptions } from './draw-figure.ts'
import { seriesColour } from './palette.ts'

export interface LossSliceFigureOptions extends FigureOptions {
  xLabel?: string
  yLabel?: string
  /** Default: 'log' when the largest loss is over 20 times the smallest and all are positive. */
  lossScale?: 'linear' | 'log'
}

/**
 * A slice as a curve, or a surface as contours with the trained weights marked at the origin.
 * Source of the contour form: Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018, figure 5.
 */
export function lossSliceFigure(slice: LossSlice | LossSurface, options: LossSliceFigureOptions = {}): string {
  checkOptions('lossSliceFigure', options, ['xLabel', 'yLabel', 'lossScale', ...FIGURE_OPTIONS])
  return 'betas' in slice ? surfaceFigure(slice, options) : curveOf(slice, options)
}

/** What both forms say of the losses. */
function rangeOf(losses: ArrayLike<number>, options: LossSliceFigureOptions) {
  const finite = Array.from(losses).filter(Number.isFinite)
  const low = Math.min(...finite)
  const high = Math.max(...finite)
  const lossScale = options.lossScale ?? (low > 0 && high / low > 20 ? 'log' : 'linear')
  return { low, high, lossScale, range: `Loss from ${formatNumber(low)} to ${formatNumber(high)}` }
}

function curveOf(slice: LossSlice, options: LossSliceFigureOptions): string {
  const { losses } = slice
  const { lossScale, range } = rangeOf(losses, options)
  const { width = 520, height = 300, xLabel = 'position along the direction' } = options
  const title = options.title ?? 'Loss along a line in weight space'
  return drawFigure({
    document: options.document,
    title: title || 'Loss slice',
    heading: title,
    description:
      options.description ??
      `${range} over positions ${formatNumber(slice.alphas[0] ?? NaN)} ` +
      `to ${formatNumber(slice.alphas.at(-1) ?? NaN)}.`,
    width,
    height,
    plot: {
      marginLeft: 56,
      marginBottom: 38,
      x: { label: xLabel },
      y: {
        label: 'loss',
        type: lossScale,
        nice: true,
        ...(lossScale === 'log' ? { tickFormat: formatNumber, ticks: 5 } : {}),
      },
    },
    marks: [
      gridX({ strokeOpacity: 0.06 }),
      gridY({ strokeOpacity: 0.12 }),
      ruleX([0], { strokeDasharray: '3 3', strokeOpacity: 0.6 }),
      line(
        Array.from(losses, (loss, i) => ({ x: slice.alphas[i], loss })),
        { x: 'x', y: 'loss', stroke: seriesColour(0), strokeWidth: 2 },
      ),
    ],
  })
}

function surfaceFigure(slice: LossSurface, options: LossSliceFigureOptions): string {
  const { losses } = slice
  const { low, high, lossScale, range } = rangeOf(losses, options)
  const { width = 480, height = 430, xLabel = 'first direction', yLabel = 'second direction' } = options
  const columns = slice.alphas.length
  const rows = slice.betas.length
  const levels = 14
  const thresholds = Array.from({ length: levels }, (_, i) =>
    lossScale === 'log' ? low * (high / low) ** (i / levels) : low + ((high - low) * i) / levels,
  )
  const colours = schemeColours('viridis')
  const [left = 0, right = 0] = [slice.alphas[0], slice.alphas.at(-1)]
  const [bottom = 0, top = 0] = [slice.betas[0], slice.betas.at(-1)]
  // Plot's grid samples sit at pixel centres: half a step beyond the first and last value.
  const stepX = (right - left) / (columns - 1)
  const stepY = (top - bottom) / (rows - 1)
  const title = options.title ?? 'Loss surface around the trained weights'
  // A loss that overflowed is drawn as the highest one.
  const grid = Array.from(losses, loss => (Number.isFinite(loss) ? loss : high))
  return drawFigure({
    document: options.document,
    title: title || 'Loss surface',
    heading: title,
    description:
      options.description ?? `${range} on a grid of ${columns} by ${rows}; the dot marks the trained weights.`,
    width,
    height,
    ramp: {
      label: lossScale === 'log' ? 'loss (log)' : 'loss',
      low: formatNumber(low),
      high: formatNumber(high),
      colours,
    },
    plot: {
      marginTop: 8,
      marginLeft: 50,
      marginBottom: 40,
      color: { type: lossScale, scheme: 'viridis', domain: [low, high] },
      x: { domain: [left, right], label: null },
      y: { domain: [bottom, top], label: null },
    },
    marks: [
      contour(grid, {
        width: columns,
        height: rows,
        x1: left - stepX / 2,
        x2: right + stepX / 2,
        y1: bottom - stepY / 2,
        y2: top + stepY / 2,
        fill: (loss: number) => loss,
        stroke: '#ffffff',
        strokeOpacity: 0.35,
        strokeWidth: 0.7,
        thresholds,
        clip: true,
      }),
      dot([[0, 0]], { fill: '#ffffff', stroke: '#000000', r: 4 }),
      axisX({ label: xLabel, labelAnchor: 'center', labelArrow: 'none' }),
      axisY({ label: yLabel, labelAnchor: 'center', labelArrow: 'none', labelOffset: 42 }),
    ],
  })
}
