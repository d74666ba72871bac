// The end of a training: what is kept of it, what is said of one that learned nothing, and its summary.
import type { Runtime } from '@ddlf/tensor'
import { datasetCards, type Dataset } from '@ddlf/data'
import { parameterCount } from '@ddlf/nn'
import { ddlfCommand } from '../command-text.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { RunStore } from '../runs/run-store.ts'
import { encodeSafetensors } from '../runs/safetensors.ts'
import type { RunFacts } from '../tasks/task.ts'
import { learnedFrom } from './divide.ts'
import type { DoneEvent } from './events.ts'
import type { Judge } from './judge.ts'
import type { TrainingPlan } from './plan.ts'
import type { Position } from './position.ts'
import { adviceOnRun } from './run-advice.ts'

/** A training behind its last step. */
export interface EndedTraining {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly runtime: Runtime
  readonly store: RunStore
  readonly plan: TrainingPlan
  readonly judge: Judge
  readonly at: Position
  /** Why it ended, and whether it was asked to. */
  readonly reason: string
  readonly stopped: boolean
  readonly gradientNorm: number | undefined
}

/** The command that shows the data of an experiment; undefined where they are no set of their own. */
function lookCommand({ data }: Experiment, settings: TrainingSettings): string | undefined {
  const { data: own } = settings as TrainingSettings & { readonly data?: string }
  const place = data.own === undefined ? datasetCards.find(({ id }) => id === data.name)?.id : own
  return place === undefined ? undefined : ddlfCommand('data', 'show', place)
}

/** What is known of a run at its end, whatever it learned by. */
export interface Advised extends Pick<EndedTraining, 'experiment' | 'settings' | 'runtime' | 'at'> {
  readonly plan: Pick<TrainingPlan, 'chosenBy' | 'held' | 'model'>
  readonly judge: Pick<Judge, 'found'>
  /** What it learned from. */
  readonly train: Dataset
  /** What it knows besides. */
  readonly facts: RunFacts
}

/** What to say of a run that learned nothing; undefined where it learned. */
export function adviceAtEnd(
  { experiment, settings, runtime, plan, judge, at, train, facts: known }: Advised,
): Promise<string | undefined> {
  const { chosenBy, held, model } = plan
  const heldOut = held[chosenBy]
  if (!heldOut) return Promise.resolve(undefined)
  const { train: training, [chosenBy]: metrics = {} } = at.metrics
  const sums = judge.found.get(chosenBy)?.sums
  const look = lookCommand(experiment, settings)
  const facts = {
    ...known,
    ...(training && { training }),
    ...(sums && { sums }),
    ...(look !== undefined && { look }),
  }
  return adviceOnRun({ experiment, model, metrics, heldOut, train, runtime, facts })
}

/** Ends a run: keeps the outputs that its task keeps, and writes its summary. */
export async function finishRun(ended: EndedTraining): Promise<DoneEvent> {
  const { settings, store, plan, judge, at, reason, stopped } = ended
  const { stepper, model, chosenBy } = plan
  if (!stopped) {
    // A run resumed behind its last epoch has not published its weights yet.
    stepper.publish(settings.averageDecay > 0)
    const { part, tensors } = await judge.kept()
    if (Object.keys(tensors).length > 0) store.writeArtifact(`${part}-outputs.safetensors`, encodeSafetensors(tensors))
  }
  const end = stopped
    ? ({ status: 'stopped', reason: `asked to stop at step ${at.globalStep}` } as const)
    : ({ status: 'completed', reason } as const)
  const { gradientNorm, plan: { lastBatch, divided } } = ended
  const facts = {
    learningRate: settings.learningRate,
    ...(gradientNorm !== undefined && { gradientNorm }),
    ...(lastBatch !== undefined && { lastBatch }),
  }
  const advice = stopped ? undefined : await adviceAtEnd({ ...ended, train: learnedFrom(divided), facts })
  const { metrics, best, globalStep, seconds } = at
  store.finish({
    ...end,
    summary: {
      ...(advice !== undefined && { advice }),
      metrics,
      best,
      chosenBy,
      steps: globalStep,
      seconds,
      flop: stepper.flopPerStep * globalStep,
      parameters: parameterCount(model),
    },
  })
  return { kind: 'done', ...end, step: globalStep, metrics, seconds, ...(advice !== undefined && { advice }) }
}
