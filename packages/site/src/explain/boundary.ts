// A small net on points of two kinds: where its answer changes sides, and what bends that line; arithmetic and drawing.
import { placesOf, planeSvg, type Plane } from './plane.ts'

export type Activation = 'relu' | 'none'

/** What the reader has chosen, and how far the training is shown. */
export interface BoundaryState {
  readonly units: number
  readonly activation: Activation
  /** The point that the reader moves. */
  readonly point: readonly [x: number, y: number]
  readonly step: number
}

/** Shown steps; each stands for several updates. */
export const BOUNDARY_STEPS = 30
const UPDATES = 20
const RATE = 0.25
const MOMENTUM = 0.9
/** How many examples the reader's point counts for: one alone would be outvoted. */
const WEIGHT = 6
export const BOUNDARY_START: BoundaryState = { units: 4, activation: 'relu', point: [2, -2], step: BOUNDARY_STEPS }
export const BOUNDARY_RANGE = 3

export interface LabelledPoint {
  readonly x: number
  readonly y: number
  /** 1: inside; 0: around it. */
  readonly label: 0 | 1
  readonly weight: number
}

/** Points of a sunflower: evenly spread between two radii. */
const spread = (count: number, from: number, to: number, label: 0 | 1): LabelledPoint[] =>
  Array.from({ length: count }, (_, i) => {
    const radius = Math.sqrt(from ** 2 + ((i + 0.5) / count) * (to ** 2 - from ** 2))
    const angle = i * Math.PI * (3 - Math.sqrt(5))
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label, weight: 1 }
  })
const FIXED = [...spread(24, 0, 1, 1), ...spread(36, 1.7, 2.6, 0)]

/** The examples, the reader's last: it belongs inside. */
export const pointsFor = ([x, y]: BoundaryState['point']): readonly LabelledPoint[] => [
  ...FIXED,
  { x, y, label: 1, weight: WEIGHT },
]

/** One hidden layer: `a = v · act(W p + b) + c`. */
export interface SmallNet {
  readonly w: readonly (readonly [number, number])[]
  readonly b: readonly number[]
  readonly v: readonly number[]
  readonly c: number
}

/** Units that look into directions evenly around, none of them favoured. */
export const firstNet = (units: number): SmallNet => ({
  w: Array.from({ length: units }, (_, k) => {
    const angle = (2 * Math.PI * (k + 0.25)) / units
    return [Math.cos(angle), Math.sin(angle)] as const
  }),
  b: Array.from({ length: units }, () => 0.1),
  v: Array.from({ length: units }, (_, k) => (k % 2 === 0 ? 0.3 : -0.3)),
  c: 0,
})

/** The logit of a point: above 0 the net says inside. */
export function logitOf({ w, b, v, c }: SmallNet, activation: Activation, x: number, y: number): number {
  return w.reduce((sum, [wx, wy], k) => {
    const z = wx * x + wy * y + (b[k] ?? 0)
    return sum + (v[k] ?? 0) * (activation === 'relu' ? Math.max(0, z) : z)
  }, c)
}

/** The gradient of the mean binary cross-entropy by every number of the net. */
export function gradientOf(net: SmallNet, activation: Activation, points: readonly LabelledPoint[]): SmallNet {
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  const w = net.w.map((): [number, number] => [0, 0])
  const [b, v] = [net.b.map(() => 0), net.v.map(() => 0)]
  let c = 0
  for (const { x, y, label, weight } of points) {
    const by = (weight / total) * (1 / (1 + Math.exp(-logitOf(net, activation, x, y))) - label)
    c += by
    net.w.forEach(([wx, wy], k) => {
      const z = wx * x + wy * y + (net.b[k] ?? 0)
      const isOpen = activation === 'none' || z > 0
      v[k] = (v[k] ?? 0) + by * (isOpen ? z : 0)
      if (!isOpen) return
      const byZ = by * (net.v[k] ?? 0)
      const row = w[k]
      if (row) {
        row[0] += byZ * x
        row[1] += byZ * y
      }
      b[k] = (b[k] ?? 0) + byZ
    })
  }
  return { w, b, v, c }
}

/** The numbers of a net in a row, and back. */
const flat = ({ w, b, v, c }: SmallNet): number[] => [...w.flat(), ...b, ...v, c]
const shaped = (numbers: readonly number[], units: number): SmallNet => ({
  w: Array.from({ length: units }, (_, k) => [numbers[2 * k] ?? 0, numbers[2 * k + 1] ?? 0] as const),
  b: numbers.slice(2 * units, 3 * units),
  v: numbers.slice(3 * units, 4 * units),
  c: numbers[4 * units] ?? 0,
})

let kept: { readonly key: string; readonly nets: readonly SmallNet[] } | undefined

