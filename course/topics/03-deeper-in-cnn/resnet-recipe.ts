// How the paper of residual networks lets the rate fall: by 10 after half of the steps and after three quarters.
import type { Recipe, TrainingSettings } from '@ddlf/lab/experiments'

/** What the recipe reads beside the settings of every training. */
interface ResNetSettings extends Omit<TrainingSettings, 'schedule'> {
  readonly schedule: TrainingSettings['schedule'] | 'paper'
}

/** Shares of the training after which the rate is divided by 10: steps 32,000 and 48,000 of 64,000. */
const DROPS = [0.5, 0.75]

/** The schedule of He et al. 2015, section 4.2, where it is asked for. */
export const resnetRecipe = ({ schedule }: ResNetSettings): Recipe => ({
  ...(schedule === 'paper' && {
    schedule: ({ step, totalSteps }: { readonly step: number; readonly totalSteps: number }) =>
      0.1 ** DROPS.filter(share => step >= share * totalSteps).length,
  }),
})
