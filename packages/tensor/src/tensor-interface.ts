// Tensors have the methods of tensor-methods.ts. Apart from these, where TypeScript would leave the class out of the
// declarations that it writes.
import type { TensorMethods } from './tensor-methods.ts'

declare module './ir/tensor.ts' {
  // An interface that merges with the class.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged with the class
  interface Tensor extends TensorMethods {}
}
