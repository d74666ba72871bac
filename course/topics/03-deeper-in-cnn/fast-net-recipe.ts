// How the network of the CIFAR-10 speed-runs is trained: a triangle of learning rates, and slow weights.
import { optimizerOf, type Recipe, type TrainingSettings } from '@ddlf/lab/experiments'
import { lookahead, schedules } from '@ddlf/nn'

/** Share of the way that slow weights go in the end, as in KellerJordan/cifar10-airbench. */
const LAST_SHARE = 1 - 0.95 ** 5

/** Straight from a fifth up to the base rate and down to 0.07 of it, as in KellerJordan/cifar10-airbench. */
const TRIANGLE = { rising: 0.23, initialDivisor: 5, finalDivisor: 0.2 / 0.07, anneal: 'linear' } as const

/** What the recipe reads beside the settings of every training. */
interface FastNetSettings extends Omit<TrainingSettings, 'schedule'> {
  readonly schedule: TrainingSettings['schedule'] | 'triangle'
  /** Steps between the updates of slow weights; 0: there are none. */
  readonly lookahead: number
}

/** The recipe of airbench94. */
export const fastNetRecipe = (settings: FastNetSettings, { totalSteps }: { readonly totalSteps: number }): Recipe => ({
  ...(settings.schedule === 'triangle' && { schedule: schedules.oneCycle(TRIANGLE) }),
  ...(settings.lookahead > 0 && {
    optimizer: lookahead(optimizerOf(settings), { every: settings.lookahead, share: LAST_SHARE, steps: totalSteps }),
  }),
})
