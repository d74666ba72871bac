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

const WIDTH = 600
const HEIGHT = 230
const RADIUS = 26

/** The nodes of the figure, in the order of their names. */
function nodesOf(state: BackwardState): Node[] {
  const { z, a, loss, byA, byZ, byW, byB } = pass(state)
  return [
    { name: 'x', at: [50, 50], value: state.x, from: 0 },
    { name: 'w', at: [50, 120], value: state.w, from: 0, gradient: byW, gradientFrom: 6 },
    { name: 'b', at: [50, 190], value: state.b, from: 0, gradient: byB, gradientFrom: 6 },
    { name: 'z', at: [220, 110], value: z, from: 1, gradient: byZ, gradientFrom: 5 },
    { name: 'a', at: [380, 110], value: a, from: 2, gradient: byA, gradientFrom: 4 },
    { name: 'loss', at: [540, 110], value: loss, from: 3 },
    { name: 'y', at: [540, 195], value: state.y, from: 0 },
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

function drawNode({ name, at: [x, y], value, from, gradient, gradientFrom = Infinity }: Node, step: number): string {
  const known = step >= from
  const now = step === from || step === gradientFrom ? ' now' : ''
  const below = gradient !== undefined && step >= gradientFrom
  return (
    `<g class="node${now}"><circle cx="${x}" cy="${y}" r="${RADIUS}"/>` +
    `<text class="name" x="${x}" y="${y - 4}" text-anchor="middle">${name}</text>` +
    `<text x="${x}" y="${y + 13}" text-anchor="middle">${known ? text(value) : '?'}</text>` +
    (below ? `<text class="gradient" x="${x + RADIUS + 6}" y="${y - 12}">${text(gradient)}</text>` : '') +
    `</g>`
  )
}

/** The graph with the values and gradients that are known at a step. */
export function drawBackward(state: BackwardState): string {
  const nodes = nodesOf(state)
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
    `<svg class="chart nodes" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">` +
    `${edges.join('')}${nodes.map(node => drawNode(node, state.step)).join('')}</svg>`
  )
}
