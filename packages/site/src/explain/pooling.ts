// Pooling on a few numbers: what comes out of each window, and on the way back who gets its gradient.
export const POOLINGS = ['largest', 'average', 'overlapping'] as const
export type PoolingKind = (typeof POOLINGS)[number]

export interface PoolingState {
  readonly kind: PoolingKind
  /** Of the ringed pixel. */
  readonly value: number
  /** 1 to 4: windows forwards; 5 to 8: the same backwards. */
  readonly step: number
}

export const POOLING_START: PoolingState = { kind: 'overlapping', value: 9, step: 8 }
export const POOLING_LAST = 8
const WINDOWS = 4
/** Row and column of the ringed pixel. */
const RINGED = 2
/** The loss's gradient by each pooled value. */
export const POOLED_GRADIENT = [1, 2, 3, 4] as const

const NUMBERS = [
  [1, 3, 2, 0, 5],
  [4, 0, 6, 1, 2],
  [0, 2, 9, 3, 1],
  [7, 1, 0, 2, 4],
  [2, 5, 3, 8, 0],
] as const

/** Side of the picture, width and stride of its windows: two of 3 overlap in 5 pixels, two of 2 lie in 4. */
export const shapeOf = (kind: PoolingKind) =>
  kind === 'overlapping' ? { side: 5, size: 3, stride: 2 } : { side: 4, size: 2, stride: 2 }

/** The picture with the reader's number in it, row by row. */
export function pictureOf({ kind, value }: Pick<PoolingState, 'kind' | 'value'>): number[] {
  const { side } = shapeOf(kind)
  return Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side]
    return row === RINGED && column === RINGED ? value : (NUMBERS[row]?.[column] ?? 0)
  })
}

/** Places of a window's pixels. */
function pixelsOf(kind: PoolingKind, window: number): number[] {
  const { side, size, stride } = shapeOf(kind)
  const first = Math.floor(window / 2) * stride * side + (window % 2) * stride
  return Array.from({ length: size * size }, (_, k) => first + Math.floor(k / size) * side + (k % size))
}

/** What comes out of each window. */
export function pooledOf(state: PoolingState): number[] {
  const picture = pictureOf(state)
  return Array.from({ length: WINDOWS }, (_, window) => {
    const values = pixelsOf(state.kind, window).map(at => picture[at] ?? 0)
    return state.kind === 'average' ? values.reduce((a, b) => a + b, 0) / values.length : Math.max(...values)
  })
}

/** The gradient by each pixel after so many windows have given theirs back. */
export function gradientOfPixels(state: PoolingState, windows = WINDOWS): number[] {
  const picture = pictureOf(state)
  const gradient = picture.map(() => 0)
  for (let window = 0; window < windows; window++) {
    const pixels = pixelsOf(state.kind, window)
    const share = POOLED_GRADIENT[window] ?? 0
    const winner = pixels.reduce((best, at) => ((picture[at] ?? 0) > (picture[best] ?? 0) ? at : best))
    for (const at of state.kind === 'average' ? pixels : [winner])
      gradient[at] = (gradient[at] ?? 0) + (state.kind === 'average' ? share / pixels.length : share)
  }
  return gradient
}

const CELL = 34
const TOP = 22
const GAP = 30

/** On a phone what is pooled stands below the pictures. */
function layoutOf(narrow: boolean) {
  const below = 5 * CELL + GAP
  return narrow
    ? { out: [0, below], pooledGradient: [2 * CELL + GAP, below], gradients: 5 * CELL + 12, width: 10 * CELL + 12,
        height: TOP + below + 2 * CELL + 6 } as const
    : { out: [below, 0], pooledGradient: [below, 3 * CELL], gradients: 7 * CELL + 2 * GAP, width: 12 * CELL + 2 * GAP,
        height: TOP + 5 * CELL + 6 } as const
}
const two = (value: number) => String(Number(value.toFixed(2)))

