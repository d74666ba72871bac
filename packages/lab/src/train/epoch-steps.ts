// The steps of an epoch that are left: draws chunks of batches, runs them, and notes what they report.
import type { Loader } from '@ddlf/data'
import type { TrainingSettings } from '../experiment/experiment.ts'
import { stepInputs, type Curve } from './curve.ts'
import type { TrainEvent } from './events.ts'
import type { TrainingPlan } from './plan.ts'
import { now, type Position } from './position.ts'

/** What takes steps. */
export interface Stepping {
  readonly settings: TrainingSettings
  readonly signal?: AbortSignal
  readonly checkpointSeconds?: number
  readonly plan: TrainingPlan
  readonly loader: Loader
  readonly at: Position
  readonly curve: Curve
}

/** What the loop says of the epoch. */
export interface EpochUnderWay {
  /** When it began. */
  readonly started: number
  /** Whether the last checkpoint is older than so many seconds. */
  readonly isDue: (seconds: number) => boolean
  readonly save: () => TrainEvent
}

/** Where the seconds went, and how many examples there were. */
export interface Spent {
  readonly step: number
  readonly loader: number
  readonly examples: number
}

/** Takes the steps of an epoch that are left, and stops before its end where that is asked for. */
export async function* epochSteps(
  { settings, signal, checkpointSeconds = 30, plan, loader, at, curve }: Stepping,
  { started, isDue, save }: EpochUnderWay,
): AsyncGenerator<TrainEvent, Spent> {
  const { stepsPerEpoch } = loader
  const spent = { step: 0, loader: 0, examples: 0 }
  let waiting = now()
  for await (const chunk of loader.epoch(at.epoch, at.stepInEpoch)) {
    const before = now()
    spent.loader += before - waiting
    const results = await plan.stepper.run(chunk, stepInputs(chunk, at.globalStep, settings.seed, plan.learningRates))
    spent.step += now() - before
    curve.note(chunk, results)
    spent.examples += chunk.steps * chunk.batchSize
    const losses = at.meanLosses
    yield {
      kind: 'step', step: at.globalStep, epoch: at.epoch + 1, stepInEpoch: at.stepInEpoch,
      loss: Object.values(losses)[0] ?? Number.NaN, losses,
      learningRate: plan.learningRate(at.globalStep - 1), samplesPerSecond: spent.examples / (now() - started),
      secondsLeft: at.pace * (plan.totalSteps - at.globalStep),
    }
    if (signal?.aborted) break
    if (isDue(checkpointSeconds) && at.stepInEpoch < stepsPerEpoch) yield save()
    waiting = now()
  }
  return spent
}
