// A step's graph as SVG: its ops in columns from the forward pass to the update, in bands from the input to the loss.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { checkOptions } from '@ddlf/tensor/errors'
import { flopOf, type Graph } from '@ddlf/tensor'
import { layoutGraph, type GraphNode, type GraphNodeKind, type StepParts } from './graph-layout.ts'
import { GREY_COLOUR, SERIES_COLOURS } from './palette.ts'

/** Settings of a drawing of a graph. */
export interface GraphFigureOptions {
  /** Where the graph is a training step: what of it is state, and what is reported. */
  readonly step?: StepParts
  /** Keeps the ids of several drawings in one page apart; default 'graph'. */
  readonly id?: string
  readonly title?: string
}

const [BLUE, ORANGE, TEAL, RED, PURPLE] = SERIES_COLOURS
const COLOURS: Readonly<Record<GraphNodeKind, string>> = {
  input: GREY_COLOUR,
  parameter: PURPLE,
  forward: BLUE,
  loss: RED,
  metric: GREY_COLOUR,
  gradient: ORANGE,
  update: TEAL,
}
const NAMES: Readonly<Record<GraphNodeKind, string>> = {
  input: 'input',
  parameter: 'parameter',
  forward: 'forward',
  loss: 'loss',
  metric: 'metric',
  gradient: 'gradient',
  update: 'update',
}

const NODE = { width: 124, height: 36 } as const
const PITCH = { x: 153, y: 52 } as const
const BAND = { gap: 14, label: 20 } as const
const MARGIN = { left: 12, right: 12, top: 62, bottom: 8 } as const
/** Characters of the two lines that fit into a node. */
const FIT = { label: 22, detail: 24 } as const

/** Keeps the end of a dotted name, which tells weights apart, and the start of anything else. */
const shorten = (text: string, length: number): string =>
  text.length <= length
    ? text
    : /^\S+\.\S+$/.test(text)
      ? `…${text.slice(text.length - length + 1)}`
      : `${text.slice(0, length - 1)}…`

const point = (value: number) => String(Math.round(10 * value) / 10)

/** Where a node lies: its corner and its middle. */
interface Place {
  readonly x: number
  readonly y: number
  readonly middle: number
  readonly centre: number
}

/** A node with its label and its detail. */
function boxOf(node: GraphNode, { x, y, middle }: Place): string {
  const colour = COLOURS[node.kind]
  const round = node.kind === 'input' || node.kind === 'parameter' ? NODE.height / 2 : 6
  const label = shorten(node.label, FIT.label)
  const rectangle = `x="${point(x)}" y="${point(y)}" width="${NODE.width}" height="${NODE.height}" rx="${round}"`
  return `<g><title>${escapeMarkup(`${NAMES[node.kind]}: ${node.title}`)}</title>`
    + `<rect ${rectangle} fill="var(--paper, Canvas)"/><rect ${rectangle} fill="${colour}" fill-opacity="0.16" ` +
      `stroke="${colour}" stroke-width="1.4"/>`
    + `<text x="${point(middle)}" y="${point(y + 15)}" ` +
      `font-weight="600"${label.length > 17 ? ' font-size="9.6"' : ''}>${escapeMarkup(label)}</text>`
    + `<text x="${point(middle)}" y="${point(y + 28.5)}" font-size="10" ` +
      `opacity="0.85">${escapeMarkup(shorten(node.detail, FIT.detail))}</text></g>`
}

