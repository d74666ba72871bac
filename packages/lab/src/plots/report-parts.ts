// What the sections of a report are made of.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import type { FigureDocument } from './figure-document.ts'

export type DrawOptions = { document?: FigureDocument }

/** A figure of the report, also worth a file of its own. */
export interface NamedFigure {
  /** A name fit for a file, for example 'loss-by-epoch'. */
  readonly name: string
  readonly svg: string
}

/** A part of the page. */
export interface Section {
  readonly id: string
  readonly title: string
  /** How to read what follows, for someone who sees such a figure for the first time. */
  readonly text: string
  readonly figures: readonly NamedFigure[]
  /** Tables, as markup. */
  readonly tables: readonly string[]
}

/** A title as the name of a file. */
export const fileName = (title: string) =>
  title
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'section'

/** A table whose first `names` columns are text and the others numbers. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly { readonly cells: readonly string[]; readonly strong: boolean }[],
  names = 1,
): string {
  const mark = (column: number) => (column < names ? '' : ' class="number"')
  const headings = head.map((cell, column) => `<th scope="col"${mark(column)}>${escapeMarkup(cell)}</th>`).join('')
  const body = rows.map(({ cells, strong }) => {
    const written = cells.map((cell, column) => `<td${mark(column)}>${escapeMarkup(cell)}</td>`).join('')
    return `<tr${strong ? ' class="strong"' : ''}>${written}</tr>`
  })
  const top = `<caption>${escapeMarkup(caption)}</caption><thead><tr>${headings}</tr></thead>`
  return `<table>${top}<tbody>${body.join('')}</tbody></table>`
}

/** A text of at most so many characters. */
export const shorten = (text: string, length: number): string =>
  (text.length <= length ? text : `${text.slice(0, length - 1)}…`)

/** A share in words: `1.80 %`. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`

/** Names and values, a row each. */
export function keyTable(entries: readonly (readonly [string, unknown])[]): string {
  const text = (value: unknown) =>
    typeof value === 'string' ? value : value === undefined ? 'not set' : JSON.stringify(value)
  const rows = entries.map(
    ([key, value]) => `<tr><th scope="row">${escapeMarkup(key)}</th><td>${escapeMarkup(text(value))}</td></tr>`,
  )
  return `<table class="keys"><tbody>${rows.join('')}</tbody></table>`
}
