// The samples of every op as concrete cases: shared by the op suite and by the script that asks PyTorch for golden
// values.
import { registeredOps, sizeOf, type DType, type Op, type Sample, type Shape, type TypedArray } from '../src/index.ts'
import { allocate } from '../src/ir/dtype.ts'
import { randomKey, uniforms } from '../src/random.ts'

export interface CaseInput {
  readonly shape: Shape
  readonly dtype: DType
  readonly data: TypedArray
}

export interface OpCase {
  readonly op: Op
  readonly index: number
  readonly attributes: Sample['attributes']
  readonly inputs: readonly CaseInput[]
  readonly singular: boolean
}

/**
 * The ops that have samples: bodies, as scan and cond have them, cannot be written as samples; they have suites of
 * their own.
 */
export const sampledOps = (): string[] =>
  [...registeredOps().values()].flatMap(({ name, samples }) => (samples.length > 0 ? [name] : []))

/** Every sample of every op, with its seeded values. */
export function opCases(): OpCase[] {
  return [...registeredOps().values()].flatMap(op =>
    op.samples.map((sample, index): OpCase => ({
      op,
      index,
      attributes: sample.attributes,
      singular: sample.singular ?? false,
      inputs: sample.inputs.map(({ shape, dtype = 'float32', values, low = -1, high = 1 }, i) => {
        const data = allocate(dtype, sizeOf(shape))
        if (values) data.set(values)
        else
          uniforms(randomKey(1, op.name, index, i), data.length, low, high).forEach(
            (value, k) => (data[k] = dtype === 'float32' ? value : Math.floor(value)),
          )
        return { shape, dtype, data }
      }),
    })),
  )
}

/** The gradient that flows into the output of a case: fixed numbers that are different everywhere. */
export const cotangent = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.cos(1.7 * i + 0.3))