/** Draws a graph; colours hold on a light and on a dark page. Text and arrows take the page's own colour. */
export function graphFigure(graph: Graph, options: GraphFigureOptions = {}): string {
  checkOptions('graphFigure', options, ['step', 'id', 'title'])
  const { step, id = 'graph', title = 'The graph' } = options
  const { nodes, edges, bands, columns } = layoutGraph(graph, step)
  const width = MARGIN.left + (columns.length - 1) * PITCH.x + NODE.width + MARGIN.right
  const bandTop = (index: number) => MARGIN.top + (bands[index]?.row ?? 0) * PITCH.y + index * (BAND.gap + BAND.label)
  const heightOf = (index: number) => BAND.label + (bands[index]?.rows ?? 0) * PITCH.y
  const height = bandTop(bands.length - 1) + heightOf(bands.length - 1) + MARGIN.bottom
  const place = ({ column, row }: GraphNode) => {
    const index = bands.findLastIndex(band => band.row <= row)
    const x = MARGIN.left + column * PITCH.x
    const y = bandTop(index) + BAND.label + (row - (bands[index]?.row ?? 0)) * PITCH.y + (PITCH.y - NODE.height) / 2 - 4
    return { x, y, middle: x + NODE.width / 2, centre: y + NODE.height / 2 }
  }
  const places = nodes.map(place)

  const path = (from: number, to: number): string => {
    const [a, b] = [places[from], places[to]]
    const [start, end] = [nodes[from], nodes[to]]
    if (!a || !b || !start || !end) return ''
    if (start.column === end.column) {
      const down = end.row > start.row
      const [y1, y2] = down ? [a.y + NODE.height, b.y - 3] : [a.y, b.y + NODE.height + 3]
      const between = nodes.some(
        node => node.column === start.column && (node.row - start.row) * (node.row - end.row) < 0,
      )
      if (!between) return `M${point(a.middle)} ${point(y1)}L${point(b.middle)} ${point(y2)}`
      // Past the nodes between them: forward on the left, backward on the right.
      const side = start.column === 0 ? -1 : 1
      const edge = side < 0 ? a.x : a.x + NODE.width
      const bow = edge + side * 16
      return `M${point(edge)} ${point(a.centre)}C${point(bow)} ${point(a.centre)} ${point(bow)} ${point(b.centre)} ` +
        `${point(edge + side * 3)} ${point(b.centre)}`
    }
    const right = end.column > start.column
    const x1 = right ? a.x + NODE.width : a.x
    const x2 = right ? b.x - 3 : b.x + NODE.width + 3
    const bend = Math.min(60, Math.max(16, Math.abs(x2 - x1) / 2)) * (right ? 1 : -1)
    return `M${point(x1)} ${point(a.centre)}C${point(x1 + bend)} ${point(a.centre)} ` +
      `${point(x2 - bend)} ${point(b.centre)} ${point(x2)} ${point(b.centre)}`
  }
  const line = ({ from, to, kept }: (typeof edges)[number]) =>
    `<path d="${path(from, to)}" marker-end="url(#${id}-end)"${kept ? ' stroke-dasharray="3 3" opacity="0.55"' : ''}/>`
  const kinds = (Object.keys(NAMES) as GraphNodeKind[]).filter(kind => nodes.some(node => node.kind === kind))
  const legend = kinds.map((kind, i) => {
    const x = MARGIN.left + i * 92
    return `<g><rect x="${x}" y="8" width="12" height="12" rx="3" fill="${COLOURS[kind]}" fill-opacity="0.16" ` +
      `stroke="${COLOURS[kind]}" stroke-width="1.4"/><text x="${x + 18}" y="18" ` +
      `text-anchor="start">${NAMES[kind]}</text></g>`
  }).join('')
  const keptKey = edges.some(edge => edge.kept)
    ? `<g><path d="M${MARGIN.left + kinds.length * 92} 14h24" stroke="currentColor" stroke-dasharray="3 3" ` +
      `fill="none"/><text x="${MARGIN.left + kinds.length * 92 + 30}" y="18" text-anchor="start">kept</text></g>` : ''
  const headings = columns.length > 2
    ? columns.map((name, i) => `<text x="${point(MARGIN.left + i * PITCH.x + NODE.width / 2)}" y="48" ` +
      `font-weight="600" opacity="0.75">${name}</text>`).join('') : ''
  const stripes = bands.map(({ name }, i) =>
    `<rect x="2" y="${point(bandTop(i))}" width="${point(width - 4)}" height="${point(heightOf(i))}" rx="8" ` +
    `fill="currentColor" fill-opacity="0.045"/>`
    + `<text x="${MARGIN.left}" y="${point(bandTop(i) + 15)}" text-anchor="start" font-size="10.5" font-weight="600" ` +
      `opacity="0.7">${escapeMarkup(name)}</text>`).join('')
  const count = nodes.filter(node => node.kind !== 'input' && node.kind !== 'parameter').length
  const description = `${count} ops and updates in ${bands.length} ` +
    `layers, ${bands.map(band => band.name).join(', ')}; ${flopOf(graph).toLocaleString('en-US')} floating-point ` +
    `operations.`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${point(width)} ${point(height)}" ` +
    `width="${point(width)}" height="${point(height)}" role="img" aria-labelledby="${id}-title ${id}-description" ` +
    `font-family="system-ui, sans-serif" font-size="11" fill="currentColor" text-anchor="middle">`
    + `<title id="${id}-title">${escapeMarkup(title)}</title><desc ` +
      `id="${id}-description">${escapeMarkup(description)}</desc>`
    + `<defs><marker id="${id}-end" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" ` +
      `orient="auto-start-reverse"><path d="M0 0.8L7 4L0 7.2z" fill="currentColor"/></marker></defs>`
    + `${legend}${keptKey}${headings}${stripes}<g fill="none" stroke="currentColor" stroke-opacity="0.6" ` +
      `stroke-width="1.1">${edges.map(line).join('')}</g>`
    + `${nodes.map((node, i) => boxOf(node, places[i] as Place)).join('')}</svg>`
}
