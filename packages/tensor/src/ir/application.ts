// One application of an op: what all tensors that it makes have in common.
import type { Attributes, Op } from './op.ts'
import type { Region } from './region.ts'
import type { Tensor } from './tensor.ts'

/** An op applied to tensors. Its outputs are made together; a graph computes only those that it reads. */
export interface Application {
  readonly op: Op
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  /** Computations inside the op, such as the body of a loop; usually none. */
  readonly regions: readonly Region[]
  readonly outputs: readonly Tensor[]
}

/** Where a tensor comes from: an application, and which of its outputs it is. */
export interface Origin {
  readonly application: Application
  readonly index: number
}
