// What the leaves of a model hold.
import type { Tensor, TypedArray } from '@ddlf/tensor'

/** The data that a leaf of a model holds. */
export const dataOf = ({ leaf }: Tensor): TypedArray => leaf?.data as TypedArray
