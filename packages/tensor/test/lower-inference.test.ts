// Models exported with a free batch axis: every batch size runs, in ONNX Runtime too.
import { describe, expect, test } from 'vitest'
import {
  concat, expand, graph, input, lowerInference, mean, mul, parameter, reshape, UserError, type Tensor,
} from '../src/index.ts'
import { runOnnxModel } from '../src/node.ts'

const weight = () => parameter(Float32Array.of(1, 2, 3), [1, 3])
/** A graph of one input [batch, 3]. */
const model = (build: (x: Tensor, batch: number) => Tensor, options: { batch?: number } = {}) =>
  lowerInference(batch => {
    const x = input('x', { shape: [batch, 3], dtype: 'float32' })
    return graph('model', [x], [build(x, batch)])
  }, { outputs: ['y'], metadata: { author: 'a test' }, ...options })

const feeds = [1, 2, 5, 64].map(size => ({ x: {
  dtype: 'float32' as const, shape: [size, 3], data: Float32Array.from({ length: size * 3 }, (_, i) => i / 7),
} }))

/** Runs the model at several batch sizes and gives the outputs. */
const run = async (build: (x: Tensor, batch: number) => Tensor) => {
  const { bytes, inputNames, outputNames } = model(build)
  expect([inputNames, outputNames]).toEqual([['x'], ['y']])
  return (await runOnnxModel(bytes, feeds)).map(result => result['y']!)
}

describe('a free batch axis', () => {
  test('weights lie inside, and every batch size runs', async () => {
    const own = weight()
    const results = await run(x => mul(x, own))
    results.forEach(({ data, shape }, i) => {
      const { x } = feeds[i]!
      expect(shape).toEqual(x.shape)
      expect(data).toEqual(x.data.map((value, k) => Math.fround(value * [1, 2, 3][k % 3]!)))
    })
  })

  test('a reshape that keeps the batch becomes -1', async () => {
    const results = await run((x, batch) => reshape(mul(x, 2), [batch * 3, 1]))
    expect(results.map(({ shape }) => shape)).toEqual([[3, 1], [6, 1], [15, 1], [192, 1]])
  })

  test('sizes that an op needs as numbers are computed from the input', async () => {
    const own = weight()
    const results = await run((x, batch) => concat([expand(own, [batch, 3]), x], 1))
    results.forEach(({ data, shape }, i) => {
      expect(shape).toEqual([feeds[i]!.x.shape[0], 6])
      expect([...data.slice(0, 3)]).toEqual([1, 2, 3])
      expect(data.slice(-3)).toEqual(feeds[i]!.x.data.slice(-3))
    })
  })

  test('a value that depends on the batch size is refused, and may be exported at one size', async () => {
    const build = (x: Tensor) => mean(x, { axes: 0 })
    expect(() => model(build)).toThrow(UserError)
    expect(() => model(build)).toThrow(/depends on the batch size[^]*one batch size/)
    const { bytes } = model(build, { batch: 2 })
    const [result] = await runOnnxModel(bytes, [feeds[1]!])
    expect(result?.['y']?.shape).toEqual([3])
    await expect(runOnnxModel(bytes, [feeds[2]!])).rejects.toThrow(/invalid dimensions/i)
  })
})
