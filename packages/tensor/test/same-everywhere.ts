// The native kernels, in the blocked layout and in the plain one, against the reference on seeded numbers.
import { expect } from 'vitest'
import { evaluate, graph, input, type Tensor } from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { randomKey, uniforms } from '../src/random.ts'

/** Images as an input of a graph, float32. */
export const images = (name: string, shape: readonly number[]) => input(name, { shape, dtype: 'float32' })

/**
 * Refuses a native runtime, in the blocked layout or the plain one, whose values differ from the reference's by more
 * than the tolerance, relative to the largest of each output.
 */
export async function expectSameEverywhere(
  leaves: readonly Tensor[], outputs: readonly Tensor[], tolerance = 2e-4,
): Promise<void> {
  const data = leaves.map((leaf, i) => uniforms(randomKey(7, i), leaf.size, -1, 1))
  const expected = evaluate(outputs, new Map(leaves.map((leaf, i) => [leaf, data[i]!])))
  for (const blockedLayout of [true, false]) {
    const executable = await onnxNodeRuntime({ threads: 2, blockedLayout }).compile(graph('test', leaves, outputs))
    const actual = await executable.run(data)
    await executable.release()
    expected.forEach((values, k) => {
      let scale = 1
      let worst = 0
      for (let i = 0; i < values.length; i++) {
        scale = Math.max(scale, Math.abs(values[i]!))
        worst = Math.max(worst, Math.abs(actual[k]![i]! - values[i]!))
      }
      expect(worst / scale, `output ${k}, ${blockedLayout ? 'blocked' : 'plain'} layout`).toBeLessThan(tolerance)
    })
  }
}
