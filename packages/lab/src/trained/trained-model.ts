// A model with the weights of a checkpoint, ready to evaluate, predict, be analysed or exported.
import { UserError, type TypedArray } from '@ddlf/tensor'
import { loadStateDict, stateDict, withSeed, type Module, type StateDict } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { Checkpoint } from '../runs/run-store.ts'
import { assertFiniteWeights } from '../train/finite.ts'

/**
 * The state of a model in a checkpoint: parameters (their moving averages where the run evaluates those) and buffers,
 * without the optimizer's own.
 * @throws UserError where the checkpoint lacks a part of the model
 */
export function modelState(model: Module, { tensors }: Pick<Checkpoint, 'tensors'>, averaged: boolean): StateDict {
  // Tied weights are kept once, under the first of their names.
  const kept = new Map<TypedArray, string>()
  return Object.fromEntries(Object.entries(stateDict(model)).map(([name, { data }]) => {
    const first = kept.get(data) ?? name
    kept.set(data, first)
    const value = (averaged && tensors[`ema/${first}`]) || tensors[first]
    if (value) return [name, value]
    throw new UserError({
      rule: `The checkpoint has no parameter '${name}'.`,
      received: `${Object.keys(tensors).slice(0, 8).join(', ')}, ...`,
      next: 'Use the commit named in its run.json, or train again.',
    })
  }))
}

/**
 * Builds the model that the settings describe and gives it the weights of a checkpoint.
 * @throws UserError where they do not fit, or are not finite
 */
export function trainedModel(
  experiment: Experiment,
  settings: TrainingSettings,
  checkpoint: Pick<Checkpoint, 'tensors'>,
): Module {
  const model = withSeed(settings.seed, () => experiment.model(settings))
  const state = modelState(model, checkpoint, settings.averageDecay > 0)
  assertFiniteWeights(state)
  loadStateDict(model, state)
  return model
}
