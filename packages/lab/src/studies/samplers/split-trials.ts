// The tree-structured Parzen estimator's first step: which trials count as good.
import { largestHypervolume, lossesOf, paretoRanks } from '../pareto.ts'
import { asLoss, lastStep, type Direction, type Trial } from '../trial.ts'

/** How many of `n` finished trials count as good: a tenth rounded up, with one objective at most 25. */
export const countBelow = (n: number, objectives = 1): number =>
  objectives === 1 ? Math.min(Math.ceil(0.1 * n), 25) : Math.ceil(0.1 * n)

/**
 * Divides trials into the good ones (`below`) and the rest (`above`), each by number: complete trials come first, by
 * value, or by Pareto rank and dominated volume; then pruned ones, the longest and then the better first. Running
 * trials belong to the rest, so that workers which ask at once keep apart (the constant liar).
 */
export function splitTrials(
  trials: readonly Trial[],
  directions: readonly Direction[],
): { below: Trial[]; above: Trial[] } {
  const complete = trials.filter(trial => trial.state === 'complete')
  const pruned = trials.filter(trial => trial.state === 'pruned')
  const running = trials.filter(trial => trial.state === 'running')
  const count = countBelow(complete.length + pruned.length, directions.length)
  const best = bestComplete(complete, directions, Math.min(count, complete.length))
  const longest = [...pruned]
    .sort((a, b) => prunedOrder(a, b, directions[0] ?? 'minimize'))
    .slice(0, Math.max(0, count - best.length))
  const below = new Set([...best, ...longest])
  const byNumber = (a: Trial, b: Trial) => a.number - b.number
  return {
    below: [...below].sort(byNumber),
    above: [...complete, ...pruned, ...running].filter(trial => !below.has(trial)).sort(byNumber),
  }
}

function bestComplete(complete: readonly Trial[], directions: readonly Direction[], count: number): Trial[] {
  const losses = new Map(complete.map(trial => [trial, lossesOf(trial, directions)]))
  if (directions.length <= 1) {
    return [...complete].sort((a, b) => (losses.get(a)?.[0] ?? 0) - (losses.get(b)?.[0] ?? 0)).slice(0, count)
  }
  const ranks = paretoRanks([...losses.values()])
  const chosen: Trial[] = []
  for (let rank = 0; chosen.length < count; rank++) {
    const front = complete.filter((_, i) => ranks[i] === rank)
    const room = count - chosen.length
    chosen.push(
      ...(front.length <= room
        ? front
        : largestHypervolume(
            front.map(trial => losses.get(trial) ?? []),
            room,
          ).map(i => front[i] as Trial)),
    )
  }
  return chosen
}

/** Pruned trials: those that came furthest first, among them the better last value; those without a report last. */
function prunedOrder(a: Trial, b: Trial, direction: Direction): number {
  const [stepA, lossA] = prunedScore(a, direction)
  const [stepB, lossB] = prunedScore(b, direction)
  return stepA - stepB || (lossA === lossB ? 0 : lossA - lossB)
}

function prunedScore(trial: Trial, direction: Direction): [number, number] {
  const step = lastStep(trial)
  return step === undefined ? [1, 0] : [-step, asLoss(trial.intermediateValues.get(step) ?? NaN, direction)]
}
