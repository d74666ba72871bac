// Gradient descent with momentum in a valley of two directions, one steep and one flat: the arithmetic of a figure.

/** A place in the valley, or a velocity. */
export type Place = readonly [x: number, y: number]

export interface Descent {
  readonly rate: number
  readonly momentum: number
  readonly start: Place
}

/** Curvatures of the valley: the loss is half of (flat x² + steep y²). */
export const FLAT = 0.1
export const STEEP = 1

/** What the steps lead to within so many. */
export const STEPS = 60

export const lossAt = ([x, y]: Place): number => (FLAT * x * x + STEEP * y * y) / 2

/** Steps of PyTorch's form: v = momentum v + gradient, place -= rate v. The start is the first place. */
export function descend({ rate, momentum, start }: Descent, steps = STEPS): Place[] {
  const path: Place[] = [start]
  let [[x, y], [vx, vy]]: [Place, Place] = [start, [0, 0]]
  for (let i = 0; i < steps; i++) {
    ;[vx, vy] = [momentum * vx + FLAT * x, momentum * vy + STEEP * y]
    ;[x, y] = [x - rate * vx, y - rate * vy]
    path.push([x, y])
  }
  return path
}

/** The rate from which on the steep direction no longer settles: 2 (1 + momentum) / curvature. */
export const limitRate = (momentum: number): number => (2 * (1 + momentum)) / STEEP

/** The first step after which the loss stays below a hundredth of where it began; undefined where it does not. */
export function settledAfter(path: readonly Place[]): number | undefined {
  const goal = lossAt(path[0] ?? [0, 0]) / 100
  const last = path.findLastIndex(place => !(lossAt(place) <= goal))
  return last === path.length - 1 ? undefined : last + 1
}
