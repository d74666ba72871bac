// The frame of every figure: title, description, legend, theme and size around the marks of Observable Plot.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { plot, scale, type Markish, type PlotOptions } from '@observablehq/plot'
import { resolveDocument, serializeNode, type FigureDocument, type FigureNode } from './figure-document.ts'

export { formatNumber } from './format-number.ts'

/** What every figure accepts. */
export interface FigureOptions {
  /**
   * Where to create elements; default: the page's `document`. In Node pass `figureDocument()` of
   * '@ddlf/lab/figure-document'.
   */
  document?: FigureDocument
  /** Width in pixels; each figure has its own default. */
  width?: number
  /** Height in pixels of the plot, without title and legend; each figure has its own default. */
  height?: number
  /** Heading of the figure; each figure has its own default, and '' leaves it out (it stays the accessible name). */
  title?: string
  /** Text for those who cannot see the figure; each figure has its own default. */
  description?: string
}

/** The options that every figure has. */
export const FIGURE_OPTIONS = ['document', 'width', 'height', 'title', 'description'] as const

export interface LegendEntry {
  readonly name: string
  readonly colour: string
  /** How the swatch looks: a line, a dashed line, an outlined or a filled square (default). */
  readonly shape?: 'line' | 'dashed' | 'outline' | 'square'
}

/** A colour scale shown as a strip with its ends named. */
export interface ColourRamp {
  readonly label: string
  readonly low: string
  readonly high: string
  /** Colours from low to high. */
  readonly colours: readonly string[]
}

export interface FigureParts {
  readonly document: FigureDocument | undefined
  /** Accessible name; also the heading unless `heading` is ''. */
  readonly title: string
  readonly heading?: string | undefined
  readonly description: string
  readonly width: number
  readonly height: number
  readonly marks: readonly Markish[]
  readonly plot?: Omit<PlotOptions, 'marks' | 'document' | 'width' | 'height'>
  readonly legend?: readonly LegendEntry[]
  readonly ramp?: ColourRamp
}

const FONT = 'system-ui, -apple-system, "Segoe UI", sans-serif'
const TITLE_SIZE = 14
const TEXT_SIZE = 11
// Mean advance of a character in units of the font size; no font can be measured in a worker, and this errs to the wide
// side.
const CHARACTER = 0.56

/** Estimated width in pixels of a text. */
export const textWidth = (text: string, size = TEXT_SIZE): number => text.length * size * CHARACTER

/** Twelve colours along one of Plot's sequential schemes, low to high. */
export function schemeColours(scheme: string, count = 12): string[] {
  const colour = scale({ color: { type: 'linear', scheme: scheme as 'viridis', domain: [0, 1] } })
  return Array.from({ length: count }, (_, i) => String(colour.apply(i / (count - 1))))
}

/** The same text always has the same id, and two figures on a page have different ones. */
function identifier(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return `figure-${(hash >>> 0).toString(36)}`
}

// A page may set --figure-ink and --figure-paper to follow its own theme switch; without them the system's theme
// decides.
const STYLE = [
  '.ddlf-figure{color-scheme:light ' +
  'dark;color:var(--figure-ink,#24292f);--paper:var(--figure-paper,#ffffff);max-width:100%;height:auto}',
  '.ddlf-figure text{white-space:pre}',
  '@media (prefers-color-scheme:dark){.ddlf-figure{color:var(--figure-ink,#d5dae0);' +
  '--paper:var(--figure-paper,#0d1117)}}',
  '@media print{.ddlf-figure{color:#000;--paper:#fff}}',
].join('')

