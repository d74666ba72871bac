// What a memo says of a recorded study: its trials, and what fresh seeds made of its best.
import type { FreshVerdict, Metric, StudyResult } from '@ddlf/lab'
import { intervalEnds, metricText, number } from './format.ts'

/** Who chose the trials, and what became of those that were stopped, for who has not heard these names. */
const SAMPLERS: Readonly<Record<string, string>> = { tpe: 'TPE, which tries more of what went well before' }
const PRUNERS: Readonly<Record<string, string>> = { median: 'behind the median of the others' }

/** How many trials, by whom, and how many were stopped early. */
export function pruningWords(
  { trials, sampler, pruner }: Pick<StudyResult, 'sampler' | 'pruner'> & {
    readonly trials: readonly Pick<StudyResult['trials'][number], 'state'>[]
  },
): string {
  const count = (state: string) => trials.filter(trial => trial.state === state).length
  const failed = count('failed')
  const pruned = count('pruned')
  const were = `${pruned} ${pruned === 1 ? 'was' : 'were'} stopped early`
  const stopped = pruner === 'none' ? '' : `; ${were}, ${PRUNERS[pruner] ?? `by ${pruner}`}`
  const lost = failed > 0 ? `; ${failed} failed` : ''
  return `${trials.length} trials by ${SAMPLERS[sampler] ?? sampler}${stopped}${lost}.`
}

/** The settings of the best trial: `learningRate 0.01, dimensions 64`; undefined where none is complete. */
export function bestWords({ trials, directions: [direction] }: StudyResult): string | undefined {
  const loss = ({ values }: (typeof trials)[number]) => (values?.[0] ?? NaN) * (direction === 'maximize' ? -1 : 1)
  const complete = trials.filter(trial => trial.state === 'complete' && Number.isFinite(loss(trial)))
  const [best] = complete.toSorted((a, b) => loss(a) - loss(b) || a.number - b.number)
  const settings = Object.entries(best?.params ?? {}).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? number(value) : String(value)}`,
  )
  return best && `Best is trial ${best.number}, with ${settings.join(' and ')}.`
}

type Confirmed = NonNullable<StudyResult['confirmed']>
type Means = FreshVerdict['tuned']

/**
 * Three sentences: how much of the best was luck, what is left of it beside the settings before, and whether that may
 * be chance.
 * @param metric what the study compared by
 */
export function freshWords(
  { inStudy, runs }: Confirmed,
  { part, tuned, before, luck, comparison }: FreshVerdict,
  metric: Pick<Metric, 'name' | 'format'>,
): string[] {
  const shown = (value: number) => metricText(metric, value)
  const seeds = `${runs.length} fresh ${runs.length === 1 ? 'seed has' : 'seeds have'}`
  const mean = shown(tuned.validation)
  const was = `The best trial had ${shown(inStudy)} in the study. ${seeds} ${mean} on the same examples`
  const first =
    luck > 0
      ? `${was}: the difference, ${shown(luck)}, was luck. The best of many trials is partly the luckiest.`
      : `${was}: no worse, so no luck shows.`
  const of = ({ last, interval }: Means) =>
    interval ? `${shown(last)} (95 % interval ${intervalEnds(metric, interval).join(' to ')})` : shown(last)
  const where = part === 'test' ? 'On the test set, which no trial has read,' : 'The data have no test part; there'
  const beside = before ? `; the settings that the study began with have ${of(before)}` : ''
  const last = `${where} the tuned settings have ${of(tuned)}${beside}.`
  if (!comparison) return [first, last]
  const { word, pValue, floor } = comparison
  const least = `which cannot fall below ${number(floor)}`
  const p = `p = ${number(pValue)} by the sign-flip test over ${runs.length} seeds, ${least}`
  const said =
    word === 'better'
      ? 'The tuned settings are better'
      : word === 'on average better'
        ? 'On average the tuned settings are better, which may be chance'
        : 'The tuned settings are not better'
  return [first, `${last} ${said} (${p}).`]
}
