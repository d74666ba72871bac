// How values are distributed: weights, gradients, confidences.
import { gridY, rect, ruleY } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import { seriesColour } from './palette.ts'

export interface HistogramFigureOptions extends FigureOptions {
  xLabel?: string
  /** Number of bins of equal width, default 40. */
  bins?: number
}

/**
 * One histogram, or several overlaid (each as the share of its own values, so that groups of different size compare).
 * Values that are not finite are left out, and the description says how many.
 * @throws UserError when there is no finite value
 */
export function histogramFigure(
  groups: readonly { readonly name: string; readonly values: ArrayLike<number> }[],
  options: HistogramFigureOptions = {},
): string {
  checkOptions('histogramFigure', options, ['xLabel', 'bins', ...FIGURE_OPTIONS])
  const { width = 520, height = 260, xLabel = 'value', bins = 40 } = options
  const finite = groups.map(group => Float64Array.from(group.values).filter(Number.isFinite))
  const dropped = groups.reduce((sum, group, g) => sum + group.values.length - (finite[g]?.length ?? 0), 0)
  let low = Infinity
  let high = -Infinity
  for (const values of finite) {
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  if (low > high) {
    throw new UserError({
      rule: 'A histogram needs at least one finite value.',
      received: `${dropped} values, none finite`,
      next: 'Check that the model did not diverge.',
    })
  }
  if (low === high) {
    low -= 0.5
    high += 0.5
  }
  const bars = finite.flatMap((values, g) => {
    const counts = new Float64Array(bins)
    for (const value of values) {
      const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    return Array.from(counts, (count, bin) => ({
      x1: low + ((high - low) * bin) / bins,
      x2: low + ((high - low) * (bin + 1)) / bins,
      y: groups.length > 1 ? count / values.length : count,
      colour: seriesColour(g),
    })).filter(({ y }) => y > 0)
  })
  const title = options.title ?? `Distribution of ${xLabel}`
  return drawFigure({
    document: options.document,
    title: title || 'Histogram',
    heading: title,
    description:
      options.description ??
      `${groups.map((group, g) => `${group.name}: ${finite[g]?.length ?? 0} values`).join('; ')}, ` +
      `from ${formatNumber(low)} to ${formatNumber(high)}${dropped > 0 ? `; ${dropped} not finite` : ''}.`,
    width,
    height,
    legend: groups.length > 1 ? groups.map(({ name }, g) => ({ name, colour: seriesColour(g) })) : [],
    plot: {
      marginLeft: 54,
      marginBottom: 38,
      x: { label: xLabel },
      y: { label: groups.length > 1 ? 'share' : 'count', nice: true },
    },
    marks: [
      gridY({ strokeOpacity: 0.12 }),
      rect(bars, {
        x1: 'x1',
        x2: 'x2',
        y1: 0,
        y2: 'y',
        fill: 'colour',
        fillOpacity: groups.length > 1 ? 0.5 : 0.8,
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      ruleY([0], { strokeOpacity: 0.5 }),
    ],
  })
}
