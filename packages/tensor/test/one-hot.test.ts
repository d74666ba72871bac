// One-hot rows: an index outside the depth is refused on both runtimes, as PyTorch's one_hot refuses it.
import { expect, it } from 'vitest'
import { compile, oneHot, referenceRuntime, tensor, type Tensor } from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'

it('an index that is known is refused at once', () => {
  for (const index of [5, -1])
    expect(() => oneHot(tensor(Int32Array.of(0, index)), 5)).toThrow(`label ${index} in row 1`)
})

it.each([['reference', referenceRuntime], ['ONNX Runtime', onnxNodeRuntime({ threads: 1 })]] as const)(
  'an index that is fed to %s is refused before it runs',
  async (_, runtime) => {
    const run = compile((x: Tensor) => oneHot(x, 3), [{ shape: [2], dtype: 'int32' }], { runtime })
    try {
      expect(Array.from((await run(Int32Array.of(2, 0))).data)).toEqual([0, 0, 1, 1, 0, 0])
      await expect((async () => run(Int32Array.of(0, 3)))()).rejects.toThrow('label 3 in row 1')
      await expect((async () => run(Int32Array.of(-1, 0)))()).rejects.toThrow('label -1 in row 0')
    } finally {
      await run.release()
    }
  },
)
