// First weights other than those that a layer draws for itself.
import { newParameter, type init } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'

/** Draws a parameter's first values anew; nothing where a layer lacks it, as a bias. */
export function startAnew(weight: Tensor | undefined, initializer: init.Initializer): void {
  weight?.leaf?.data?.set(newParameter(weight.shape, initializer).leaf?.data as Float32Array)
}
