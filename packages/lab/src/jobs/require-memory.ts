// Whether a training fits into the memory of the machine, asked before the memory is taken: the system would end the
// process, and perhaps another one first.
import os from 'node:os'
import { UserError } from '@ddlf/tensor/errors'
import { countWeights } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

const BYTES = 4
/** The weights of the model, and the two sets of arrays between which its state goes back and forth. */
const COPIES = 3
const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** Bytes that a process here may have: those of the machine, or of the container that it is in. */
function memoryHere(): number {
  const most = process.constrainedMemory()
  return most > 0 ? Math.min(most, os.totalmem()) : os.totalmem()
}

/**
 * Refuses what cannot be trained here whatever else is done. What fits may still be too much: gradients, slots of the
 * optimizer and the data come to it.
 * @throws UserError where the weights alone take more memory than there is
 */
export function requireMemory(
  experiment: Pick<Experiment, 'model' | 'name'>, settings: TrainingSettings, memory: number = memoryHere(),
): void {
  const weights = countWeights(() => experiment.model(settings))
  const needed = COPIES * BYTES * weights
  if (needed <= memory) return
  throw new UserError({
    rule: `${experiment.name} has more weights than there is memory for.`,
    received: `${weights.toLocaleString('en-US')} weights, of which a training holds ${COPIES} copies: ` +
      `${gibibytes(needed)}, of ${gibibytes(memory)}`,
    next: 'Choose smaller sizes: a smaller width, fewer layers, a smaller vocabulary.',
  })
}
