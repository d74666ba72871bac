// What a training says of itself before its first step.
import type { Loader } from '@ddlf/data'
import { parameterCount } from '@ddlf/nn'
import type { RunStore } from '../runs/run-store.ts'
import type { StartEvent } from './events.ts'
import type { Planned, TrainingPlan } from './plan.ts'

/** What is told of a plan. */
export type StartedPlan = Pick<TrainingPlan, 'model' | 'held' | 'notes' | 'rounds' | 'totalSteps'> & {
  readonly stepper: Pick<TrainingPlan['stepper'], 'flopPerStep'>
}

/** @param fromStep the step that this attempt begins with */
export function startEvent(
  { experiment, settings, store, runtime }: Planned & { readonly store: RunStore },
  { model, stepper, held, notes, rounds, totalSteps }: StartedPlan,
  { length: trainExamples, stepsPerEpoch }: Pick<Loader, 'length' | 'stepsPerEpoch'>,
  fromStep: number,
): StartEvent {
  return {
    kind: 'start',
    experiment: experiment.name,
    run: store.name,
    dataset: experiment.data.name,
    settings: { ...settings },
    parameters: parameterCount(model),
    trainExamples,
    stepsPerEpoch,
    totalSteps,
    epochs: rounds,
    fromStep,
    runtime: runtime.name,
    splits: ['train', ...Object.keys(held)],
    metrics: experiment.task.metrics,
    notes,
    flopPerStep: stepper.flopPerStep,
  }
}
