// From settings to the optimizer, the learning-rate schedule and the training step they describe.
import {
  adagrad,
  adam,
  adamW,
  isBiasOrNorm,
  lookahead,
  rmsProp,
  schedules,
  sgd,
  type ColumnSpec,
  type Module,
  type Optimizer,
  type Schedule,
  type TrainingStepOptions,
} from '@ddlf/nn'
import type { LossContext, Phase } from '../tasks/task.ts'
import { roundsOf } from './budget.ts'
import type { TrainingSettings } from './experiment.ts'

/** The optimizer that the settings describe. */
function optimizerOf({ optimizer, momentum, nesterov, weightDecay }: TrainingSettings): Optimizer {
  switch (optimizer) {
    case 'sgd':
      return sgd({ momentum, nesterov, weightDecay })
    case 'adam':
      return adam({ weightDecay })
    case 'adamW':
      return adamW({ weightDecay })
    case 'rmsProp':
      return rmsProp({ momentum, weightDecay })
    case 'adagrad':
      return adagrad({ weightDecay })
  }
}

/** Share of the way that slow weights go in the end, as in KellerJordan/cifar10-airbench. */
const LAST_SHARE = 1 - 0.95 ** 5

/** The optimizer, with the slow weights that the settings ask for. */
const optimizerOver = (settings: TrainingSettings, totalSteps: number): Optimizer => {
  const { lookahead: every } = settings
  return every > 0
    ? lookahead(optimizerOf(settings), { every, share: LAST_SHARE, steps: totalSteps })
    : optimizerOf(settings)
}

/** Straight from a fifth up to the base rate and down to 0.07 of it, as in KellerJordan/cifar10-airbench. */
const TRIANGLE = { rising: 0.23, initialDivisor: 5, finalDivisor: 0.2 / 0.07, anneal: 'linear' } as const

/** The learning rate at a step, counted from 0. */
export function learningRateOf(settings: TrainingSettings, stepsPerEpoch: number): (step: number) => number {
  const { learningRate, schedule, scheduleEpochs: every, scheduleFactor: gamma, warmupEpochs } = settings
  const shapes: Record<TrainingSettings['schedule'], () => Schedule> = {
    constant: () => schedules.constant(),
    step: () => schedules.step({ every, gamma }),
    exponential: () => schedules.exponential({ gamma }),
    cosine: () => schedules.cosine(),
    oneCycle: () => schedules.oneCycle(),
    triangle: () => schedules.oneCycle(TRIANGLE),
  }
  const warmupSteps = Math.round(warmupEpochs * stepsPerEpoch)
  const factor =
    warmupSteps > 0 ? schedules.linearWarmup({ steps: warmupSteps }, shapes[schedule]()) : shapes[schedule]()
  const totalSteps = roundsOf(settings) * stepsPerEpoch
  return step => learningRate * factor({ step, totalSteps, stepsPerEpoch })
}

/** The training step of a phase of so many steps in all, as the settings ask for it. */
export const stepOptions = (
  phase: Phase<TrainingSettings>,
  settings: TrainingSettings,
  model: Module,
  batch: Readonly<Record<string, ColumnSpec>>,
  totalSteps: number,
  context: LossContext = {},
): TrainingStepOptions<Module, string> => ({
  model,
  loss: (_, columns) => phase.loss(model, columns, settings, context),
  ...(phase.trains && { trainable: phase.trains }),
  batch,
  optimizer: optimizerOver(settings, totalSteps),
  accumulate: settings.accumulate,
  ...(settings.clipNorm > 0 && { clipNorm: settings.clipNorm }),
  ...(settings.maxNorm > 0 && { maxNorm: settings.maxNorm }),
  ...(settings.averageDecay > 0 && { ema: settings.averageDecay }),
  ...(!settings.decayNormsAndBiases && { exclude: isBiasOrNorm }),
})
