// Twelve standard objectives for samplers, each with its search space: smooth, rugged, rotated, mixed and conditional.
import { floatRange, intRange, oneOf, searchSpace, when, type Params, type Space } from '@ddlf/lab'

/** An objective to minimise. */
export interface StandardFunction {
  readonly name: string
  readonly space: Space
  /** Whether it is smooth and numeric: what CMA-ES and a Gaussian process are for. */
  readonly smooth: boolean
  readonly value: (params: Params) => number
}

const box = (d: number, low: number, high: number) =>
  searchSpace(Object.fromEntries(Array.from({ length: d }, (_, i) => [`x${i}`, floatRange(low, high)])))
const vector = (params: Params) =>
  Object.keys(params)
    .filter(name => name.startsWith('x'))
    .map(name => params[name] as number)
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

const branin = ([x = 0, y = 0]: readonly number[]) =>
  (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10
const ackley = (x: readonly number[]) =>
  20 +
  Math.E -
  20 * Math.exp(-0.2 * Math.sqrt(sum(x.map(v => v * v)) / x.length)) -
  Math.exp(sum(x.map(v => Math.cos(2 * Math.PI * v))) / x.length)
const rosenbrock = (x: readonly number[]) =>
  sum(x.slice(1).map((v, i) => 100 * (v - (x[i] ?? 0) ** 2) ** 2 + (1 - (x[i] ?? 0)) ** 2))
const rastrigin = (x: readonly number[]) => 10 * x.length + sum(x.map(v => v * v - 10 * Math.cos(2 * Math.PI * v)))
const styblinskiTang = (x: readonly number[]) => 0.5 * sum(x.map(v => v ** 4 - 16 * v * v + 5 * v))

function levy(x: readonly number[]): number {
  const w = x.map(v => 1 + (v - 1) / 4)
  const last = w.at(-1) ?? 1
  return Math.sin(Math.PI * (w[0] ?? 1)) ** 2
    + sum(w.slice(0, -1).map(v => (v - 1) ** 2 * (1 + 10 * Math.sin(Math.PI * v + 1) ** 2)))
    + (last - 1) ** 2 * (1 + Math.sin(2 * Math.PI * last) ** 2)
}

const ALPHA = [1, 1.2, 3, 3.2]
const hartmann = (a: readonly (readonly number[])[], p: readonly (readonly number[])[]) => (x: readonly number[]) =>
  -sum(ALPHA.map((alpha, i) => alpha * Math.exp(-sum(x.map((v, j) => (a[i]?.[j] ?? 0) * (v - (p[i]?.[j] ?? 0)) ** 2)))))
const hartmann3 = hartmann(
  [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]],
  [[0.3689, 0.117, 0.2673], [0.4699, 0.4387, 0.747], [0.1091, 0.8732, 0.5547], [0.0381, 0.5743, 0.8828]],
)
const hartmann6 = hartmann(
  [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]],
  [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
)

/** Turns every pair of neighbouring coordinates by 30 degrees, so that no axis is an axis of the function. */
function rotated(x: readonly number[]): number[] {
  const y = [...x]
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)]
  for (let i = 0; i + 1 < y.length; i++)
    [y[i], y[i + 1]] = [c * (y[i] ?? 0) - s * (y[i + 1] ?? 0), s * (y[i] ?? 0) + c * (y[i + 1] ?? 0)]
  return y
}

const on = (name: string, space: Space, smooth: boolean, f: (x: readonly number[]) => number): StandardFunction => ({
  name,
  space,
  smooth,
  value: params => f(vector(params)),
})

/**
 * Source of the forms: Surjanovic and Bingham, "Virtual library of simulation experiments", Simon Fraser University.
 */
export const STANDARD_FUNCTIONS: readonly StandardFunction[] = [
  on('Branin, 2', searchSpace({ x0: floatRange(-5, 10), x1: floatRange(0, 15) }), true, branin),
  on('Hartmann, 3', box(3, 0, 1), true, hartmann3),
  on('Hartmann, 6', box(6, 0, 1), true, hartmann6),
  on('Rosenbrock, 4', box(4, -2, 2), true, rosenbrock),
  on('Levy, 5', box(5, -10, 10), false, levy),
  on('Styblinski-Tang, 5', box(5, -5, 5), false, styblinskiTang),
  on('Ackley, 10', box(10, -20, 30), false, ackley),
  on('Rastrigin, 4', box(4, -4.12, 6.12), false, rastrigin),
  on('Ackley rotated, 5', box(5, -20, 30), false, x => ackley(rotated(x))),
  on('Ellipsoid rotated, 5', box(5, -4, 6), true, x => sum(rotated(x).map((v, i) => 10 ** (i / 2) * v * v))),
  {
    name: 'mixed, 4',
    smooth: false,
    space: searchSpace({
      learningRate: floatRange(1e-5, 1, { log: true }),
      width: intRange(16, 512, { step: 16 }),
      activation: oneOf(['relu', 'tanh', 'gelu']),
      dropout: floatRange(0, 0.5, { step: 0.1 }),
    }),
    value: p =>
      (Math.log10(p['learningRate'] as number) + 2.5) ** 2 +
      ((p['width'] as number) / 512 - 0.6) ** 2 +
      ({ relu: 0.2, tanh: 0.5 }[p['activation'] as string] ?? 0) +
      Math.abs((p['dropout'] as number) - 0.2),
  },
  {
    name: 'conditional, 5',
    smooth: false,
    space: searchSpace({
      optimizer: oneOf(['sgd', 'adam', 'none']),
      rate: floatRange(1e-5, 1, { log: true }),
      momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
      beta1: when(floatRange(0.5, 0.999), 'optimizer', ['adam']),
      beta2: when(floatRange(0.9, 0.9999), 'optimizer', ['adam']),
    }),
    value: p => {
      const log = Math.log10(p['rate'] as number)
      if (p['optimizer'] === 'sgd') return (log + 1) ** 2 + 4 * ((p['momentum'] as number) - 0.9) ** 2
      if (p['optimizer'] === 'adam')
        return (
          0.1 + (log + 3) ** 2 + 4 * ((p['beta1'] as number) - 0.9) ** 2 + 100 * ((p['beta2'] as number) - 0.99) ** 2
        )
      return 2 + Math.abs(log)
    },
  },
]
