// Tokens drawn inside a graph: only those that may be, as often as Hugging Face's processors say, and the same for
// one key. Places of a beam search are divided into tokens and beams without a mistake.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile, tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { splitPlaces } from '../src/generation/beam-program.ts'
import { sampleTokens, type SamplingOptions } from '../src/index.ts'

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
      (random, inverse, share) =>
        sampleTokens(
          logits,
          { topK: topK ?? undefined, nucleus: topP !== null },
          { random, inverseTemperature: inverse, topP: share },
        ),
      [{ shape: [COPIES * rows] }, { shape: [] }, { shape: [] }],
      { runtime },
    )
    const counts = new Array<number>(rows * words).fill(0)
    const rounds = 8
    for (let round = 0; round < rounds; round++) {
      const { data: tokens } = await draw(
        uniforms(randomKey(3, 'token', round), COPIES * rows),
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
  const logits = tensor(
    Float32Array.from({ length: 600 }, (_, i) => Math.sin(i)),
    { shape: [60, 10] },
  )
  const random = (values: readonly number[]) => tensor(Float32Array.from(values), { shape: [values.length] })
  const drawnBy = (seed: number) => random([...uniforms(randomKey(seed), 60)])
  it('depends on its random numbers alone', () => {
    const draw = (seed: number) => sampleTokens(logits, {}, { random: drawnBy(seed), ...one }).toArray()
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })
  it('is the first token whose sum of probabilities exceeds the number, at its bounds too', () => {
    const quarters = tensor(new Float32Array(16), { shape: [4, 4] })
    const draw = (options: SamplingOptions) =>
      sampleTokens(quarters, options, { random: random([0, 0.25, 0.7, 1 - 2 ** -23]), ...one }).toArray()
    expect(draw({})).toEqual([0, 1, 2, 3])
    // Of equal ones all may be drawn.
    expect(draw({ topK: 2 })).toEqual([0, 1, 2, 3])
    const unlike = tensor([2, 3, 1, 2].map(first => [first, 0, first, -1]))
    const drawn = sampleTokens(unlike, { topK: 2 }, { random: random([0, 0.49, 0.51, 1 - 2 ** -23]), ...one })
    expect(drawn.toArray()).toEqual([0, 0, 2, 2])
  })
  it('never is a token that may not be drawn, though a random number be rounded to 1', () => {
    const fourth = tensor([[0, 1, 2, 9]])
    for (const options of [{}, { topK: 1 }, { nucleus: true }])
      expect(sampleTokens(fourth, options, { random: random([1]), ...one }).toArray()).toEqual([3])
  })
  it('takes how many tokens count from what is fed, as from the options', () => {
    const inputs = { random: drawnBy(4), inverseTemperature: tensor(1), topP: tensor(0.7) }
    for (const k of [1, 3, 10]) {
      const fed = { ...inputs, topK: tensor(k, { dtype: 'int32' }) }
      for (const nucleus of [false, true]) {
        const expected = sampleTokens(logits, { topK: k, nucleus }, inputs).toArray()
        expect(sampleTokens(logits, { nucleus }, fed).toArray()).toEqual(expected)
      }
    }
  })
  it('is the most likely token where it is greedy', () => {
    const rows = tensor([
      [1, 3, 2],
      [5, 4, 4],
    ])
    expect(sampleTokens(rows, { greedy: true }, { random: random([0, 0]), ...one }).toArray()).toEqual([1, 0])
  })
  it.each([1e-30, 1e-37, 1e-40, 5e-324])('is the most likely token at a temperature of %s', temperature => {
    const rows = tensor([[1, 3, 2], [-90, -40, -20], [30, 40, 90]])
    const inputs = { random: random([0, 0.5, 1 - 2 ** -23]), topP: tensor(0.9) }
    const inverseTemperature = tensor(Float32Array.of(1 / temperature), { shape: [] })
    for (const options of [{}, { topK: 2 }, { nucleus: true }]) {
      expect(sampleTokens(rows, options, { ...inputs, inverseTemperature }).toArray()).toEqual([1, 2, 2])
    }
  })
  it('takes a whole number of tokens, and a random number for each row', () => {
    expect(() => sampleTokens(logits, { topK: 0 }, { random: drawnBy(1), ...one })).toThrow(
      /topK must be a whole number of at least 1[^]*0/,
    )
    expect(() => sampleTokens(logits, {}, { random: random([0.5]), ...one })).toThrow(/random numbers \[B\][^]*\[1\]/)
  })
})

describe('places in a list of all continuations', () => {
  // GPT-2's vocabulary and the most beams: places up to 50,257,000, beyond the whole numbers of float32.
  it.each([[50_257, 1000], [250_112, 1000], [3, 1000]])('%i words and %i beams', (words, beams) => {
    const expected = Array.from({ length: beams }, (_, beam) =>
      [0, 1, Math.floor(words / 2), words - 1].map(token => ({ token, beam })),
    ).flat()
    const places = tensor(Int32Array.from(expected, ({ token, beam }) => beam * words + token))
    const { token, beam } = splitPlaces(places, words)
    expect(token.toArray()).toEqual(expected.map(one => one.token))
    expect(beam.toArray()).toEqual(expected.map(one => one.beam))
  })
})
