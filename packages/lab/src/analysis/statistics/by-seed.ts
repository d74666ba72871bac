// Runs counted by seed: runs of one seed say the same thing again, so every mean, interval and test over seeds counts
// them once.
import { mean } from './descriptive.ts'

/**
 * One value a seed, in the order in which the seeds come first: several runs of a seed count with their mean.
 * @param runs of one setting
 * @param valueOf what is measured of a run
 */
export function valuesBySeed<Run extends { readonly seed: number }>(
  runs: readonly Run[],
  valueOf: (run: Run) => number,
): Map<number, number> {
  const all = new Map<number, number[]>()
  for (const run of runs) all.set(run.seed, [...(all.get(run.seed) ?? []), valueOf(run)])
  return new Map([...all].map(([seed, values]) => [seed, mean(values)]))
}

/**
 * What a paired test over seeds takes: first minus second for each seed that both settings have, where both are finite.
 * @returns the seeds, and the difference of each
 */
export function differencesBySeed<Run extends { readonly seed: number }>(
  first: readonly Run[], second: readonly Run[], valueOf: (run: Run) => number,
): { readonly seeds: readonly number[]; readonly differences: readonly number[] } {
  const [left, right] = [valuesBySeed(first, valueOf), valuesBySeed(second, valueOf)]
  const pairs = [...left]
    .map(([seed, value]) => ({ seed, difference: value - (right.get(seed) ?? Number.NaN) }))
    .filter(({ difference }) => Number.isFinite(difference))
  return { seeds: pairs.map(({ seed }) => seed), differences: pairs.map(({ difference }) => difference) }
}