/** The net at every shown step, by gradient descent with momentum. */
export function trainedNets({ units, activation, point }: Omit<BoundaryState, 'step'>): readonly SmallNet[] {
  const key = JSON.stringify([units, activation, point])
  if (kept?.key === key) return kept.nets
  const points = pointsFor(point)
  let numbers = flat(firstNet(units))
  let speed = numbers.map(() => 0)
  const nets = [shaped(numbers, units)]
  for (let step = 1; step <= BOUNDARY_STEPS; step++) {
    for (let i = 0; i < UPDATES; i++) {
      const gradient = flat(gradientOf(shaped(numbers, units), activation, points))
      speed = speed.map((value, k) => MOMENTUM * value + (gradient[k] ?? 0))
      numbers = numbers.map((value, k) => value - RATE * (speed[k] ?? 0))
    }
    nets.push(shaped(numbers, units))
  }
  kept = { key, nets }
  return nets
}

/** @param width pixels of the page's place for it */
export const boundaryPlane = (width: number): Plane => ({
  width,
  height: Math.round(Math.min(420, width * 0.7)),
  x: [-BOUNDARY_RANGE, BOUNDARY_RANGE],
  y: [-BOUNDARY_RANGE, BOUNDARY_RANGE],
  xTitle: 'first input',
  yTitle: 'second input',
})

const ROWS = 40
const COLUMNS = 60

/** Where the net says inside, as runs of cells. */
function region(plane: Plane, net: SmallNet, activation: Activation): string {
  const { px, py } = placesOf(plane)
  const [dx, dy] = [(2 * BOUNDARY_RANGE) / COLUMNS, (2 * BOUNDARY_RANGE) / ROWS]
  const rows = Array.from({ length: ROWS }, (_, r) => {
    const y = BOUNDARY_RANGE - (r + 0.5) * dy
    const inside = Array.from({ length: COLUMNS + 1 }, (_, c) => {
      const x = -BOUNDARY_RANGE + (c + 0.5) * dx
      return c < COLUMNS && logitOf(net, activation, x, y) > 0
    })
    const [top, bottom] = [py(y + dy / 2), py(y - dy / 2)]
    let from = -1
    return inside
      .map((is, c) => {
        if (is && from < 0) from = c
        if (is || from < 0) return ''
        const [left, right] = [px(-BOUNDARY_RANGE + from * dx), px(-BOUNDARY_RANGE + c * dx)]
        from = -1
        return `M${left} ${top}H${right}V${bottom}H${left}Z`
      })
      .join('')
  })
  return `<path class="region" d="${rows.join('')}"/>`
}

/** Where each unit bends: its own sum is 0 there. */
function bends(plane: Plane, { w, b }: SmallNet): string {
  const { px, py } = placesOf(plane)
  const far = 4 * BOUNDARY_RANGE
  const lines = w.map(([wx, wy], k) => {
    const length = Math.hypot(wx, wy) || 1
    const [nx, ny] = [wx / length, wy / length]
    const [x, y] = [(-(b[k] ?? 0) / length) * nx, (-(b[k] ?? 0) / length) * ny]
    return `M${px(x - far * ny)} ${py(y + far * nx)}L${px(x + far * ny)} ${py(y - far * nx)}`
  })
  return `<path class="bend" d="${lines.join('')}"/>`
}

export function drawBoundary(state: BoundaryState, width: number): string {
  const plane = boundaryPlane(width)
  const { px, py } = placesOf(plane)
  const net = trainedNets(state)[state.step] ?? firstNet(state.units)
  const dots = FIXED.map(({ x, y, label }) =>
    label === 1
      ? `<circle class="inside" cx="${px(x)}" cy="${py(y)}" r="4"/>`
      : `<path class="around" d="M${px(x) - 4} ${py(y)}h8m-4-4v8"/>`,
  )
  const [x, y] = state.point
  const handle = `<circle class="handle" cx="${px(x)}" cy="${py(y)}" r="9"/>`
  const lines = state.activation === 'relu' ? bends(plane, net) : ''
  const inner = region(plane, net, state.activation) + lines + dots.join('') + handle
  return planeSvg(plane, inner, saidOfBoundary(state))
}

/** What the figure shows, in words. */
export function saidOfBoundary(state: BoundaryState): string {
  const { units, activation, step, point } = state
  const net = trainedNets(state)[step] ?? firstNet(units)
  const right = pointsFor(point).filter(
    ({ x, y, label }) => logitOf(net, activation, x, y) > 0 === (label === 1),
  ).length
  const what = `${units} unit${units === 1 ? '' : 's'} ${activation === 'relu' ? 'with ReLU' : 'without an activation'}`
  const so =
    activation === 'none'
      ? 'However many there are, their sum is one straight line.'
      : units < 3
        ? 'One or two bends close no ring.'
        : 'Each unit bends the line once; together they can close it.'
  return `After ${step * UPDATES} updates, ${what}: ${right} of ${FIXED.length + 1} points on their side. ${so}`
}
