// The part of the DOM that drawing needs, and how a drawn node becomes text: alike in a page, a worker and Node (on a
// screen of one device pixel a pixel, Plot shifts marks by half a pixel to keep lines sharp; otherwise the bytes are
// the same).
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { UserError } from '@ddlf/tensor/errors'

/** A DOM node as far as drawing reads it; a browser's and linkedom's both are one. */
export interface FigureNode {
  readonly nodeType: number
  readonly localName?: string
  readonly textContent: string | null
  readonly childNodes: Iterable<FigureNode>
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>
}

/**
 * A document that can make SVG elements: `document` in a page, `figureDocument()` of '@ddlf/lab/figure-document'
 * elsewhere.
 */
export interface FigureDocument {
  createElementNS(namespace: string, name: string): FigureNode
}

/** The document to draw with: the one given, else the page's. */
export function resolveDocument(document: FigureDocument | undefined): FigureDocument {
  const found = document ?? (globalThis as { document?: FigureDocument }).document
  if (found === undefined) {
    throw new UserError({
      rule: 'Drawing a figure needs a document.',
      received: 'none, and there is no page',
      next: "Pass { document: figureDocument() }, with figureDocument from '@ddlf/lab/figure-document'.",
    })
  }
  return found
}

const NUMERIC_ATTRIBUTES = new Set([
  'd',
  'transform',
  'points',
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'cx',
  'cy',
  'r',
  'width',
  'height',
  'opacity',
  'fill-opacity',
])

// Two decimals are finer than a screen shows, and hide how platforms differ in the last digits.
const roundNumbers = (text: string) =>
  text.replace(/-?\d+\.\d+(?:e[-+]?\d+)?/g, number => String(Number(Number(number).toFixed(2))))

/** Writes a node as XML with attributes in alphabetical order and coordinates rounded to 0.01. */
export function serializeNode(node: FigureNode): string {
  if (node.nodeType === 3) return escapeMarkup(node.textContent ?? '')
  if (node.nodeType !== 1 || node.localName === undefined) return ''
  const attributes = [...(node.attributes ?? [])]
    .filter(({ name }) => name !== 'xmlns')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value }) => ` ${name}="${escapeMarkup(NUMERIC_ATTRIBUTES.has(name) ? roundNumbers(value) : value)}"`)
    .join('')
  const children = [...node.childNodes].map(serializeNode).join('')
  return children === ''
    ? `<${node.localName}${attributes}/>`
    : `<${node.localName}${attributes}>${children}</${node.localName}>`
}
