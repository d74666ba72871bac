// Minimisation of a smooth function of many variables, each between two bounds, by L-BFGS-B.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { CompactModel, inner, luSolver } from './compact-model.ts'

/** A value of the function with its gradient. */
export interface Slope {
  readonly value: number
  readonly gradient: ArrayLike<number>
}

/** Value and gradient of the function at a point; the point is reused between calls and must not be kept. */
export type Objective = (x: Float64Array) => Promise<Slope>

export interface BoxOptions {
  /** Most iterations, default 100. */
  iterations?: number
  /** Correction pairs kept, default 10. */
  memory?: number
  /** Stops when the projected gradient's largest entry falls to this, default 1e-8. */
  gradientTolerance?: number
  /** Stops when an iteration lowers the value by less than this share of it, default 1e-12. */
  valueTolerance?: number
}

export interface BoxMinimum {
  readonly x: Float64Array
  readonly value: number
  readonly iterations: number
  readonly evaluations: number
  /** Why it stopped. */
  readonly stopped: 'gradient' | 'value' | 'iterations' | 'line search'
}

/** A search that gives a point to look at and is handed what was found there. */
type Search<Result> = Generator<Float64Array, Result, Slope>

/**
 * Minimises a function within lower <= x <= upper.
 * Sources: Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", 1995
 * (generalised Cauchy point, algorithm CP, and direct primal subspace minimisation, section 5.1); the subspace step is
 * projected as in Morales and Nocedal, 2011; the line search is Nocedal and Wright, "Numerical optimization",
 * algorithms 3.5 and 3.6.
 * @param start a point; it is moved into the box first
 * @throws UserError when bounds and start differ in length, a lower bound exceeds its upper one, or the start has no
 *   finite value
 */
export async function minimizeInBox(
  objective: Objective,
  start: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  options: BoxOptions = {},
): Promise<BoxMinimum> {
  const search = searchInBox(start, lower, upper, options)
  let asked = search.next()
  while (asked.done !== true) asked = search.next(await objective(asked.value))
  return asked.value
}

/** {@link minimizeInBox} of a function that answers at once. */
export function minimizeInBoxNow(
  objective: (x: Float64Array) => Slope,
  start: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  options: BoxOptions = {},
): BoxMinimum {
  const search = searchInBox(start, lower, upper, options)
  let asked = search.next()
  while (asked.done !== true) asked = search.next(objective(asked.value))
  return asked.value
}

function* searchInBox(
  start: ArrayLike<number>,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  options: BoxOptions,
): Search<BoxMinimum> {
  checkOptions('minimizeInBox', options, ['iterations', 'memory', 'gradientTolerance', 'valueTolerance'])
  const { iterations = 100, memory = 10, gradientTolerance = 1e-8, valueTolerance = 1e-12 } = options
  const n = start.length
  const low = Float64Array.from(lower)
  const high = Float64Array.from(upper)
  if (low.length !== n || high.length !== n || low.some((bound, i) => !(bound <= (high[i] ?? NaN)))) {
    throw new UserError({
      rule: 'Every variable needs a lower bound that does not exceed its upper bound.',
      received: `${n} variables, ${low.length} lower and ${high.length} upper bounds`,
      next: 'Use -Infinity and Infinity where there is no bound.',
    })
  }
  const clip = (value: number, i: number) => Math.min(high[i] ?? Infinity, Math.max(low[i] ?? -Infinity, value))
  let evaluations = 0
  function* evaluate(point: Float64Array): Search<{ value: number; gradient: Float64Array }> {
    evaluations++
    const { value, gradient } = yield point
    return { value, gradient: Float64Array.from(gradient) }
  }

  let x: Float64Array = Float64Array.from(start, clip)
  let { value, gradient }: { value: number; gradient: Float64Array } = yield* evaluate(x)
  if (!Number.isFinite(value)) {
    throw new UserError({
      rule: 'The function must be finite at the start.',
      received: String(value),
      next: 'Start from weights that give a finite loss.',
    })
  }
  const model = new CompactModel(n, memory)
  let iteration = 0
  let stopped: BoxMinimum['stopped'] = 'iterations'
  for (; iteration < iterations; iteration++) {
    if (projectedGradient(x, gradient, clip) <= gradientTolerance) {
      stopped = 'gradient'
      break
    }
    const target = subspaceMinimum(model, x, gradient, low, high, clip)
    const direction = target.map((t, i) => t - (x[i] ?? 0))
    const next = yield* lineSearch(evaluate, x, value, gradient, direction, clip, model.size === 0)
    if (next === undefined) {
      // A bad model may give a bad direction: forget it once and go down the gradient.
      if (model.size === 0) {
        stopped = 'line search'
        break
      }
      model.clear()
      continue
    }
    const step = next.x.map((v, i) => v - (x[i] ?? 0))
    const change = next.gradient.map((g, i) => g - (gradient[i] ?? 0))
    model.add(step, change)
    const gained = value - next.value
    const scale = Math.max(Math.abs(value), Math.abs(next.value), 1)
    ;({ x, value, gradient } = next)
    if (gained <= valueTolerance * scale) {
      iteration++
      stopped = 'value'
      break
    }
  }
  return { x, value, iterations: iteration, evaluations, stopped }
}

