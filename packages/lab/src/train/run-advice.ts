// What a run that learned nothing is told, with all that it knows of itself.
import type { Runtime } from '@ddlf/tensor'
import { columnOf, take, type Dataset } from '@ddlf/data'
import type { Module } from '@ddlf/nn'
import { activationHealth, type ActivationHealth } from '../analysis/model/activation-health.ts'
import { columnAmong } from '../experiment/experiment-data.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Metrics, RunFacts } from '../tasks/task.ts'

/** Held-out examples on which dead and saturated units are counted. */
const LOOKED_AT = 1000

/** A run at its end. */
export interface EndedRun {
  readonly experiment: Experiment
  /** With the weights of the end. */
  readonly model: Module
  /** On the held-out data. */
  readonly metrics: Metrics
  readonly heldOut: Dataset
  readonly train: Dataset
  readonly runtime: Runtime
  readonly facts: RunFacts
}

/**
 * What the task says of a run that learned nothing; undefined where it learned. The units are looked at only where it
 * did not.
 */
export async function adviceOnRun(ended: EndedRun): Promise<string | undefined> {
  const { experiment, model, metrics, heldOut, train, runtime, facts } = ended
  const { adviceOn } = experiment.task
  if (adviceOn?.(metrics, heldOut, train) === undefined) return undefined
  // What learns without steps has no units that steps could leave dead.
  const activations = facts.withoutSteps ? [] : await activationsOf({ experiment, model, heldOut, runtime })
  return adviceOn(metrics, heldOut, train, { ...facts, activations })
}

async function activationsOf(
  { experiment, model, heldOut, runtime }: Omit<EndedRun, 'metrics' | 'train' | 'facts'>,
): Promise<ActivationHealth[]> {
  const name = columnAmong(experiment, heldOut.columns)
  if (name === undefined) return []
  const { data, shape, dtype } = columnOf(take(heldOut, Math.min(heldOut.length, LOOKED_AT)), name)
  const { prepare } = experiment.task
  try {
    return await activationHealth(model, data, { shape, dtype }, { runtime, prepare })
  } catch {
    // A hint must not cost a finished run.
    return []
  }
}
