// What a study will take, said before its first trial.
import { roundsOf, spentBudget, type StudyBudget, type Trial, type TrainingSettings } from '@ddlf/lab'
import type { TrainingCost, Tuning } from '@ddlf/lab/node'
import { formatDuration } from './format.ts'

/** Bytes as people read them. */
export const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`

/** The study that is estimated. */
interface Estimated {
  readonly study: { readonly trials: readonly Trial[] }
  readonly record: Pick<Tuning['record'], 'repeats' | 'settings' | 'pruner'>
}

/** What the trials that are left will take, from those that are done or from a few steps. */
export function estimateText(
  { study: { trials: tried }, record: { repeats, settings, pruner } }: Estimated,
  { trials, epochs = Infinity, flop = Infinity, timeout = Infinity }: StudyBudget,
  jobs: number,
  cost: Pick<TrainingCost, 'seconds' | 'secondsBefore' | 'bytes' | 'flop'>,
  keep: 'best' | 'all',
): string {
  const spent = spentBudget(tried)
  // Those that were begun and not ended go on first, from their checkpoints.
  const begun = tried.filter(({ state }) => state === 'running').length
  const left = Math.max(0, trials - spent.trials) + begun
  const perTrial = cost.seconds * repeats
  // What earlier trials took is counted from their first step on.
  const earlier = spent.seconds / spent.trials + cost.secondsBefore * repeats
  const each = spent.trials > 0 && spent.seconds > 0 ? earlier : perTrial
  // The last trials may be fewer than can run at once.
  const whole = each * Math.ceil(left / jobs)
  const trainings = Math.min(
    Math.max(0, epochs - spent.epochs) / roundsOf(settings as TrainingSettings),
    Math.max(0, flop - spent.flop) / Math.max(1, cost.flop),
  )
  const bounded = Math.min(whole, (trainings * cost.seconds) / jobs, timeout)
  const atMost = pruner === 'none' ? 'about' : 'at most about'
  const bytes = cost.bytes * repeats * left
  const time = `${atMost} ${formatDuration(bounded)}`
  const work = `${left} ${left === 1 ? 'trial' : 'trials'} of about ${formatDuration(perTrial)}, ${jobs} at once`
  return `${work}: ${time} and ${megabytes(bytes)} on disk${keep === 'best' ? ', most of them in the trash' : ''}.`
}