/** Draws marks with Observable Plot and returns one self-contained SVG: no script, no foreign font, no request. */
export function drawFigure(parts: FigureParts): string {
  const { title, description, width, height, marks } = parts
  const heading = parts.heading ?? title
  const header: string[] = []
  let top = 0
  if (heading !== '') {
    for (const line of wrap(heading, width - 16, TITLE_SIZE)) {
      header.push(`<text x="8" y="${top + 20}" font-size="${TITLE_SIZE}" font-weight="600" ` +
        `text-anchor="start">${escapeMarkup(line)}</text>`)
      top += 20
    }
    top += 6
  }
  const legend = drawLegend(parts.legend ?? [], width, top)
  header.push(legend.markup)
  top = legend.bottom
  if (parts.ramp) {
    header.push(drawRamp(parts.ramp, top))
    top += 22
  }

  const drawn = plot({
    style: { fontFamily: 'inherit', fontSize: `${TEXT_SIZE}px` },
    ...parts.plot,
    // Plot's own types name the DOM, which the type library of a worker does not have.
    document: resolveDocument(parts.document) as never,
    className: 'ddlf-plot',
    width,
    height,
    marks: [...marks],
  }) as unknown as FigureNode
  const body = renumberIds(
    [...drawn.childNodes]
      .filter(node => node.localName !== 'style')
      .map(serializeNode)
      .join('')
      // Plot names groups by the kind of their marks, which a group without a role may not be.
      .replaceAll(/(<g(?: [^>]*?)?) aria-label="([^"]*)"/g, '$1 data-mark="$2"'),
  )
  const id = identifier(title + description + body)
  const total = top + height
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="ddlf-figure" viewBox="0 0 ${width} ${total}" width="${width}" ` +
    `height="${total}" role="img"`,
    ` aria-labelledby="${id}-title ${id}-description" font-family="${escapeMarkup(FONT)}" font-size="${TEXT_SIZE}" ` +
    `fill="currentColor" text-anchor="middle">`,
    `<title id="${id}-title">${escapeMarkup(title)}</title><desc ` +
    `id="${id}-description">${escapeMarkup(description)}</desc><style>${STYLE}</style>`,
    header.join(''),
    `<g transform="translate(0,${top})">${body.replaceAll('%ID%-', `${id}-`)}</g></svg>`,
  ].join('')
}

// Plot numbers its clip paths across a whole process; numbers of the figure's own keep output the same in any order.
function renumberIds(body: string): string {
  const names: string[] = []
  return body.replace(/plot-(?:clip|pattern)-\d+/g, name => {
    if (!names.includes(name)) names.push(name)
    return `%ID%-${names.indexOf(name)}`
  })
}

/** Breaks a text into lines of at most `width` pixels, at spaces. */
export function wrap(text: string, width: number, size = TEXT_SIZE): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && textWidth(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function drawLegend(entries: readonly LegendEntry[], width: number, top: number): { markup: string; bottom: number } {
  if (entries.length === 0) return { markup: '', bottom: top }
  let x = 8
  let y = top
  const markup = entries.map(({ name, colour, shape = 'square' }) => {
    const advance = Math.ceil(22 + textWidth(name) + 14)
    if (x > 8 && x + advance > width) {
      x = 8
      y += 18
    }
    const swatch =
      shape === 'square' || shape === 'outline'
        ? `<rect x="${x + 4}" y="${y + 3}" width="10" height="10" rx="2" ` +
          `fill="${colour}"${shape === 'outline' ? ` fill-opacity="0.25" stroke="${colour}"` : ''}/>`
        : `<path d="M${x},${y + 8}h18" stroke="${colour}" stroke-width="2.5" ` +
          `fill="none"${shape === 'dashed' ? ' stroke-dasharray="4 3"' : ''}/>`
    const text = `<text x="${x + 22}" y="${y + 12}" text-anchor="start">${escapeMarkup(name)}</text>`
    x += advance
    return swatch + text
  })
  return { markup: `<g>${markup.join('')}</g>`, bottom: y + 22 }
}

function drawRamp({ label, low, high, colours }: ColourRamp, top: number): string {
  const start = Math.ceil(8 + textWidth(`${label}  ${low}`) + 6)
  const step = 10
  const strip = colours.map(
    (colour, i) =>
      `<rect x="${start + i * step}" y="${top + 2}" width="${step + 0.5}" height="11" fill="${escapeMarkup(colour)}"/>`,
  )
  return [
    `<g><text x="${start - 6}" y="${top + 12}" text-anchor="end">${escapeMarkup(`${label}  ${low}`)}</text>`,
    ...strip,
    `<text x="${start + colours.length * step + 6}" y="${top + 12}" ` +
    `text-anchor="start">${escapeMarkup(high)}</text></g>`,
  ].join('')
}
