// A figure of a task as a part of a report.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import type { TaskFigure } from '../tasks/task.ts'
import { pixelImage } from './image-data-uri.ts'
import { imageGridFigure } from './image-grid-figure.ts'
import { fileName, type DrawOptions, type Section } from './report-parts.ts'

/** Side of a picture in a row of ten. */
const SIZE = 56

/** Draws a figure of a task. */
export function taskSection(
  { title, text, pictures, columns, texts = [] }: TaskFigure,
  options: DrawOptions = {},
): Section {
  const size = pictures?.shape.reduce((product, extent) => product * extent, 1) ?? 0
  const tiles = pictures
    ? Array.from({ length: pictures.data.length / size }, (_, i) => ({
        image: pixelImage(pictures.data.subarray(i * size, (i + 1) * size), pictures.shape, [0, 1]),
      }))
    : []
  const name = fileName(title)
  const grid = { ...options, title, size: SIZE, ...(columns !== undefined && { columns }) }
  return {
    id: name,
    title,
    text,
    figures: tiles.length > 0 ? [{ name, svg: imageGridFigure(tiles, grid) }] : [],
    tables: texts.map(one => `<blockquote><pre>${escapeMarkup(one)}</pre></blockquote>`),
  }
}
