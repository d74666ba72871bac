// From an experiment and its settings to optimizers, learning-rate schedules and the training step they describe.
import {
  adadelta,
  adagrad,
  adam,
  adamW,
  isBiasOrNorm,
  muon,
  rmsProp,
  schedules,
  sgd,
  type ColumnSpec,
  type Module,
  type Optimizer,
  type PhasedStepOptions,
  type Schedule,
  type TrainingStepOptions,
} from '@ddlf/nn'
import { UserError } from '@ddlf/tensor/errors'
import type { LossContext, Phase, Recipe } from '../tasks/task.ts'
import { roundsOf } from './budget.ts'
import type { Experiment, TrainingSettings } from './experiment.ts'

/** The optimizer that the settings describe. */
export function optimizerOf({
  optimizer,
  momentum,
  nesterov,
  weightDecay,
  beta1,
  beta2,
  rho,
}: Pick<
  TrainingSettings, 'optimizer' | 'momentum' | 'nesterov' | 'weightDecay' | 'beta1' | 'beta2' | 'rho'
>): Optimizer {
  switch (optimizer) {
    case 'sgd':
      return sgd({ momentum, nesterov, weightDecay })
    case 'adam':
      return adam({ weightDecay, beta1, beta2 })
    case 'adamW':
      return adamW({ weightDecay, beta1, beta2 })
    case 'rmsProp':
      return rmsProp({ momentum, weightDecay })
    case 'adagrad':
      return adagrad({ weightDecay })
    case 'adadelta':
      return adadelta({ rho, weightDecay })
    case 'muon':
      // So adjusted, one learning rate fits the matrices and what AdamW trains beside them.
      return muon({ momentum, weightDecay, adjust: 'matchAdamW', others: adamW({ weightDecay, beta1, beta2 }) })
  }
}

/** How long a training is, as schedules and slow weights ask. */
interface Length {
  readonly totalSteps: number
}

/** What a phase says of its recipe, else the experiment. */
export function recipeOf(
  phase: Recipe,
  { recipe }: Pick<Experiment, 'recipe'>,
  settings: TrainingSettings,
  length: Length,
): Recipe {
  return { ...recipe?.(settings, length), ...phase }
}

function scheduleOf(settings: TrainingSettings): Schedule {
  const { schedule, scheduleEpochs: every, scheduleFactor: gamma, scheduleMinimum: minimum } = settings
  const shapes: Record<TrainingSettings['schedule'], () => Schedule> = {
    constant: () => schedules.constant(),
    step: () => schedules.step({ every, gamma }),
    exponential: () => schedules.exponential({ gamma }),
    inverseSquareRoot: () => schedules.inverseSquareRoot(),
    cosine: () => schedules.cosine({ minimum }),
    oneCycle: () => schedules.oneCycle(),
  }
  return shapes[schedule]()
}

/** The learning rate of a phase at a step, counted from 0. */
function learningRateOf(
  phase: Phase<TrainingSettings>,
  experiment: Pick<Experiment, 'recipe'>,
  settings: TrainingSettings,
  stepsPerEpoch: number,
): (step: number) => number {
  const totalSteps = roundsOf(settings) * stepsPerEpoch
  const warmupSteps = Math.round(settings.warmupEpochs * stepsPerEpoch)
  const shape = recipeOf(phase, experiment, settings, { totalSteps }).schedule ?? scheduleOf(settings)
  const factor = warmupSteps > 0 ? schedules.linearWarmup({ steps: warmupSteps }, shape) : shape
  const peak = phase.learningRate ?? settings.learningRate
  return step => peak * factor({ step, totalSteps, stepsPerEpoch })
}

/**
 * The learning rates at a step, counted from 0, by the names under which a step is fed with them: `learningRate`, or of
 * several phases `<name>.learningRate`, in their order.
 */
export function learningRatesOf(
  experiment: Pick<Experiment, 'recipe' | 'task'>,
  settings: TrainingSettings,
  stepsPerEpoch: number,
): Readonly<Record<string, (step: number) => number>> {
  const phases = experiment.task.phases(settings)
  return Object.fromEntries(
    phases.map(phase => [
      phases.length > 1 ? `${phase.name}.learningRate` : 'learningRate',
      learningRateOf(phase, experiment, settings, stepsPerEpoch),
    ]),
  )
}

/** What a training step is built for. */
export interface StepBuilding {
  readonly model: Module
  readonly batch: Readonly<Record<string, ColumnSpec>>
  /** Steps of the whole training. */
  readonly totalSteps: number
  readonly context?: LossContext
}

/**
 * The training step of an experiment, as its task, its recipe and the settings ask for it.
 * @throws UserError where its only phase rests at some steps
 */
export function stepOptions(
  experiment: Pick<Experiment, 'recipe' | 'task'>,
  settings: TrainingSettings,
  { model, batch, totalSteps, context = {} }: StepBuilding,
): TrainingStepOptions<Module, string> | PhasedStepOptions<Module, string> {
  const phases = experiment.task.phases(settings)
  const objectiveOf = (phase: Phase<TrainingSettings>) => {
    const { optimizer, groups } = recipeOf(phase, experiment, settings, { totalSteps })
    return {
      loss: (_: Module, columns: Parameters<typeof phase.loss>[1]) => phase.loss(model, columns, settings, context),
      optimizer: optimizer ?? optimizerOf(settings),
      ...(groups && { groups }),
      ...(settings.clipNorm > 0 && { clipNorm: settings.clipNorm }),
      ...(settings.maxNorm > 0 && { maxNorm: settings.maxNorm }),
      ...(!settings.decayNormsAndBiases && { exclude: isBiasOrNorm }),
    }
  }
  const trainedBy = (phase: Phase<TrainingSettings>) =>
    recipeOf(phase, experiment, settings, { totalSteps }).trains
  const common = {
    model,
    batch,
    accumulate: settings.accumulate,
    ...(settings.averageDecay > 0 && { ema: settings.averageDecay }),
  }
  const [first] = phases
  if (first && phases.length === 1) {
    if ((first.every ?? 1) > 1) {
      throw new UserError({
        rule: 'The only phase of a step takes part in every step.',
        received: `every: ${first.every} of '${first.name}', of the task ${experiment.task.name}`,
        next: 'Leave every out, or take larger batches.',
      })
    }
    const trainable = trainedBy(first)
    return { ...common, ...objectiveOf(first), ...(trainable && { trainable }) }
  }
  return {
    ...common,
    phases: phases.map(phase => {
      const trains = trainedBy(phase)
      return {
        name: phase.name,
        ...objectiveOf(phase),
        ...(trains && { trains }),
        ...(phase.every !== undefined && { every: phase.every }),
      }
    }),
  }
}
