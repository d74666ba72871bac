// How far an output sees: layers of windows over a row of pixels, and from one output back to what it depends on.
export const FIELD_POOLS = ['none', 'two'] as const

export interface FieldState {
  readonly kernel: number
  readonly layers: number
  /** Whether a pooling by two stands behind every second convolution. */
  readonly pool: (typeof FIELD_POOLS)[number]
  /** Layers gone back from the output. */
  readonly step: number
}

export const FIELD_START: FieldState = { kernel: 3, layers: 4, pool: 'two', step: 6 }
export const FIELD_RANGES = { kernel: [2, 5], layers: [1, 6] } as const

/** Windows and strides, from the picture on. */
export function fieldLayers({ kernel, layers, pool }: Omit<FieldState, 'step'>): { kernel: number; stride: number }[] {
  return Array.from({ length: layers }, (_, i) => [
    { kernel, stride: 1 },
    ...(pool === 'two' && i % 2 === 1 ? [{ kernel: 2, stride: 2 }] : []),
  ]).flat()
}

/** Pixels that an output behind each of the layers depends on. */
export function fieldSizes(state: Omit<FieldState, 'step'>): number[] {
  let [field, jump] = [1, 1]
  return fieldLayers(state).map(({ kernel, stride }) => {
    field += (kernel - 1) * jump
    jump *= stride
    return field
  })
}

/** First and one past the last unit of each layer that the middle output depends on, from the output to the picture. */
function spans(state: FieldState): { from: number; to: number; jump: number; start: number }[] {
  const layers = fieldLayers(state)
  const places = [{ jump: 1, start: 0 }]
  for (const { kernel, stride } of layers) {
    const { jump = 1, start = 0 } = places.at(-1) ?? {}
    places.push({ jump: jump * stride, start: start + ((kernel - 1) / 2) * jump })
  }
  const back = [{ from: 0, to: 1 }]
  for (const { kernel, stride } of [...layers].reverse()) {
    const { from = 0, to = 1 } = back.at(-1) ?? {}
    back.push({ from: from * stride, to: (to - 1) * stride + kernel })
  }
  return back.map((span, i) => ({ ...span, ...(places[layers.length - i] ?? { jump: 1, start: 0 }) }))
}

const [LEFT, TOP, RIGHT] = [96, 14, 8]
const ROW = 34
const round = (value: number) => Math.round(value * 10) / 10

/** Rows of units, the output above, the picture below; what the output depends on is filled. */
export function drawField(state: FieldState, width: number): string {
  const layers = fieldLayers(state)
  const rows = spans(state)
  const size = fieldSizes(state).at(-1) ?? 1
  const shown = Math.max(24, size + 4)
  const pixel = (width - LEFT - RIGHT) / shown
  // The middle of the field lies in the middle of the drawing.
  const x = (place: number) => LEFT + ((shown - size) / 2 + place + 0.5) * pixel
  const y = (row: number) => TOP + row * ROW
  const step = Math.min(state.step, layers.length)
  const names = rows.map((_, i) => {
    const layer = layers[layers.length - i - 1]
    if (i === layers.length) return 'picture'
    return layer?.stride === 2 ? 'pooled' : 'convolution'
  })
  const drawn = rows.map(({ from, to, jump, start }, i) => {
    const radius = Math.max(1.6, Math.min(6, 0.36 * pixel * jump))
    const units = Array.from({ length: to - from }, (_, k) => {
      const on = i <= step ? 'unit seen' : 'unit'
      return `<circle class="${on}" cx="${round(x(start + (from + k) * jump))}" cy="${y(i)}" r="${round(radius)}"/>`
    })
    const below = rows[i + 1]
    const ends = (row: { from: number; to: number; jump: number; start: number }) =>
      [row.from, row.to - 1].map(unit => round(x(row.start + unit * row.jump)))
    const [left = 0, right = 0] = ends({ from, to, jump, start })
    const [belowLeft = 0, belowRight = 0] = below ? ends(below) : []
    const cone = below && i < step
      ? `<path class="cone" d="M${left} ${y(i)}L${belowLeft} ${y(i + 1)}H${belowRight}L${right} ${y(i)}Z"/>`
      : ''
    return cone + `<text class="soft" x="0" y="${y(i) + 4}">${names[i] ?? ''}</text>${units.join('')}`
  })
  const height = y(rows.length - 1) + 16
  return (
    `<svg class="chart field" viewBox="0 0 ${width} ${height}" role="img" aria-label="${saidOfField(state)}">` +
    `${drawn.join('')}</svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfField(state: FieldState): string {
  const layers = fieldLayers(state)
  const step = Math.min(state.step, layers.length)
  const { from = 0, to = 1 } = spans(state)[step] ?? {}
  const size = fieldSizes(state).at(-1) ?? 1
  const weights = state.layers * state.kernel ** 2
  const single = size ** 2
  const where = step === layers.length ? 'pixels of the picture' : 'units of that layer'
  return `${step} ${step === 1 ? 'layer' : 'layers'} back, the output depends on ${to - from} ${where} along a row. ` +
    `In all ${size} by ${size} pixels, with ${weights} weights from map to map where one window would need ${single}.`
}
