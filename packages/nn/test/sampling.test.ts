// Tokens drawn inside a graph: only those that may be, as often as Hugging Face's processors say, and the same for
// one key.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile, tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey } from '@ddlf/tensor/random'
import { sampleTokens } from '../src/index.ts'

interface Golden {
  logits: { shape: [number, number]; data: number[] }
  cases: { temperature: number; topK: number | null; topP: number | null; probabilities: number[] }[]
}
const golden = JSON.parse(readFileSync(new URL('golden/sampling.json', import.meta.url), 'utf8')) as Golden
const {
  shape: [rows, words],
  data,
} = golden.logits
const runtime = onnxNodeRuntime({ threads: 1 })
/** Each row that often in one graph. */
const COPIES = 500

describe('tokens are drawn as often as their probabilities say', () => {
  it.each(
    golden.cases.map(
      given => [
        `temperature ${given.temperature}, topK ${String(given.topK)}, topP ${String(given.topP)}`, given,
      ] as const,
    ),
  )('%s', async (_name, given) => {
    const { temperature, topK, topP, probabilities } = given
    const logits = tensor(
      Float32Array.from({ length: COPIES * rows * words }, (_, i) => data[i % (rows * words)]!),
      { shape: [COPIES * rows, words] },
    )
    const draw = compile(
      (key, inverse, share) =>
        sampleTokens(
          logits,
          { topK: topK ?? undefined, nucleus: topP !== null },
          { randomKey: key, inverseTemperature: inverse, topP: share },
        ),
      [{ shape: [2], dtype: 'int32' }, { shape: [] }, { shape: [] }],
      { runtime },
    )
    const counts = new Array<number>(rows * words).fill(0)
    const rounds = 8
    for (let round = 0; round < rounds; round++) {
      const { data: tokens } = await draw(
        Int32Array.from(randomKey(3, 'token', round)),
        Float32Array.of(1 / temperature),
        Float32Array.of(topP ?? 1),
      )
      tokens.forEach((token, i) => (counts[(i % rows) * words + token] = counts[(i % rows) * words + token]! + 1))
    }
    await draw.release()
    const drawn = rounds * COPIES
    counts.forEach((count, i) => {
      const share = probabilities[i]!
      if (share === 0) expect(count, `token ${i}`).toBe(0)
      // Five standard deviations of a binomial count.
      else
        expect(Math.abs(count - share * drawn), `token ${i}`).toBeLessThanOrEqual(
          5 * Math.sqrt(drawn * share * (1 - share)) + 1,
        )
    })
  })
})

describe('a draw', () => {
  const one = { inverseTemperature: tensor(1), topP: tensor(1) }
  const keyOf = (seed: number) => tensor(Int32Array.from(randomKey(seed)))
  const logits = tensor(
    Float32Array.from({ length: 600 }, (_, i) => Math.sin(i)),
    { shape: [60, 10] },
  )
  it('depends on its key alone', () => {
    const draw = (seed: number) => sampleTokens(logits, {}, { randomKey: keyOf(seed), ...one }).toArray()
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })
  it('is the most likely token where it is greedy', () => {
    expect(
      sampleTokens(
        tensor([
          [1, 3, 2],
          [5, 4, 4],
        ]),
        { greedy: true },
        { randomKey: keyOf(1), ...one },
      ).toArray(),
    ).toEqual([1, 0])
  })
  it('takes a whole number of tokens', () => {
    expect(() => sampleTokens(logits, { topK: 0 }, { randomKey: keyOf(1), ...one })).toThrow(
      /topK must be a whole number of at least 1[^]*0/,
    )
  })
})
