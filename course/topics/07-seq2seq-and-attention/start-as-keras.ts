// First weights of Keras' layers: Glorot's.
import { newParameter, init } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'

/** Glorot's bound for so many inputs and outputs. */
export const glorotLimit = (inputs: number, outputs: number): number => Math.sqrt(6 / (inputs + outputs))

/** Other first values for a parameter. */
export function startAnew(weight: Tensor | undefined, initializer: Parameters<typeof newParameter>[1]): void {
  if (!weight) return
  weight.leaf?.data?.set(newParameter(weight.shape, initializer).leaf?.data as Float32Array)
}

/** Glorot's uniform weights for so many inputs and outputs. */
export const glorot = (inputs: number, outputs: number): Parameters<typeof newParameter>[1] =>
  init.uniform(-glorotLimit(inputs, outputs), glorotLimit(inputs, outputs))