/** Largest entry of P(x - g) - x, which is 0 exactly at a stationary point of the box. */
function projectedGradient(
  x: Float64Array,
  gradient: Float64Array,
  clip: (value: number, i: number) => number,
): number {
  let largest = 0
  for (let i = 0; i < x.length; i++)
    largest = Math.max(largest, Math.abs(clip((x[i] ?? 0) - (gradient[i] ?? 0), i) - (x[i] ?? 0)))
  return largest
}

/** The generalised Cauchy point, improved by a Newton step in the variables that are free there. */
function subspaceMinimum(
  model: CompactModel,
  x: Float64Array,
  gradient: Float64Array,
  low: Float64Array,
  high: Float64Array,
  clip: (value: number, i: number) => number,
): Float64Array {
  const { cauchy, c } = cauchyPoint(model, x, gradient, low, high)
  if (model.size === 0) return cauchy
  const { theta, rank } = model
  const free: number[] = []
  for (let i = 0; i < x.length; i++)
    if ((cauchy[i] ?? 0) > (low[i] ?? 0) && (cauchy[i] ?? 0) < (high[i] ?? 0)) free.push(i)
  if (free.length === 0) return cauchy

  // Reduced gradient r = Z^T (g + theta (x_c - x) - W M c), equation 5.4.
  const wmc = model.times(model.timesM(c))
  const reduced = new Float64Array(x.length)
  for (const i of free) reduced[i] = (gradient[i] ?? 0) + theta * ((cauchy[i] ?? 0) - (x[i] ?? 0)) - (wmc[i] ?? 0)

  // (I - M N) v = M W^T Z r with N = W^T Z Z^T W / theta, then d = -r / theta - Z^T W v / theta^2.
  const inside = new Float64Array(rank * rank)
  for (const i of free) {
    const w = model.row(i)
    for (let a = 0; a < rank; a++)
      for (let b = a; b < rank; b++)
        inside[a * rank + b] = (inside[a * rank + b] ?? 0) + ((w[a] ?? 0) * (w[b] ?? 0)) / theta
  }
  const system = new Float64Array(rank * rank)
  for (let b = 0; b < rank; b++) {
    const column = model.timesM(
      Float64Array.from({ length: rank }, (_, a) => inside[Math.min(a, b) * rank + Math.max(a, b)] ?? 0),
    )
    for (let a = 0; a < rank; a++) system[a * rank + b] = (a === b ? 1 : 0) - (column[a] ?? 0)
  }
  const v = luSolver(system, rank)(model.timesM(model.transposeTimes(reduced)))
  const wv = model.times(v)
  const target = cauchy.slice()
  const direction = new Float64Array(x.length)
  for (const i of free) {
    direction[i] = -(reduced[i] ?? 0) / theta - (wv[i] ?? 0) / (theta * theta)
    target[i] = clip((cauchy[i] ?? 0) + (direction[i] ?? 0), i)
  }
  const slope = target.reduce((sum, t, i) => sum + (t - (x[i] ?? 0)) * (gradient[i] ?? 0), 0)
  if (slope < 0 && target.every(Number.isFinite)) return target
  // The projected step does not descend: shorten it to the first bound instead.
  let alpha = 1
  for (const i of free) {
    const d = direction[i] ?? 0
    if (d > 0) alpha = Math.min(alpha, ((high[i] ?? 0) - (cauchy[i] ?? 0)) / d)
    else if (d < 0) alpha = Math.min(alpha, ((low[i] ?? 0) - (cauchy[i] ?? 0)) / d)
  }
  return Number.isFinite(alpha) ? cauchy.map((value, i) => value + alpha * (direction[i] ?? 0)) : cauchy
}

