// How long a training goes on: passes over its examples, or steps.
import { UserError } from '@ddlf/tensor/errors'
import type { TrainingSettings } from './experiment.ts'

/** Passes over the training examples, or steps with an evaluation after every so many. */
export type Budget = { readonly epochs: number } | { readonly steps: number; readonly evaluateEvery: number }

/** The budget that the settings describe. @throws UserError where the evaluations do not divide the steps */
export function budgetOf({
  epochs,
  steps,
  evaluateEvery,
}: Pick<TrainingSettings, 'epochs' | 'steps' | 'evaluateEvery'>): Budget {
  if (steps === 0) return { epochs }
  const every = Math.min(evaluateEvery, steps)
  if (steps % every === 0) return { steps, evaluateEvery: every }
  throw new UserError({
    rule: 'The steps of a training are evaluated in parts of equal size.',
    received: `steps=${steps}, evaluateEvery=${evaluateEvery}`,
    next: `For example: steps=${Math.ceil(steps / every) * every}`,
  })
}

/**
 * How often a training is evaluated: the epochs of a budget of epochs. What is counted as an epoch elsewhere is such a
 * round.
 */
export function roundsOf(settings: Pick<TrainingSettings, 'epochs' | 'steps' | 'evaluateEvery'>): number {
  const budget = budgetOf(settings)
  return 'epochs' in budget ? budget.epochs : budget.steps / budget.evaluateEvery
}

type Length = Pick<TrainingSettings, 'epochs' | 'steps' | 'evaluateEvery'>

const counted = (settings: Length): readonly [count: number, unit: string] => {
  const budget = budgetOf(settings)
  return 'steps' in budget ? [budget.steps, 'step'] : [budget.epochs, 'epoch']
}

/** The budget as a length: `8 epochs`, `2000 steps`, `1 epoch`. */
export function lengthText(settings: Length): string {
  const [count, unit] = counted(settings)
  return `${count} ${count === 1 ? unit : `${unit}s`}`
}

/** The budget as the reason for which a training ended: `all 8 epochs`, `all 2000 steps`. */
export function budgetText(settings: Length): string {
  const [count, unit] = counted(settings)
  return count === 1 ? `its one ${unit}` : `all ${count} ${unit}s`
}
