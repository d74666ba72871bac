// One unit on four numbers of the reader's own: values forward, gradients backward, and a step; its arithmetic and
// drawing.

/** What the reader has chosen, and how far the figure has come. */
export interface BackwardState {
  readonly x: number
  readonly w: number
  readonly b: number
  readonly y: number
  readonly step: number
}

export const BACKWARD_START: BackwardState = { x: 2, w: 0.5, b: -0.5, y: 2, step: 0 }
export const BACKWARD_RATE = 0.1
/** Three values forward, three gradients backward, one update. */
export const BACKWARD_STEPS = 7

export interface Passed {
  readonly z: number
  readonly a: number
  readonly loss: number
  readonly byA: number
  readonly byZ: number
  readonly byW: number
  readonly byB: number
}

/** z = w x + b, a = max(0, z), loss = (a - y)² / 2, and the gradients of the loss by the chain rule. */
export function pass({ x, w, b, y }: Omit<BackwardState, 'step'>): Passed {
  const z = w * x + b
  const a = Math.max(0, z)
  const byA = a - y
  const byZ = z > 0 ? byA : 0
  return { z, a, loss: (a - y) ** 2 / 2, byA, byZ, byW: byZ * x, byB: byZ }
}

/** The weights after one step of the learning rate. */
export function updated(state: Omit<BackwardState, 'step'>): Omit<BackwardState, 'step'> {
  const { byW, byB } = pass(state)
  const { x, y } = state
  return { x, y, w: state.w - BACKWARD_RATE * byW, b: state.b - BACKWARD_RATE * byB }
}

const text = (value: number) => String(Number(value.toFixed(3)))

/** What the present step did, in words. */
export function saidOfBackward(state: BackwardState): string {
  const { x, w, b, y } = state
  const { z, a, loss, byA, byZ, byW, byB } = pass(state)
  const after = updated(state)
  const words = [
    'Nothing is computed yet. Step forward.',
    `Forward: z = w x + b = ${text(w)} × ${text(x)} + ${text(b)} = ${text(z)}.`,
    `Forward: a = max(0, z) = ${text(a)}.`,
    `Forward: the loss is (a - y)² / 2 = ${text(loss)}, for a = ${text(a)} and y = ${text(y)}.`,
    `Backward: the loss changes with a by a - y = ${text(byA)}.`,
    z > 0
      ? `Backward: ReLU was open, so z gets the same: ${text(byZ)}.`
      : 'Backward: ReLU was shut (z is not above 0), so nothing gets through: 0. The unit learns nothing from this.',
    `Backward: w gets that times x, ${text(byW)}; b gets it as it is, ${text(byB)}. Gradients, not yet a change.`,
    `The update: w becomes ${text(w)} - ${BACKWARD_RATE} × ${text(byW)} = ${text(after.w)}, ` +
      `b becomes ${text(after.b)}. The loss goes from ${text(loss)} to ${text(pass(after).loss)}.`,
  ]
  return words[state.step] ?? ''
}

interface Node {
  readonly name: string
  readonly at: readonly [x: number, y: number]
  readonly value: number
  /** From which step on the value is known. */
  readonly from: number
  readonly gradient?: number
  readonly gradientFrom?: number
}

const RADIUS = 26
/** Of the drawing: across, for inputs, sums, units and losses; on a phone closer to one another. */
const WIDE = { width: 600, height: 230, across: [50, 220, 380, 540] } as const
const NARROW = { width: 350, height: 230, across: [30, 130, 222, 318] } as const
type Layout = typeof WIDE | typeof NARROW

/** The nodes of the figure, in the order of their names. */
function nodesOf(state: BackwardState, { across: [inputs, sums, units, losses] }: Layout): Node[] {
  const { z, a, loss, byA, byZ, byW, byB } = pass(state)
  return [
    { name: 'x', at: [inputs, 50], value: state.x, from: 0 },
    { name: 'w', at: [inputs, 120], value: state.w, from: 0, gradient: byW, gradientFrom: 6 },
    { name: 'b', at: [inputs, 190], value: state.b, from: 0, gradient: byB, gradientFrom: 6 },
    { name: 'z', at: [sums, 110], value: z, from: 1, gradient: byZ, gradientFrom: 5 },
    { name: 'a', at: [units, 110], value: a, from: 2, gradient: byA, gradientFrom: 4 },
    { name: 'loss', at: [losses, 110], value: loss, from: 3 },
    { name: 'y', at: [losses, 195], value: state.y, from: 0 },
  ]
}

const EDGES = [
  ['x', 'z'],
  ['w', 'z'],
  ['b', 'z'],
  ['z', 'a'],
  ['a', 'loss'],
  ['y', 'loss'],
] as const

function drawNode(node: Node, step: number, layout: Layout): string {
  const { name, at: [x, y], value, from, gradient, gradientFrom = Infinity } = node
  const [beside, above] = [`x="${x + RADIUS + 6}" y="${y - 12}"`, `x="${x}" y="${y - RADIUS - 5}" text-anchor="middle"`]
  const place = layout === WIDE ? beside : above
  const known = step >= from
  const now = step === from || step === gradientFrom ? ' now' : ''
  const below = gradient !== undefined && step >= gradientFrom
  return (
    `<g class="node${now}"><circle cx="${x}" cy="${y}" r="${RADIUS}"/>` +
    `<text class="name" x="${x}" y="${y - 4}" text-anchor="middle">${name}</text>` +
    `<text x="${x}" y="${y + 13}" text-anchor="middle">${known ? text(value) : '?'}</text>` +
    (below ? `<text class="gradient" ${place}>${text(gradient)}</text>` : '') +
    `</g>`
  )
}

/** The graph with the values and gradients that are known at a step. @param narrow on a phone */
export function drawBackward(state: BackwardState, narrow = false): string {
  const layout = narrow ? NARROW : WIDE
  const nodes = nodesOf(state, layout)
  const place = (name: string) => nodes.find(node => node.name === name)?.at ?? [0, 0]
  const edges = EDGES.map(([from, to]) => {
    const [[x0, y0], [x1, y1]] = [place(from), place(to)]
    const length = Math.hypot(x1 - x0, y1 - y0)
    const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length]
    const end = RADIUS + 2
    const points = [x0 + ux * end, y0 + uy * end, x1 - ux * end, y1 - uy * end].map(value => value.toFixed(1))
    return `<path class="edge" d="M${points[0]} ${points[1]}L${points[2]} ${points[3]}"/>`
  })
  const label = 'z is w times x plus b, a is max of 0 and z, the loss is half the squared distance of a to y'
  return (
    `<svg class="chart nodes" viewBox="0 0 ${layout.width} ${layout.height}" role="img" aria-label="${label}">` +
    `${edges.join('')}${nodes.map(node => drawNode(node, state.step, layout)).join('')}</svg>`
  )
}
