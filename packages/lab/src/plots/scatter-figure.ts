// Points in two dimensions coloured by class: embeddings by PCA or UMAP.
import { dot, gridX, gridY, line, text, type Markish } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, type FigureOptions, type LegendEntry } from './draw-figure.ts'
import { isSecondRound, seriesColour } from './palette.ts'

export interface ScatterFigureOptions extends FigureOptions {
  xLabel?: string
  yLabel?: string
  /** Class index of each point. */
  groups?: ArrayLike<number>
  /** Names of the classes. */
  classes?: readonly string[]
  /** A text beside each point, for example words of an embedding. */
  texts?: readonly string[]
  /** Draw the line on which both coordinates are equal; default no. */
  diagonal?: boolean
}

/**
 * A scatter of points. Each class has a colour, and its name stands at the median of its points.
 * @param points row-major, shape [items, 2]
 * @throws UserError when there are no points, or not one label or text for each
 */
export function scatterFigure(points: ArrayLike<number>, options: ScatterFigureOptions = {}): string {
  checkOptions('scatterFigure', options, [
    'xLabel',
    'yLabel',
    'groups',
    'classes',
    'texts',
    'diagonal',
    ...FIGURE_OPTIONS,
  ])
  const items = points.length / 2
  const { groups, texts, width = 560, height = 460, xLabel = '', yLabel = '' } = options
  if (
    items === 0 ||
    !Number.isInteger(items) ||
    (groups && groups.length !== items) ||
    (texts && texts.length !== items)
  ) {
    throw new UserError({
      rule: 'A scatter needs points of shape [items, 2], and as many groups and texts as items where these are given.',
      received: `${points.length} numbers, ${groups?.length ?? 'no'} groups, ${texts?.length ?? 'no'} texts`,
      next: 'Project features to two components first (pca or umap).',
    })
  }
  const data = Array.from({ length: items }, (_, i) => ({
    x: points[2 * i] ?? NaN,
    y: points[2 * i + 1] ?? NaN,
    label: groups?.[i] ?? 0,
    colour: seriesColour(groups?.[i] ?? 0),
    text: texts?.[i] ?? '',
  }))
  const present = [...new Set(data.map(({ label }) => label))].sort((a, b) => a - b)
  const className = (label: number) => options.classes?.[label] ?? String(label)
  const middles = present.map(label => {
    const members = data.filter(point => point.label === label)
    return {
      x: middle(members.map(({ x }) => x)),
      y: middle(members.map(({ y }) => y)),
      name: className(label),
      colour: seriesColour(label),
    }
  })
  const title = options.title ?? 'Points in two dimensions'
  return drawFigure({
    document: options.document,
    title: title || 'Scatter',
    heading: title,
    description:
      options.description ??
      `${items} points${groups ? ` of ${present.length} classes: ${present.map(className).join(', ')}` : ''}.`,
    width,
    height,
    legend: groups ? present.map(label => legendOf(label, className(label))) : [],
    plot: {
      marginLeft: options.diagonal === true ? 72 : 44,
      marginBottom: 36,
      marginTop: 12,
      x: { label: xLabel || null },
      y: { label: yLabel || null },
    },
    marks: [
      gridX({ strokeOpacity: 0.06 }),
      gridY({ strokeOpacity: 0.06 }),
      ...(options.diagonal === true
        ? [line(diagonalOf(points), { x: 'x', y: 'y', stroke: 'currentColor', strokeOpacity: 0.4 })]
        : []),
      ...dots(data),
      ...(texts ? [text(data, { x: 'x', y: 'y', text: 'text', dy: -8, fontSize: 10 })] : []),
      ...(groups ? [namesAt(middles)] : []),
    ],
  })
}

/** The names of the classes, each at the middle of its points. */
const namesAt = (middles: readonly { readonly x: number; readonly y: number; readonly name: string }[]) =>
  text(middles, {
    x: 'x', y: 'y', text: 'name', fontWeight: 600, fontSize: 12, fill: 'currentColor', stroke: 'var(--paper)',
    strokeWidth: 4,
  })

/** The ends of the line of equal coordinates, over all that both axes show. */
function diagonalOf(points: ArrayLike<number>): { x: number; y: number }[] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of Array.from(points)) [low, high] = [Math.min(low, value), Math.max(high, value)]
  return [low, high].map(end => ({ x: end, y: end }))
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

interface Drawn {
  readonly x: number
  readonly y: number
  readonly label: number
  readonly colour: string
}

/** The points; classes of a colour that an earlier one has are hollow. */
function dots(data: readonly Drawn[]): Markish[] {
  const many = data.length > 1000
  const place = { x: 'x', y: 'y' } as const
  const [first, second] = [false, true].map(round => data.filter(({ label }) => isSecondRound(label) === round))
  return [
    dot(first ?? [], { ...place, fill: 'colour', r: many ? 1.6 : 2.6, fillOpacity: data.length > 300 ? 0.6 : 0.85 }),
    dot(second ?? [], { ...place, stroke: 'colour', r: many ? 2 : 3, strokeWidth: 1.2 }),
  ]
}

const legendOf = (label: number, name: string): LegendEntry => ({
  name,
  colour: seriesColour(label),
  shape: isSecondRound(label) ? 'outline' : 'square',
})
