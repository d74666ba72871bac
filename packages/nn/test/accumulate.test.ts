// A batch computed in parts gives the update of the whole batch.
import { describe, expect, it } from 'vitest'
import { referenceRuntime, UserError, type TypedArray } from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { correctCount, crossEntropy, Linear, sgd, trainingStep, withSeed } from '../src/index.ts'

const EXAMPLES = 7

async function oneStep(accumulate: number): Promise<{ loss: number; correct: number; state: TypedArray[] }> {
  const model = withSeed(3, () => new Linear(4, 3))
  const step = trainingStep({
    model,
    loss: (layer, { x, labels }) =>
      ({ loss: crossEntropy(layer.forward(x), labels), metrics: { correct: correctCount(layer.forward(x), labels) } }),
    batch: { x: { shape: [EXAMPLES, 4] }, labels: { shape: [EXAMPLES], dtype: 'int32' } },
    optimizer: sgd({ momentum: 0.9 }),
    accumulate,
  })
  const executable = await referenceRuntime.compileSteps(step)
  const next: TypedArray[] = step.state.map(({ data }) => data.slice())
  const fresh = [
    uniforms(randomKey(1), EXAMPLES * 4, -1, 1), Int32Array.from({ length: EXAMPLES }, (_, i) => i % 3),
    Float32Array.of(0.1), Float32Array.of(1), Int32Array.of(0, 0),
  ]
  const [loss, correct] = await executable.run(step.state.map(({ data }) => data), next, fresh, 1)
  return { loss: loss![0]!, correct: correct![0]!, state: next }
}

describe('accumulate', () => {
  it.each([2, 3, 7, 100])('%i parts give the loss, the counts and the weights of one', async parts => {
    const [whole, divided] = [await oneStep(1), await oneStep(parts)]
    expect(divided.loss).toBeCloseTo(whole.loss, 5)
    expect(divided.correct).toBe(whole.correct)
    divided.state.forEach((array, i) => array.forEach((value, k) => expect(value).toBeCloseTo(whole.state[i]![k]!, 6)))
  })

  it('refuses a number of parts that is not whole', () => expect(oneStep(0.5)).rejects.toThrow(UserError))

  it('needs columns of as many examples, which a whole batch does not', () => {
    const stepOf = (accumulate: number) => trainingStep({
      model: withSeed(3, () => new Linear(4, 3)), accumulate, optimizer: sgd(),
      // Steps first, as a recurrent network reads them.
      batch: { words: { shape: [5, EXAMPLES, 4] }, labels: { shape: [EXAMPLES], dtype: 'int32' } },
      loss: (layer, { words, labels }) => ({ loss: crossEntropy(layer.forward(words.mean({ axes: 0 })), labels) }),
    })
    expect(stepOf(1).reported).toEqual(['loss'])
    expect(() => stepOf(2)).toThrow(/accumulate: [^]*words: float32\[5, 7, 4\], labels: int32\[7\]/)
  })
})
