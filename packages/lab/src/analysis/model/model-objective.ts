// A model and a fixed set of items as a function of one flat vector of parameters: what sharpness and loss slices look
// at.
import {
  assumeFinite,
  compile,
  differentiate,
  UserError,
  type Runtime,
  type Spec,
  type Tensor,
  type TypedArray,
} from '@ddlf/tensor'
import { namedParameters } from '@ddlf/nn'
import type { LossAt, ParameterBlock } from '../landscape/loss-slice.ts'
import type { LossAndGradient } from '../landscape/sharpness.ts'

export interface ModelObjective {
  /** The parameters as they are in the model now, flattened in the order of `blocks`: a copy. */
  readonly parameters: Float32Array
  readonly blocks: readonly (ParameterBlock & { readonly name: string })[]
  /** Mean loss over all items at a parameter vector. The model's own parameters are put back after every call. */
  readonly loss: LossAt
  /** Mean loss and its gradient over all items at a parameter vector. */
  readonly lossAndGradient: LossAndGradient
  release(): Promise<void>
}

/**
 * Makes the mean loss of a model over fixed batches a function of its flat parameter vector. The forward pass runs in
 * evaluation mode. Calls must not overlap, because they write into the model while they run.
 * @param model the object whose fields hold the parameters that `loss` uses
 * @param loss mean loss of one batch, a scalar, built from the batch's inputs
 * @param specs one for each input of a batch; the first axis is the batch (`null` when batches differ in size)
 * @param batches the inputs of each batch, in the order of `specs`
 * @throws UserError when there is no batch or no parameter
 */
export function modelObjective(
  model: object,
  loss: (...inputs: Tensor[]) => Tensor,
  specs: readonly Spec[],
  batches: readonly (readonly TypedArray[])[],
  { runtime }: { readonly runtime: Runtime },
): ModelObjective {
  const named = [...namedParameters(model)]
  if (named.length === 0 || batches.length === 0) {
    throw new UserError({
      rule: 'An objective needs a model with parameters and at least one batch.',
      received: `${named.length} parameters, ${batches.length} batches`,
      next: 'Pass the model itself, and the items to measure the loss on.',
    })
  }
  const tensors = named.map(([, parameter]) => parameter)
  const arrays = tensors.map(parameter => parameter.leaf?.data as Float32Array)
  const blocks = named.map(([name, { shape }]) => ({ name, shape }))
  const { length, read, write } = flatVector(arrays)
  const rowLength = (specs[0]?.shape ?? []).slice(1).reduce<number>((product, size) => product * (size ?? 1), 1)
  const sizes = batches.map(([first]) => (first?.length ?? 0) / rowLength)
  const items = sizes.reduce((total, size) => total + size, 0)

  const lossOnly = compile((...inputs: Tensor[]) => [loss(...inputs)], specs, { runtime, name: 'loss' })
  const withGradient = compile(
    (...inputs: Tensor[]) => {
      const value = loss(...inputs)
      return [value, ...assumeFinite(() => differentiate(value, tensors))]
    },
    specs,
    { runtime, name: 'loss-and-gradient' },
  )
  /** Runs all batches at a parameter vector; sums the outputs, each weighed by its batch's share of the items. */
  const average = async (
    vector: Float32Array,
    run: typeof lossOnly,
    add: (outputs: readonly TypedArray[], weight: number) => void,
  ) => {
    const own = read(new Float32Array(length))
    write(vector)
    try {
      for (const [i, batch] of batches.entries())
        add(
          (await run(...batch)).map(({ data }) => data),
          (sizes[i] ?? 0) / items,
        )
    } finally {
      write(own)
    }
  }
  return {
    parameters: read(new Float32Array(length)),
    blocks,
    async loss(vector) {
      let total = 0
      await average(vector, lossOnly, ([value], weight) => (total += weight * (value?.[0] ?? NaN)))
      return total
    },
    async lossAndGradient(vector) {
      let total = 0
      const gradient = new Float64Array(length)
      await average(vector, withGradient, ([value, ...gradients], weight) => {
        total += weight * (value?.[0] ?? NaN)
        let start = 0
        for (const part of gradients)
          for (const g of part as Float32Array) gradient[start] = (gradient[start++] ?? 0) + weight * g
      })
      return { loss: total, gradient }
    },
    async release() {
      await Promise.all([lossOnly.release(), withGradient.release()])
    },
  }
}

/** Arrays as one vector, from which they are written and into which they are read. */
function flatVector(arrays: readonly Float32Array[]) {
  const length = arrays.reduce((total, array) => total + array.length, 0)
  const write = (vector: ArrayLike<number>) => {
    let start = 0
    for (const array of arrays) for (let i = 0; i < array.length; i++) array[i] = vector[start++] ?? NaN
  }
  const read = (into: Float32Array) => {
    let start = 0
    for (const array of arrays) {
      into.set(array, start)
      start += array.length
    }
    return into
  }
  return { length, read, write }
}
