// A document for drawing figures where there is no page.
import { parseHTML } from 'linkedom'
import type { FigureDocument } from './figure-document.ts'

/** A new empty document; give it to a figure as `{ document: figureDocument() }`. */
export function figureDocument(): FigureDocument {
  return (parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: FigureDocument }).document
}
