// How much each parameter of a study decides, as bars.
import { axisY, barX, gridX, text } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, textWidth, type FigureOptions } from './draw-figure.ts'
import { seriesColour } from './palette.ts'

export type StudyImportanceOptions = FigureOptions

/**
 * Importance by one or several methods, most important parameter of the first method on top.
 * @param methods shares by parameter, for each method by its name
 */
export function studyImportanceFigure(
  methods: Readonly<Record<string, Readonly<Record<string, number>>>>,
  options: StudyImportanceOptions = {},
): string {
  checkOptions('studyImportanceFigure', options, [...FIGURE_OPTIONS])
  const named = Object.entries(methods).filter(([, shares]) => Object.keys(shares).length > 0)
  const parameters = [...new Set(named.flatMap(([, shares]) => Object.keys(shares)))]
  if (parameters.length === 0)
    throw new UserError({
      rule: 'Importance needs at least two complete trials.',
      received: 'none',
      next: 'Let the study go on.',
    })
  const rows = parameters.flatMap(parameter =>
    named.map(([method, shares], i) => ({
      place: `${parameter}\u0000${i}`,
      parameter,
      method,
      share: shares[parameter] ?? 0,
      colour: seriesColour(i),
      label: `${(100 * (shares[parameter] ?? 0)).toFixed(1)} %`,
    })),
  )
  const marginLeft = Math.max(60, ...parameters.map(parameter => textWidth(parameter) + 14))
  const { width = 560, height = 40 + rows.length * 18 + parameters.length * 6 } = options
  const title = options.title ?? 'Importance'
  const first = named[0]?.[0] ?? ''
  const said = Object.entries(named[0]?.[1] ?? {})
    .map(([parameter, share]) => `${parameter} ${(100 * share).toFixed(1)} %`)
    .join(', ')
  return drawFigure({
    document: options.document,
    title: title || 'Importance',
    heading: title,
    width,
    height,
    description: options.description ?? `Importance of the parameters by ${first}: ${said}.`,
    legend: named.length > 1 ? named.map(([method], i) => ({ name: method, colour: seriesColour(i) })) : [],
    plot: {
      marginLeft,
      marginRight: 54,
      marginBottom: 34,
      x: { label: 'share', domain: [0, Math.max(...rows.map(({ share }) => share), 0.01)], ticks: 5, percent: false },
      y: { type: 'band', domain: rows.map(({ place }) => place), label: null, padding: 0.2 },
    },
    marks: [
      gridX({ strokeOpacity: 0.12, ticks: 5 }),
      barX(rows, { x: 'share', y: 'place', fill: 'colour' }),
      text(rows, { x: 'share', y: 'place', text: 'label', dx: 6, textAnchor: 'start' }),
      axisY({
        tickSize: 0,
        tickFormat: (place: string) => (place.endsWith('\u00000') ? (place.split('\u0000')[0] ?? '') : ''),
      }),
    ],
  })
}