/** The first minimiser of the model along the projected steepest descent path (algorithm CP). */
function cauchyPoint(
  model: CompactModel,
  x: Float64Array,
  gradient: Float64Array,
  low: Float64Array,
  high: Float64Array,
): { cauchy: Float64Array; c: Float64Array } {
  const n = x.length
  const { theta } = model
  const breaks = new Float64Array(n)
  const d = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const g = gradient[i] ?? 0
    breaks[i] = g < 0 ? ((x[i] ?? 0) - (high[i] ?? 0)) / g : g > 0 ? ((x[i] ?? 0) - (low[i] ?? 0)) / g : Infinity
    d[i] = (breaks[i] ?? 0) === 0 ? 0 : -g
  }
  const cauchy = x.slice()
  const order = Uint32Array.from(breaks.keys()).filter(i => (breaks[i] ?? 0) > 0 && (breaks[i] ?? 0) < Infinity)
  order.sort((a, b) => (breaks[a] ?? 0) - (breaks[b] ?? 0))
  const c = new Float64Array(model.rank)
  const p = model.transposeTimes(d)
  let slope = -inner(d, d)
  if (slope === 0) return { cauchy, c }
  let curvature = -theta * slope - inner(p, model.timesM(p))
  const firstCurvature = -theta * slope
  let best = -slope / curvature
  let reached = 0
  let passed = 0
  for (const b of order) {
    const dt = (breaks[b] ?? 0) - reached
    if (best < dt) break
    const g = gradient[b] ?? 0
    const bound = (d[b] ?? 0) > 0 ? (high[b] ?? 0) : (low[b] ?? 0)
    cauchy[b] = bound
    const z = bound - (x[b] ?? 0)
    for (let i = 0; i < c.length; i++) c[i] = (c[i] ?? 0) + dt * (p[i] ?? 0)
    const w = model.row(b)
    const mw = model.timesM(w)
    slope += dt * curvature + g * g + theta * g * z - g * inner(mw, c)
    curvature -= theta * g * g + 2 * g * inner(mw, p) + g * g * inner(mw, w)
    // Rounding must not turn a convex model into a concave one.
    curvature = Math.max(curvature, 2.2e-16 * firstCurvature)
    for (let i = 0; i < p.length; i++) p[i] = (p[i] ?? 0) + g * (w[i] ?? 0)
    d[b] = 0
    best = slope < 0 ? -slope / curvature : 0
    reached = breaks[b] ?? 0
    passed++
    if (slope >= 0) break
  }
  best = passed === order.length && d.every(value => value === 0) ? 0 : Math.max(best, 0)
  for (let i = 0; i < n; i++)
    if (d[i] !== 0)
      cauchy[i] = Math.min(high[i] ?? 0, Math.max(low[i] ?? 0, (x[i] ?? 0) + (reached + best) * (d[i] ?? 0)))
  for (let i = 0; i < c.length; i++) c[i] = (c[i] ?? 0) + best * (p[i] ?? 0)
  return { cauchy, c }
}

interface Point {
  readonly x: Float64Array
  readonly value: number
  readonly gradient: Float64Array
}

/** A point of the line search: its step and the slope along it. */
interface Probe extends Point {
  readonly alpha: number
  readonly slope: number
}

/** Strong Wolfe search on steps 0 .. 1 (beyond 1 a bound may be crossed); undefined when nothing lower is found. */
function* lineSearch(
  evaluate: (x: Float64Array) => Search<{ value: number; gradient: Float64Array }>,
  x: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  clip: (value: number, i: number) => number,
  first: boolean,
): Search<Point | undefined> {
  const SUFFICIENT = 1e-4
  const CURVATURE = 0.9
  const slope = inner(gradient, direction)
  if (!(slope < 0)) return undefined
  function* probe(alpha: number): Search<Probe> {
    // A step of 1 lands on the target itself, free of rounding.
    const point = x.map((v, i) => clip(v + alpha * (direction[i] ?? 0), i))
    const result = yield* evaluate(point)
    return { alpha, x: point, ...result, slope: inner(result.gradient, direction) }
  }
  let lower: { alpha: number; value: number; slope: number; point?: Probe } = { alpha: 0, value, slope }
  let upper: { alpha: number; value: number } | undefined
  // With no curvature known yet, the first step is short.
  let alpha = first ? Math.min(1, 1 / Math.sqrt(inner(direction, direction))) : 1
  for (let trial = 0; trial < 30; trial++) {
    const tried = yield* probe(alpha)
    const bad =
      !Number.isFinite(tried.value) ||
      tried.value > value + SUFFICIENT * alpha * slope ||
      (lower.point !== undefined && tried.value >= lower.value)
    if (bad) upper = { alpha, value: tried.value }
    else if (Math.abs(tried.slope) <= -CURVATURE * slope) return tried
    else {
      // The minimum lies on the other side when the slope turned.
      if (tried.slope * ((upper?.alpha ?? 2) - lower.alpha) >= 0) upper = { alpha: lower.alpha, value: lower.value }
      lower = { alpha, value: tried.value, slope: tried.slope, point: tried }
      if (alpha >= 1 && upper === undefined) return tried
    }
    if (upper === undefined) {
      alpha = Math.min(1, 4 * alpha)
      continue
    }
    const width = upper.alpha - lower.alpha
    if (Math.abs(width) < 1e-12) break
    // Minimum of the parabola through the lower point, its slope and the upper value, kept off both ends.
    const denominator = 2 * (upper.value - lower.value - lower.slope * width)
    const guess = Number.isFinite(denominator) && denominator > 0 ? (-lower.slope * width) / denominator : 0.5
    alpha = lower.alpha + width * Math.min(0.9, Math.max(0.1, guess))
  }
  return lower.point
}