/** Numbers in squares; those of 0 are quiet where `tinted` says that they are a gradient. */
function table(left: number, values: readonly (number | undefined)[], side: number, tint: number): string {
  return values.map((value, at) => {
    const [x, y] = [left + (at % side) * CELL, TOP + Math.floor(at / side) * CELL]
    const depth = tint > 0 && value !== undefined ? Math.min(0.7, value / tint) : 0
    const box = `x="${x}" y="${y}" width="${CELL}" height="${CELL}"`
    const middle = `x="${x + CELL / 2}" y="${y + CELL / 2 + 5}" text-anchor="middle"`
    return (
      (depth > 0 ? `<rect class="more" ${box} fill-opacity="${two(depth)}"/>` : '') + `<rect class="frame" ${box}/>` +
      (value === undefined ? '' : `<text ${middle}>${two(value)}</text>`)
    )
  }).join('')
}

function pane(left: number, row: number, column: number, size: number): string {
  const side = size * CELL
  return `<rect class="pane" x="${left + column * CELL}" y="${TOP + row * CELL}" width="${side}" height="${side}"/>`
}

const movedDown = (down: number, drawn: string) =>
  down === 0 ? drawn : `<g transform="translate(0 ${down})">${drawn}</g>`
const titled = (left: number, words: string) => `<text class="title" x="${left}" y="13">${words}</text>`

/** The picture, what comes out, and the gradient by each pixel. @param narrow on a phone */
export function drawPooling(state: PoolingState, narrow = false): string {
  const { side, size, stride } = shapeOf(state.kind)
  const [forwards, back] = [Math.min(WINDOWS, state.step), Math.max(0, state.step - WINDOWS)]
  const { out: [out, outDown], pooledGradient, gradients, width, height } = layoutOf(narrow)
  const now = state.step === 0 ? undefined : (state.step - 1) % WINDOWS
  const [i, j] = [Math.floor((now ?? 0) / 2), (now ?? 0) % 2]
  const shown = pooledOf(state).map((value, window) => (window < forwards ? value : undefined))
  const ring = (left: number) =>
    `<circle class="ring" cx="${left + (RINGED + 0.5) * CELL}" cy="${TOP + (RINGED + 0.5) * CELL}" r="14"/>`
  return (
    `<svg class="chart window pooling" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-label="${saidOfPooling(state)}">` +
    titled(0, 'the picture') + table(0, pictureOf(state), side, 0) + ring(0) +
    movedDown(
      outDown,
      titled(out, 'pooled') + table(out, shown, 2, 0) + (now === undefined ? '' : pane(out, i, j, 1)),
    ) +
    (back > 0
      ? movedDown(
        pooledGradient[1],
        titled(pooledGradient[0], 'gradient') + table(pooledGradient[0], [...POOLED_GRADIENT], 2, 8),
      )
      : '') +
    titled(gradients, 'gradient by pixel') +
    table(gradients, back > 0 ? gradientOfPixels(state, back) : pictureOf(state).map(() => undefined), side, 8) +
    (now === undefined ? '' : pane(0, i * stride, j * stride, size) +
      (back > 0 ? pane(gradients, i * stride, j * stride, size) : '')) +
    '</svg>'
  )
}

/** What the figure shows, in words. */
export function saidOfPooling(state: PoolingState): string {
  const { step, kind, value } = state
  if (step === 0) return 'Nothing is pooled yet: press Step.'
  const window = (step - 1) % WINDOWS
  if (step <= WINDOWS)
    return `Window ${window + 1} gives ${two(pooledOf(state)[window] ?? 0)}, ` +
      `${kind === 'average' ? 'the mean' : 'the largest'} of its numbers.`
  const { side } = shapeOf(kind)
  const ringed = gradientOfPixels(state, step - WINDOWS)[RINGED * side + RINGED] ?? 0
  const share = POOLED_GRADIENT[window] ?? 0
  const who = kind === 'average' ? 'every pixel an equal part of it' : 'its largest pixel all of it'
  return `Window ${window + 1} has the gradient ${share} and gives ${who}. The ringed pixel, ${two(value)}, has ` +
    `${two(ringed)} so far.`
}
