// First weights of Keras' layers where their numbers of inputs and outputs do not follow from the shape: Glorot's.
import { init } from '@ddlf/nn'

/** Glorot's uniform weights for so many inputs and outputs. */
export function glorot(inputs: number, outputs: number): init.Initializer {
  const limit = Math.sqrt(6 / (inputs + outputs))
  return init.uniform(-limit, limit)
}
