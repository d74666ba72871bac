// A window that slides over a picture: nine products and their sum at every place, the same nine weights everywhere.
export const KERNELS = {
  'upright edges': [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  'level edges': [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  'blur': [1, 1, 1, 1, 1, 1, 1, 1, 1].map(value => value / 9),
  'spots': [-1, -1, -1, -1, 8, -1, -1, -1, -1].map(value => value / 4),
} as const satisfies Record<string, readonly number[]>
export type KernelName = keyof typeof KERNELS
export const KERNEL_NAMES = Object.keys(KERNELS) as KernelName[]

/** Side of the picture, of the window and of what comes out. */
export const PICTURE = 14
export const WINDOW = 3
export const OUTPUT = PICTURE - WINDOW + 1

/** What the reader has chosen, and where the window lies: row by row from the upper left. */
export interface WindowState {
  readonly kernel: KernelName
  readonly step: number
  /** What the reader has drawn, row by row, ink 1; undefined: the 7. */
  readonly drawn?: readonly number[] | undefined
}

export const WINDOW_LAST = OUTPUT * OUTPUT - 1
export const WINDOW_START: WindowState = { kernel: 'upright edges', step: 4 * OUTPUT + 5 }

/** A 7, a few strokes of ink from 0 to 1, so that a frame needs no data. */
export const SEVEN: readonly number[] = Array.from({ length: PICTURE * PICTURE }, (_, at) => {
  const [row, column] = [Math.floor(at / PICTURE), at % PICTURE]
  const bar = row >= 2 && row <= 3 && column >= 3 && column <= 10
  const leg = 10.5 - (row - 3) * 0.55 - column
  if (bar) return 1
  if (row > 3 && row <= 11 && leg >= -0.4 && leg < 1.8) return leg < 0 || leg > 1.4 ? 0.5 : 1
  return 0
})

/** The picture under the window. */
export const pictureUnder = ({ drawn }: Pick<WindowState, 'drawn'>): readonly number[] => drawn ?? SEVEN

/** A drawing with ink where the pen is: a pixel and its neighbours to the right and below. */
export function withInk(drawn: readonly number[] | undefined, row: number, column: number): number[] {
  const next = drawn ? [...drawn] : new Array<number>(PICTURE * PICTURE).fill(0)
  for (const [y, x] of [[row, column], [row, column + 1], [row + 1, column], [row + 1, column + 1]] as const)
    if (y >= 0 && y < PICTURE && x >= 0 && x < PICTURE) next[y * PICTURE + x] = 1
  return next
}

/** A drawing as a short text, four pixels a digit, and back; undefined of what is none. */
export const drawingToText = (drawn: readonly number[]): string =>
  Array.from({ length: (PICTURE * PICTURE) / 4 }, (_, i) =>
    drawn.slice(4 * i, 4 * i + 4).reduce((sum, ink) => 2 * sum + (ink > 0 ? 1 : 0), 0).toString(16)).join('')
export function drawingFromText(text: string): number[] | undefined {
  if (!/^[0-9a-f]{49}$/.test(text)) return undefined
  return Array.from(text).flatMap(digit => [8, 4, 2, 1].map(bit => (parseInt(digit, 16) & bit ? 1 : 0)))
}

/** The cross-correlation of a picture with a kernel, without padding: what deep learning calls a convolution. */
export function slide(picture: readonly number[], kernel: readonly number[]): number[] {
  return Array.from({ length: OUTPUT * OUTPUT }, (_, at) =>
    productsAt(picture, kernel, at).reduce((sum, { product }) => sum + product, 0),
  )
}

/** The nine products at a place. */
export function productsAt(
  picture: readonly number[],
  kernel: readonly number[],
  at: number,
): { readonly ink: number; readonly weight: number; readonly product: number }[] {
  const [row, column] = [Math.floor(at / OUTPUT), at % OUTPUT]
  return kernel.map((weight, k) => {
    const ink = picture[(row + Math.floor(k / WINDOW)) * PICTURE + column + (k % WINDOW)] ?? 0
    return { ink, weight, product: ink * weight }
  })
}

const NINE = 38
const TOP = 20

/** Where the parts of the drawing lie: on a phone the products stand below, so that their numbers keep their size. */
function layoutOf(narrow: boolean) {
  const [cellSide, gap] = narrow ? [13, 12] : [15, 22]
  const picture = PICTURE * cellSide
  const nine = narrow ? { left: 0, top: TOP + picture + 26 } : { left: picture + gap, top: TOP }
  const out = narrow ? picture + gap : picture + 2 * gap + WINDOW * NINE
  return {
    cellSide,
    nine,
    out,
    sum: narrow ? { left: WINDOW * NINE + 14, top: nine.top + 22 } : { left: nine.left, top: TOP + WINDOW * NINE + 20 },
    width: out + OUTPUT * cellSide,
    height: narrow ? nine.top + WINDOW * NINE + 2 : picture + 22,
  }
}
type Layout = ReturnType<typeof layoutOf>

/**
 * The pixel of the picture below a place of the drawing, in parts of a pixel; undefined where that is no picture.
 * @param x,y shares of the drawing's width and height
 */
export function pixelBelow(x: number, y: number, narrow = false): readonly [row: number, column: number] | undefined {
  const { cellSide, width, height } = layoutOf(narrow)
  const [row, column] = [(y * height - TOP) / cellSide, (x * width) / cellSide]
  return row < 0 || row >= PICTURE || column < 0 || column >= PICTURE ? undefined : [row, column]
}
const two = (value: number) => String(Number(value.toFixed(2)))

/** A square of a picture, or of a sum: blue below 0, orange above. */
function cell(x: number, y: number, value: number, most: number, side: number, kind: 'ink' | 'sum'): string {
  if (value === 0) return ''
  const depth = Math.min(1, Math.abs(value) / most).toFixed(2)
  const colour = kind === 'ink' ? 'ink' : value < 0 ? 'less' : 'more'
  return `<rect class="${colour}" x="${x}" y="${y}" width="${side}" height="${side}" fill-opacity="${depth}"/>`
}

function grid(left: number, size: number, title: string): string {
  return (
    `<rect class="frame" x="${left}" y="${TOP}" width="${size}" height="${size}"/>` +
    `<text class="title" x="${left}" y="13">${title}</text>`
  )
}

/** The nine products, large enough to read. */
function nine(state: WindowState, { left, top }: Layout['nine']): string {
  return productsAt(pictureUnder(state), KERNELS[state.kernel], state.step)
    .map(({ ink, weight, product }, k) => {
      const [x, y] = [left + (k % WINDOW) * NINE, top + Math.floor(k / WINDOW) * NINE]
      const kind = product < 0 ? 'less' : 'more'
      const depth = Math.min(0.6, 0.6 * Math.abs(product)).toFixed(2)
      return (
        `<rect class="${kind}" x="${x}" y="${y}" width="${NINE}" height="${NINE}" fill-opacity="${depth}"/>` +
        `<rect class="frame" x="${x}" y="${y}" width="${NINE}" height="${NINE}"/>` +
        `<text x="${x + NINE / 2}" y="${y + 16}" text-anchor="middle">${two(ink)}</text>` +
        `<text x="${x + NINE / 2}" y="${y + 31}" text-anchor="middle">×${two(weight)}</text>`
      )
    })
    .join('')
}

/** Picture, products, and what has come out so far. @param narrow on a phone */
export function drawWindow(state: WindowState, narrow = false): string {
  const layout = layoutOf(narrow)
  const { cellSide, out } = layout
  const [row, column] = [Math.floor(state.step / OUTPUT), state.step % OUTPUT]
  const picture = pictureUnder(state)
  const sums = slide(picture, KERNELS[state.kernel])
  const most = Math.max(...sums.map(Math.abs)) || 1
  const ink = picture.map((value, at) =>
    cell((at % PICTURE) * cellSide, TOP + Math.floor(at / PICTURE) * cellSide, value, 1, cellSide, 'ink'),
  )
  const seen = sums.slice(0, state.step + 1).map((value, at) =>
    cell(
      out + (at % OUTPUT) * cellSide, TOP + Math.floor(at / OUTPUT) * cellSide, value, most, cellSide, 'sum',
    ),
  )
  const side = WINDOW * cellSide
  const sum = sums[state.step] ?? 0
  return (
    `<svg class="chart window" viewBox="0 0 ${layout.width} ${layout.height}" role="img" ` +
    `aria-label="${saidOfWindow(state)}">` +
    ink.join('') + grid(0, PICTURE * cellSide, 'the picture') +
    `<rect class="pane" x="${column * cellSide}" y="${TOP + row * cellSide}" width="${side}" height="${side}"/>` +
    `<text class="title" x="${layout.nine.left}" y="${layout.nine.top - 7}">ink × weight</text>` +
    nine(state, layout.nine) +
    `<text class="sum" x="${layout.sum.left}" y="${layout.sum.top}">sum ${two(sum)}</text>` +
    seen.join('') + grid(out, OUTPUT * cellSide, 'what comes out') +
    `<rect class="pane" x="${out + column * cellSide}" y="${TOP + row * cellSide}" width="${cellSide}" ` +
    `height="${cellSide}"/></svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfWindow(state: WindowState): string {
  const [row, column] = [Math.floor(state.step / OUTPUT) + 1, (state.step % OUTPUT) + 1]
  const sum = slide(pictureUnder(state), KERNELS[state.kernel])[state.step] ?? 0
  return (
    `Row ${row}, column ${column}: nine products of ink and weight sum to ${two(sum)}. ` +
    `The same nine weights (${state.kernel}) look at all ${OUTPUT * OUTPUT} places.`
  )
}
