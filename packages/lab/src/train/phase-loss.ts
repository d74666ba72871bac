// The loss of a training step on a batch, outside the step: what histograms, sharpness and landscapes look at.
import { tensor, type Tensor } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import { withMode, type ColumnSpec, type Module } from '@ddlf/nn'
import { stepColumns } from '../experiment/experiment-data.ts'
import type { TrainingSettings } from '../experiment/experiment.ts'
import type { LossContext, Phase } from '../tasks/task.ts'

/** The loss of a phase on a batch. */
export interface PhaseLoss {
  /** The columns that it reads, those included that the phase reads only where there are any. */
  readonly columns: readonly string[]
  /** The mean loss of a batch, a scalar. @param batch a tensor for each of the columns, in their order */
  readonly loss: (...batch: Tensor[]) => Tensor
}

/**
 * The loss that a phase of a training minimises, with the model in evaluation mode: dropout rests, and batch norm has
 * its running statistics. What the loss itself draws (the noise of a denoiser) follows from the seed, and is the same
 * at every call.
 * @param there the columns that there are
 * @param context what the training examples decide of the loss
 */
export function phaseLoss(
  phase: Phase<TrainingSettings>,
  settings: TrainingSettings,
  model: Module,
  there: Readonly<Record<string, ColumnSpec>>,
  context: LossContext = {},
): PhaseLoss {
  const columns = stepColumns([phase], there)
  const key = tensor(Int32Array.from(randomKey(settings.seed, 'loss of a batch')))
  return {
    columns,
    loss: (...batch) => {
      const fed = Object.fromEntries(columns.map((name, i) => [name, batch[i] as Tensor]))
      const run = () => phase.loss(model, fed, settings, context).loss
      return withMode({ training: false, randomKey: key }, run).output
    },
  }
}
