// Pictures in rows with captions: the gallery of top losses, samples of a data set, generated images.
import { image, rect, text } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, textWidth, type FigureOptions } from './draw-figure.ts'
import { imageDataUri, type PixelImage } from './image-data-uri.ts'
import { RIGHT_COLOUR, WRONG_COLOUR } from './palette.ts'

export interface ImageTile {
  readonly image: PixelImage
  /** Lines under the picture. */
  readonly caption?: readonly string[]
  /** Draws a frame: blue for right, orange for wrong. */
  readonly correct?: boolean
}

export interface ImageGridOptions extends FigureOptions {
  /** Pictures in a row; default: as many as fit 640 pixels. */
  columns?: number
  /** Side of a picture in pixels, default 96. */
  size?: number
}

const LINE = 14

/**
 * Pictures with captions. Pixels stay sharp squares. The height follows from the tiles, so `height` is ignored.
 * @throws UserError when there is no picture
 */
export function imageGridFigure(tiles: readonly ImageTile[], options: ImageGridOptions = {}): string {
  checkOptions('imageGridFigure', options, ['columns', 'size', ...FIGURE_OPTIONS])
  if (tiles.length === 0) {
    throw new UserError({
      rule: 'An image grid needs at least one image.',
      received: 'none',
      next: 'Choose items to show.',
    })
  }
  const { size = 96 } = options
  const lines = Math.max(...tiles.map(tile => tile.caption?.length ?? 0))
  const gap = lines > 0 ? 12 : 6
  const columns =
    options.columns ??
    Math.max(1, Math.min(tiles.length, Math.floor(((options.width ?? 640) - 16 + gap) / (size + gap))))
  const rows = Math.ceil(tiles.length / columns)
  const rowHeight = size + gap + lines * LINE + (lines > 0 ? 4 : 0)
  const width = options.width ?? Math.max(240, 16 + columns * (size + gap) - gap)
  const placed = tiles.map((tile, i) => {
    const x = 8 + (i % columns) * (size + gap)
    const y = 4 + Math.floor(i / columns) * rowHeight
    const ratio = tile.image.width / tile.image.height
    return {
      tile,
      uri: imageDataUri(tile.image),
      x,
      y,
      x2: x + size,
      y2: y + size,
      centreX: x + size / 2,
      centreY: y + size / 2,
      drawnWidth: ratio >= 1 ? size : size * ratio,
      drawnHeight: ratio >= 1 ? size / ratio : size,
      colour: tile.correct === true ? RIGHT_COLOUR : WRONG_COLOUR,
    }
  })
  const longestCaption = Math.floor((size + gap - 2) / textWidth('x', 10))
  const captions = placed.flatMap(({ tile, centreX, y2 }) =>
    (tile.caption ?? []).map((line, l) => ({
      x: centreX,
      y: y2 + 5 + (l + 0.5) * LINE,
      line: line.length > longestCaption ? `${line.slice(0, longestCaption - 1)}…` : line,
    })),
  )
  const title = options.title ?? 'Images'
  return drawFigure({
    document: options.document,
    title: title || 'Images',
    heading: title,
    description:
      options.description ??
      `${tiles.length} images. ${tiles
        .map(tile => tile.caption?.join(', ') ?? '')
        .filter(Boolean)
        .join('; ')}`,
    width,
    height: 8 + rows * rowHeight,
    plot: { margin: 0, axis: null, x: { type: 'identity' }, y: { type: 'identity' } },
    marks: [
      image(placed, {
        x: 'centreX',
        y: 'centreY',
        width: 'drawnWidth',
        height: 'drawnHeight',
        src: 'uri',
        imageRendering: 'pixelated',
        preserveAspectRatio: 'none',
      }),
      rect(
        placed.filter(({ tile }) => tile.correct !== undefined),
        { x1: 'x', x2: 'x2', y1: 'y', y2: 'y2', fill: 'none', stroke: 'colour', strokeWidth: 2, inset: -1 },
      ),
      text(captions, { x: 'x', y: 'y', text: 'line', fontSize: 10 }),
    ],
  })
}
