// Tables and paragraphs as wide as the terminal: columns give way, then lines, and nothing is cut off.
import { printableLines } from '@ddlf/lab/printable'
import { padEndTo, padStartTo, textWidth } from '@ddlf/lab/text-width'
import { pc } from './colour.ts'
import { terminalWidth } from './terminal-width.ts'

/** Where a line may end: after a space, and in long words after a slash or a comma. */
const pieces = (text: string, width: number): string[] =>
  text.split(/(?<= )/).flatMap(word => (textWidth(word.trimEnd()) > width ? word.split(/(?<=[/,])/) : [word]))

/** A text in lines of at most a width, broken between words; a word that is longer stands on a line of its own. */
export function wrapText(text: string, width: number = terminalWidth()): string {
  return text.split('\n').map(paragraph => {
    const lines = ['']
    for (const piece of pieces(paragraph, width)) {
      const line = lines.at(-1) ?? ''
      if (line !== '' && textWidth(line + piece.trimEnd()) > width) lines.push(piece)
      else lines[lines.length - 1] = line + piece
    }
    return lines.map(line => line.trimEnd()).join('\n')
  }).join('\n')
}

/** The lines of a cell; a style around the whole cell is put around each of them. */
function linesOf(cell: string, width: number): string[] {
  const [, before = '', inner = cell, after = ''] =
    /^((?:\u001b\[[0-9;]*m)+)([^\u001b]*)((?:\u001b\[[0-9;]*m)+)$/.exec(cell) ?? []
  return wrapText(inner, width).split('\n').map(line => before + line + after)
}

const GAP = 2
const spanOf = (widths: readonly number[]) => widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1)

/**
 * The widths of columns that give way, the widest first, until all fit; none gets narrower than what cannot be broken.
 */
function fitted(natural: readonly number[], least: readonly number[], width: number): number[] | undefined {
  const widths = [...natural]
  while (spanOf(widths) > width) {
    const widest = widths.reduce(
      (best, value, i) => (value > (least[i] ?? 0) && (best < 0 || value > (widths[best] ?? 0)) ? i : best),
      -1,
    )
    if (widest < 0) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** How a table meets a narrow terminal. */
export interface TableOptions {
  /** Columns to write into; default: those of the terminal. */
  readonly width?: number
  /** Indices of columns that are left out where all do not fit, the first first. */
  readonly drop?: readonly number[]
}

/**
 * Rows as aligned columns. Where they do not fit, columns named in `drop` are left out, then texts are broken between
 * words, and at last each row is written as a list of its cells.
 * @param right indices of columns that are aligned to the right, which are never broken
 */
export function formatTable(
  titles: readonly string[],
  foreign: readonly (readonly string[])[],
  right: readonly number[] = [],
  { width = terminalWidth(), drop = [] }: TableOptions = {},
): string {
  // Names and values may be anybody's: only our own styles pass.
  const [header = [], ...rows] = [titles, ...foreign].map(row =>
    row.map(cell => printableLines(cell, { styles: true }).replace(/[\n\t]+/g, ' ')),
  )
  let shown = header.map((_, i) => i)
  const natural = header.map((title, i) =>
    rows.reduce((most, row) => Math.max(most, textWidth(row[i] ?? '')), textWidth(title)))
  for (const column of drop) {
    if (spanOf(shown.map(i => natural[i] ?? 0)) <= width) break
    shown = shown.filter(i => i !== column)
  }
  const least = natural.map((whole, i) => {
    if (right.includes(i)) return whole
    const parts = rows.flatMap(row => pieces(row[i] ?? '', 20).map(piece => textWidth(piece.trimEnd())))
    return Math.min(whole, parts.reduce((most, width) => Math.max(most, width), header[i]?.length ?? 0))
  })
  const widths = fitted(
    shown.map(i => natural[i] ?? 0),
    shown.map(i => least[i] ?? 0),
    width,
  )
  if (!widths) return stacked(header, rows, width)
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, k) => (right.includes(shown[k] ?? -1) ? padStartTo : padEndTo)(cell, widths[k] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd()
  const block = (row: readonly string[]) => {
    const cells = shown.map((i, k) => linesOf(row[i] ?? '', widths[k] ?? 0))
    return Array.from({ length: Math.max(...cells.map(lines => lines.length)) }, (_, at) =>
      line(cells.map(lines => lines[at] ?? '')),
    ).join('\n')
  }
  return [pc.dim(line(shown.map(i => header[i] ?? ''))), ...rows.map(block)].join('\n')
}

/** Each row as a list: its first cell, and below it the others by name. */
function stacked(header: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const longest = Math.max(...header.slice(1).map(title => title.length))
  return rows
    .map(([first = '', ...cells]) =>
      [
        first,
        ...cells.flatMap((cell, i) =>
          cell === '' || cell === '-'
            ? []
            : linesOf(cell, Math.max(8, width - longest - 2 * GAP)).map(
                (line, at) => `  ${pc.dim((at === 0 ? (header[i + 1] ?? '') : '').padEnd(longest))}  ${line}`,
              ),
        ),
      ].join('\n'),
    )
    .join('\n')
}
