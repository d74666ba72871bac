// A window over a padded picture, by the pixel: how many places it has, and what it never sees.
export interface SizesState {
  readonly size: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  /** Which place the window is at, row by row. */
  readonly step: number
}

export const SIZES_START: SizesState = { size: 8, kernel: 3, stride: 2, padding: 0, step: 4 }
/** Least and most of each. */
export const SIZES_RANGES = { size: [4, 12], kernel: [1, 5], stride: [1, 4], padding: [0, 3] } as const

/** Places along a row; none where the window is wider than row and padding. */
export const placesAlong = ({ size, kernel, stride, padding }: Omit<SizesState, 'step'>): number =>
  Math.max(0, Math.floor((size + 2 * padding - kernel) / stride) + 1)

/** The last place's number. */
export const lastPlace = (state: SizesState): number => Math.max(0, placesAlong(state) ** 2 - 1)

/** Whether a window lies over a pixel of the padded row. */
const isSeen = (state: Omit<SizesState, 'step'>, at: number): boolean =>
  Array.from({ length: placesAlong(state) }, (_, i) => i * state.stride).some(
    from => at >= from && at < from + state.kernel,
  )

/** Pixels at the far end of a row of the picture that no window sees. */
export function unseen(state: Omit<SizesState, 'step'>): number {
  const { size, padding } = state
  const from = Array.from({ length: size }, (_, i) => i).findIndex(back => isSeen(state, padding + size - 1 - back))
  return from < 0 ? size : from
}

const [TOP, LARGEST] = [20, 26]
/** Pixels of one of the two pictures, and between them; on a phone both are smaller, the letters are not. */
const WIDE = { half: 252, gap: 26 } as const
const NARROW = { half: 168, gap: 14 } as const
const round = (value: number) => Math.round(10 * value) / 10

/** Squares of one size, at rows and columns of a grid that begins at `left`. */
const squaresAt = (left: number, cell: number) => ({
  grid(count: number): string {
    const size = round(count * cell)
    const lines = Array.from({ length: count + 1 }, (_, i) =>
      `M${round(left + i * cell)} ${TOP}v${size}M${left} ${round(TOP + i * cell)}h${size}`)
    return `<path class="frame" d="${lines.join('')}"/>`
  },
  square(kind: string, row: number, column: number, side: number, opacity = 1): string {
    const [x, y, size] = [left + column * cell, TOP + row * cell, side * cell].map(round)
    return `<rect class="${kind}" x="${x}" y="${y}" width="${size}" height="${size}" fill-opacity="${opacity}"/>`
  },
})

/** Padded picture on the left, what comes out on the right. @param narrow on a phone */
export function drawSizes(state: SizesState, narrow = false): string {
  const { half, gap } = narrow ? NARROW : WIDE
  const { size, kernel, stride, padding } = state
  const [places, padded] = [placesAlong(state), size + 2 * padding]
  const step = Math.min(state.step, lastPlace(state))
  const [row, column] = places === 0 ? [0, 0] : [Math.floor(step / places), step % places]
  const cell = Math.min(LARGEST, half / padded)
  const [before, after] = [squaresAt(0, cell), squaresAt(half + gap, cell)]
  const along = Array.from({ length: padded }, (_, at) => isSeen(state, at))
  const missed = along.flatMap((rowSeen, y) => along.flatMap((columnSeen, x) => {
    const isPicture = [x, y].every(at => at >= padding && at < padding + size)
    return isPicture && !(rowSeen && columnSeen) ? [before.square('less', y, x, 1, 0.45)] : []
  }))
  const windows = before.square('pane', row * stride, column * stride, kernel)
  const frame = `viewBox="0 0 ${2 * half + gap} ${half + TOP + 4}" role="img"`
  return (
    `<svg class="chart window" ${frame} aria-label="${saidOfSizes(state)}">` +
    `<text class="title" x="0" y="13">picture${padding > 0 ? ' and padding' : ''}: ${padded} wide</text>` +
    before.square('ink', padding, padding, size, 0.12) + missed.join('') + before.grid(padded) +
    `<text class="title" x="${half + gap}" y="13">what comes out: ${places} by ${places}</text>` +
    (places > 0 ? windows + after.grid(places) + after.square('pane', row, column, 1) : '') +
    '</svg>'
  )
}

/** What the figure shows, in words. */
export function saidOfSizes(state: SizesState): string {
  const { size, kernel, stride, padding } = state
  const places = placesAlong(state)
  if (places === 0) return `A window of ${kernel} does not fit into ${size + 2 * padding} pixels.`
  const sum = `(${size} + 2 × ${padding} - ${kernel}) / ${stride}`
  const exact = (size + 2 * padding - kernel) / stride
  const rounded = Number.isInteger(exact) ? `${exact}` : `${Number(exact.toFixed(2))}, rounded down to ${places - 1}`
  const left = unseen(state)
  const which = left === 1 ? 'row and column are' : `${left} rows and columns are`
  const rest = left > 0 ? ` The last ${which} never seen.` : ''
  const at = Math.min(state.step, lastPlace(state)) + 1
  return `${sum} = ${rounded}, and one more: ${places} places along a row.${rest} Now at place ${at} of ${places ** 2}.`
}
