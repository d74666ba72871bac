// A sheet that lets a person look at a data set: sample images by class, and how many there are of each.
import { encode } from 'fast-png'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { integerAt, randomKey } from '@ddlf/tensor/random'
import { classCounts, columnOf, sizeOf } from './dataset.ts'
import type { Dataset } from './dataset.ts'
import { escapeMarkup } from './escape-markup.ts'
import { transformImage } from './transforms/pipeline.ts'
import type { Transform } from './transforms/transform.ts'

/** What is put on a contact sheet. */
export interface ContactSheetOptions {
  /** Images of each class; default 10. */
  readonly perClass?: number
  /** Decides which images; default 0. */
  readonly seed?: number
  /** Shows the images after these transforms. */
  readonly transforms?: readonly Transform[]
  /** Most classes on the sheet; default 25. */
  readonly classes?: number
}

const OPTIONS = ['perClass', 'seed', 'transforms', 'classes'] as const

interface Row {
  readonly name: string
  readonly count: number
  readonly examples: readonly number[]
}

function rowsOf(dataset: Dataset, { perClass = 10, seed = 0, classes = 25 }: ContactSheetOptions): Row[] {
  const labels = dataset.columns['labels']?.data
  const groups = new Map<number, number[]>()
  for (let i = 0; i < dataset.length; i++) {
    const label = labels?.[i] ?? 0
    const group = groups.get(label)
    if (group === undefined) groups.set(label, [i])
    else group.push(i)
  }
  return [...groups]
    .sort((a, b) => a[0] - b[0])
    .slice(0, classes)
    .map(([label, members]) => {
      const key = randomKey(seed, 'contact sheet', label)
      const examples =
        members.length <= perClass
          ? members
          : Array.from({ length: perClass }, (_, k) => members[integerAt(key, k, members.length)] as number)
      return {
        name: labels === undefined ? 'all' : (dataset.classes?.[label] ?? String(label)),
        count: members.length,
        examples,
      }
    })
}

/** Channels next to each other, as PNG wants them. */
function interleave(pixels: Uint8Array, channels: number, area: number): Uint8Array {
  const mixed = new Uint8Array(channels * area)
  for (let c = 0; c < channels; c++)
    for (let k = 0; k < area; k++) mixed[k * channels + c] = pixels[c * area + k] as number
  return mixed
}

/** The images of the sheet, one row a class, each after the transforms. */
function tiles(dataset: Dataset, options: ContactSheetOptions) {
  const { shape, data, dtype } = columnOf(dataset, 'images')
  const [channels = 0, height = 0, width = 0] = shape
  if (dtype !== 'uint8' || shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new UserError({
      rule: 'A contact sheet needs uint8 images of 1 or 3 channels.',
      received: `${dtype} [${shape.join(', ')}]`,
    })
  }
  const size = sizeOf(shape)
  const imageAt = (index: number) => {
    const image = data.subarray(index * size, (index + 1) * size) as Uint8Array
    const occasion = { seed: options.seed ?? 0, epoch: 0, index }
    return interleave(transformImage(image, shape, options.transforms ?? [], occasion), channels, height * width)
  }
  return { channels, height, width, rows: rowsOf(dataset, options), imageAt }
}

/** The images alone as one PNG: a row for each class, with a gap of one pixel. */
export function contactSheetPng(dataset: Dataset, options: ContactSheetOptions = {}): Uint8Array {
  checkOptions('contactSheetPng', options, OPTIONS)
  const { channels, height, width, rows, imageAt } = tiles(dataset, options)
  const columns = Math.max(1, ...rows.map(({ examples }) => examples.length))
  const sheetWidth = columns * (width + 1) + 1
  const sheetHeight = rows.length * (height + 1) + 1
  const sheet = new Uint8Array(sheetWidth * sheetHeight * channels).fill(128)
  for (const [row, { examples }] of rows.entries()) {
    for (const [column, index] of examples.entries()) {
      const image = imageAt(index)
      for (let y = 0; y < height; y++) {
        const at = ((row * (height + 1) + 1 + y) * sheetWidth + column * (width + 1) + 1) * channels
        sheet.set(image.subarray(y * width * channels, (y + 1) * width * channels), at)
      }
    }
  }
  return encode({ width: sheetWidth, height: sheetHeight, channels, depth: 8, data: sheet })
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The sheet as an SVG: for each class its name, its number of examples with a bar, and sample images. */
export function contactSheet(dataset: Dataset, options: ContactSheetOptions = {}): string {
  checkOptions('contactSheet', options, OPTIONS)
  const { channels, height, width, rows, imageAt } = tiles(dataset, options)
  const scale = Math.max(1, Math.round(48 / Math.max(height, width)))
  const [tileWidth, tileHeight] = [width * scale + 4, height * scale + 4]
  const [labels, bars] = [150, 130]
  const rowHeight = Math.max(tileHeight, 24)
  const columns = Math.max(1, ...rows.map(({ examples }) => examples.length))
  const [sheetWidth, sheetHeight] = [labels + bars + columns * tileWidth + 10, 40 + rows.length * rowHeight + 10]
  const most = Math.max(...rows.map(({ count }) => count))
  const counts = dataset.columns['labels'] === undefined ? 1 : classCounts(dataset).length
  const hidden = counts - rows.length
  const note = hidden > 0 ? `, ${hidden} more classes` : ''
  const body = rows.flatMap(({ name, count, examples }, row) => {
    const y = 40 + row * rowHeight
    const middle = y + rowHeight / 2
    return [
      `<text x="10" y="${middle}">${escapeMarkup(name)}</text>`,
      `<rect x="${labels}" y="${middle - 7}" width="${((count / most) * 70).toFixed(1)}" height="14" fill="#4269d0"/>`,
      `<text x="${labels + 76}" y="${middle}">${count}</text>`,
      ...examples.map((index, column) => {
        const png = encode({ width, height, channels, depth: 8, data: imageAt(index) })
        const [x, size] = [labels + bars + column * tileWidth, `width="${width * scale}" height="${height * scale}"`]
        return `<image x="${x}" y="${y + 2}" ${size} ` +
          `href="data:image/png;base64,${base64(png)}"><title>example ${index}</title></image>`
      }),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${sheetWidth}" height="${sheetHeight}" viewBox="0 ` +
    `0 ${sheetWidth} ${sheetHeight}" role="img">`,
    `<title>${escapeMarkup(dataset.name)}: ${dataset.length} examples</title>`,
    '<style>text { font: 13px system-ui, sans-serif; dominant-baseline: central; fill: #222 } image { ' +
    'image-rendering: pixelated }</style>',
    `<rect width="${sheetWidth}" height="${sheetHeight}" fill="#fff"/>`,
    `<text x="10" y="20" style="font-weight: bold">${escapeMarkup(dataset.name)}: ${dataset.length} ` +
    `examples${note}</text>`,
    ...body,
    '</svg>',
    '',
  ].join('\n')
}
