// A region: a computation inside an application, as the body of a loop. It reads nothing but its own inputs and
// constants.
import type { Tensor } from './tensor.ts'

/** A closed computation from `inputs` (leaves) to `outputs`. Constants are part of it and are not listed. */
export interface Region {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}
