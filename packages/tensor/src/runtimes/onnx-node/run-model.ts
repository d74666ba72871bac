// Runs an ONNX file as any program would that only knows ONNX Runtime: to check what was exported.
import * as ort from './onnx-runtime.ts'
import { checkArgument } from '../../errors.ts'
import type { DType, TypedArray } from '../../ir/dtype.ts'
import type { Shape } from '../../ir/shape.ts'
import { plainArray } from '../typed-array.ts'

/** One array for an input of a model. */
export interface ModelInput {
  readonly dtype: DType
  readonly shape: Shape
  readonly data: TypedArray
}

/** Loads a model with ONNX Runtime's defaults and runs it once for each of the feeds. Returns the outputs by name. */
export async function runOnnxModel(
  bytes: Uint8Array, feeds: readonly Readonly<Record<string, ModelInput>>[],
): Promise<Record<string, { data: TypedArray; shape: readonly number[] }>[]> {
  checkArgument('runOnnxModel', 'the model', bytes, {
    is: 'the bytes of an ONNX file, in a Uint8Array', accepts: value => value instanceof Uint8Array,
  })
  // The binding believes what an array says of its place in memory.
  const session = await ort.InferenceSession.create(plainArray(bytes) as Uint8Array, { logSeverityLevel: 4 })
  try {
    const results = []
    for (const feed of feeds) {
      const tensors = Object.fromEntries(Object.entries(feed)
        .map(([name, { dtype, shape, data }]) => [name, new ort.Tensor(dtype, data as never, shape)]))
      const outputs = await session.run(tensors)
      results.push(Object.fromEntries(Object.entries(outputs)
        .map(([name, { data, dims }]) => [name, { data: data as TypedArray, shape: dims }])))
    }
    return results
  } finally {
    await session.release()
  }
}
