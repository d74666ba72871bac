// Trains the runs that stand behind a recording, one after another, and before each what it needs.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { parseSettings, type Experiment } from '../../experiment/experiment.ts'
import type { RunMessage, RunTraining, TrainedRunResult } from '../../jobs/train-run.ts'
import { WorkRefused, type GivenWork, type Workers } from '../../jobs/workers.ts'
import { nameOfRun } from '../../runs/run-place.ts'
import { existingRuns, missingRuns, type NeededRun } from '../../trained/node/needed-runs.ts'
import type { TrainEvent } from '../../train/events.ts'
import type { WantedRun } from '../recording.ts'

/** How the runs of a recording are trained, and who hears of it. */
export interface RunsTrainer {
  /**
   * Trains one run to its end; false: it was asked to stop, and saved a checkpoint.
   * @throws UserError where it failed
   */
  readonly train: (experiment: Experiment, settings: Readonly<Record<string, unknown>>) => Promise<boolean>
  /** Whether somebody asked to stop, be it in the last moment of a run: no other begins. */
  readonly isStopped?: () => boolean
  /** Hears which run comes next. */
  readonly say: (line: string) => void
  /** Hears why a run failed: the others go on. */
  readonly warn: (line: string) => void
}

/** What a run is to the one that needs it. */
const ROLES: Readonly<Record<NeededRun['role'], string>> = { teacher: 'teacher', start: 'run to start from' }

/**
 * Trains runs, one after another, and before each its teacher and the run that it starts from where there are none yet.
 * @returns whether all were done; false where one was asked to stop
 */
export async function trainRuns(
  root: string,
  experiment: Experiment,
  runs: readonly WantedRun[],
  by: RunsTrainer,
): Promise<boolean> {
  const { train, isStopped = () => false, say, warn } =
    checkOptions('trainRuns', by, ['train', 'isStopped', 'say', 'warn'])
  for (const [index, { arm, seed, settings }] of runs.entries()) {
    if (isStopped()) return false
    try {
      for (const needed of missingRuns(root, experiment, parseSettings(experiment, settings))) {
        say(`\nFirst the ${ROLES[needed.role]}, ${needed.experiment.name}, seed ${needed.settings.seed}`)
        if (!(await train(needed.experiment, needed.settings)) || isStopped()) return false
      }
      say(`\n${index + 1} of ${runs.length}: ${arm.label}, seed ${seed}`)
      if (!(await train(experiment, settings))) return false
    } catch (error) {
      // A run that diverges is a finding: the others go on, and it stays among the missing ones.
      if (!(error instanceof UserError)) throw error
      warn(error.message)
    }
  }
  return true
}

/** How the runs of a recording are trained by workers, and who hears of it. */
export interface RunsOfWorkers extends Pick<RunsTrainer, 'say' | 'warn'> {
  readonly workers: Workers
  readonly command: readonly string[]
  /** Aborted: what runs saves a checkpoint and stops. */
  readonly signal: AbortSignal
}

/** Least milliseconds between two lines on a run under way: a run can evaluate a hundred times a minute. */
const QUIET = 10_000

/** Says how far a run elsewhere is: when it begins, and at its evaluations, but for those close upon another. */
function sayProgress(say: (line: string) => void, now = () => performance.now()): (event: TrainEvent) => void {
  let totalSteps = 0
  let spoken = 0
  return event => {
    if (event.kind === 'start') {
      totalSteps = event.totalSteps
      spoken = now()
      const length = totalSteps === 1 ? '1 step' : `${totalSteps} steps`
      say(event.fromStep > 0 ? `goes on at step ${event.fromStep} of ${totalSteps}` : `begins, ${length}`)
    } else if (event.kind === 'evaluation' && event.step < totalSteps && now() - spoken >= QUIET) {
      spoken = now()
      const share = Math.floor((100 * event.step) / totalSteps)
      const loss = event.metrics['train']?.['loss']
      say(`${share} %, step ${event.step} of ${totalSteps}${loss === undefined ? '' : `, loss ${loss.toFixed(4)}`}`)
    }
  }
}

/**
 * Trains runs by workers, as many at once as there are, and before them the runs that they need.
 * @returns whether all were done; false where they were asked to stop
 */
export async function trainRunsByWorkers(
  root: string, experiment: Experiment, runs: readonly WantedRun[], by: RunsOfWorkers,
): Promise<boolean> {
  const { workers, command, signal, say, warn } = by
  const all = { done: true }
  const underWay = new Set<GivenWork>()
  const stopAll = () => {
    for (const given of underWay) given.stop()
  }
  const trainOne = async (
    what: string, { name }: Experiment, settings: Readonly<Record<string, unknown>>, needed: readonly string[],
  ): Promise<void> => {
    const stopped = () => signal.aborted
    if (stopped()) {
      all.done = false
      return
    }
    const data: RunTraining = { experiment: name, settings, command }
    const progress = sayProgress(line => { say(`${what}: ${line}`) })
    const given = workers.give({ name: 'training', data, runs: needed }, told => {
      const message = told as RunMessage
      if (message.kind === 'event') progress(message.event)
      return 'go'
    })
    underWay.add(given)
    try {
      const { run, status } = (await given.result) as TrainedRunResult
      if (status !== 'completed') all.done = false
      say(`${what}: ${status}, ${run}`)
    } catch (error) {
      // A run that diverges is a finding: the others go on, and it stays among the missing ones.
      if (!(error instanceof UserError) || error instanceof WorkRefused) throw error
      if (stopped()) all.done = false
      else warn(`${what}: ${error.message}`)
    } finally {
      underWay.delete(given)
    }
  }
  const missing = new Map(runs.flatMap(({ settings }) =>
    missingRuns(root, experiment, parseSettings(experiment, settings))
      .map(one => [JSON.stringify([one.experiment.name, one.settings]), one] as const)))
  // One listener, however many runs are given at once.
  signal.addEventListener('abort', stopAll)
  try {
    const first = [...missing.values()].map(one =>
      trainOne(`${ROLES[one.role]}, seed ${one.settings.seed}`, one.experiment, one.settings, []))
    await Promise.all(first)
    if (!all.done) return false
    const neededBy = (settings: Readonly<Record<string, unknown>>): readonly string[] =>
      existingRuns(root, experiment, parseSettings(experiment, settings)).map(nameOfRun)
    await Promise.all(runs.map(({ arm, seed, settings }, i) =>
      trainOne(`${i + 1} of ${runs.length}: ${arm.label}, seed ${seed}`, experiment, settings, neededBy(settings))))
    return all.done
  } finally {
    signal.removeEventListener('abort', stopAll)
  }
}
