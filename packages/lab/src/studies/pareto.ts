// Several objectives: which trials no other one beats, ranks of such fronts, and the volume a front dominates.
import { EndedTrials } from './ended-trials.ts'
import { asLoss, type Direction, type Trial } from './trial.ts'

/** Whether losses `a` are nowhere worse than `b` and somewhere better. */
export const dominates = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, i) => value <= (b[i] as number)) && a.some((value, i) => value < (b[i] as number))

/** The values of a finished trial as losses. */
export const lossesOf = (trial: Trial, directions: readonly Direction[]): number[] =>
  directions.map((direction, i) => asLoss(trial.values?.[i] ?? NaN, direction))

/**
 * The complete trials that no other one dominates, of a list that may grow: the best compromises, by number. Each trial
 * that is over is looked at once, however often it is asked.
 */
export class FrontTally {
  readonly #directions: readonly Direction[]
  readonly #ended: EndedTrials
  #front: readonly Trial[] = []

  constructor(trials: readonly Trial[], directions: readonly Direction[]) {
    this.#directions = directions
    this.#ended = new EndedTrials(trials)
  }

  get front(): readonly Trial[] {
    const complete = this.#ended.take().filter(({ state }) => state === 'complete')
    if (complete.length > 0) this.#front = this.#with(complete)
    return this.#front
  }

  #with(complete: readonly Trial[]): Trial[] {
    const pointOf = (trial: Trial) => ({ trial, losses: lossesOf(trial, this.#directions) })
    const points = [...this.#front, ...complete].map(pointOf)
    const front = this.#directions.length === 1 ? smallest(points) : undominated(points)
    return front.map(({ trial }) => trial).sort((a, b) => a.number - b.number)
  }
}

/** The complete trials that no other one dominates, by number. */
export const paretoFront = (trials: readonly Trial[], directions: readonly Direction[]): readonly Trial[] =>
  new FrontTally(trials, directions).front

interface Point {
  readonly trial: Trial
  readonly losses: readonly number[]
}

function undominated(points: readonly Point[]): Point[] {
  const order = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((value, i) => value !== b[i])
    return at < 0 ? 0 : (a[at] as number) < (b[at] as number) ? -1 : 1
  }
  // What dominates a point comes before it in this order, and so does one of the front that dominates both.
  const front: Point[] = []
  for (const point of points.toSorted((a, b) => order(a.losses, b.losses))) {
    if (!front.some(other => dominates(other.losses, point.losses))) front.push(point)
  }
  return front
}

/** Of one objective: the points of the smallest loss, found without ordering the others. */
function smallest(points: readonly Point[]): Point[] {
  const least = points.reduce((low, { losses: [loss = Infinity] }) => Math.min(low, loss), Infinity)
  return points.filter(({ losses: [loss = Infinity] }) => loss === least)
}

/** The rank of each point: 0 for the front, 1 for the front of the rest, and so on. */
export function paretoRanks(losses: readonly (readonly number[])[]): number[] {
  const ranks = losses.map(() => -1)
  let waiting = losses.map((_, i) => i)
  for (let rank = 0; waiting.length > 0; rank++) {
    const front = waiting.filter(i => !waiting.some(j => dominates(losses[j] as number[], losses[i] as number[])))
    for (const i of front) ranks[i] = rank
    waiting = waiting.filter(i => ranks[i] === -1)
  }
  return ranks
}

/** The volume between some points and a reference that is worse than all of them (both minimised). */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = points.filter(point => point.every((value, i) => value < (reference[i] as number)))
  if (inside.length === 0) return 0
  const dimensions = reference.length
  if (dimensions === 1) return (reference[0] as number) - Math.min(...inside.map(point => point[0] as number))
  // Slices along the last objective: in each, the volume of the points that reach it, in one dimension less.
  const sorted = [...inside].sort((a, b) => (a[dimensions - 1] as number) - (b[dimensions - 1] as number))
  let volume = 0
  for (const [i, point] of sorted.entries()) {
    const from = point[dimensions - 1] as number
    const to = (sorted[i + 1] ?? reference)[dimensions - 1] as number
    if (to > from)
      volume +=
        (to - from) *
        hypervolume(
          sorted.slice(0, i + 1).map(p => p.slice(0, -1)),
          reference.slice(0, -1),
        )
  }
  return volume
}

/**
 * Chooses points one by one, each time the one that adds most to the dominated volume.
 * Source: Guerreiro, Fonseca and Paquete, "Greedy hypervolume subset selection in low dimensions", 2016.
 * @returns indices into `points`
 */
export function largestHypervolume(points: readonly (readonly number[])[], count: number): number[] {
  const worst = (points[0] ?? []).map((_, i) => Math.max(...points.map(point => point[i] as number)))
  const reference = worst.map(value => Math.max(1.1 * value, 0.9 * value) || 1e-12)
  const chosen: number[] = []
  while (chosen.length < Math.min(count, points.length)) {
    let best = -1
    let most = -Infinity
    for (let i = 0; i < points.length; i++) {
      if (chosen.includes(i)) continue
      const volume = hypervolume([...chosen, i].map(index => points[index] as number[]), reference)
      if (volume > most || best < 0) {
        most = volume
        best = i
      }
    }
    chosen.push(best)
  }
  return chosen
}
