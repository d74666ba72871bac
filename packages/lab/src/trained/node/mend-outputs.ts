// Outputs that a run kept and that are gone or damaged: an evaluation of its last checkpoint gives them again.
import type { Dataset } from '@ddlf/data'
import { putBackOutputs } from '../../runs/put-back-outputs.ts'
import { encodeSafetensors } from '../../runs/safetensors.ts'
import type { Evaluation } from '../../tasks/task.ts'
import { keptOutputs } from '../../train/evaluator.ts'
import type { TrainedRun } from './trained-run.ts'

/**
 * Puts the outputs of a completed run back where they are gone or damaged.
 * @param evaluation of the run's last checkpoint on the part that judged it, as that was then
 * @returns whether they were written @throws UserError as {@link putBackOutputs}
 */
export function mendOutputs(
  { run, experiment }: Pick<TrainedRun, 'run' | 'experiment'>,
  part: string,
  { dataset, evaluation }: { readonly dataset: Dataset; readonly evaluation: Evaluation },
): boolean {
  const kept = keptOutputs(evaluation, dataset, experiment.task.evaluate.answers)
  return Object.keys(kept).length > 0 && putBackOutputs(run, part, encodeSafetensors(kept))
}
