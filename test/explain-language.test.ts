// The arithmetic of the figures of Days 15-16, and the net that learns names in the page.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tensor, type Tensor } from '@ddlf/tensor'
import { ContextNet } from '../course/topics/06-recurrent-language-models/context-net.ts'
import {
  drawLetters, drawNames, namesNetSchema, readNamesNet,
} from '../packages/site/src/explain/names-net.ts'
import { drawTemperature, saidOfTemperature } from '../packages/site/src/explain/temperature.ts'
import {
  drawThroughTime, leftOfGradient, saidOfThroughTime, THROUGH_TIME_START,
} from '../packages/site/src/explain/through-time.ts'
import { readTrace, unitTracesSchema } from '../packages/site/src/explain/unit-traces.ts'
import { examplesOf, learningNames } from '../packages/site/src/workers/learning-names.ts'

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../packages/site/src/explain/${name}.json`, import.meta.url), 'utf8'))
const packed = namesNetSchema.parse(recorded('names-net'))
const net = readNamesNet(packed)

describe('a gradient on its way back', () => {
  it('is a power of the weight where nothing is read, and never more than that', () => {
    const still = leftOfGradient({ weight: 1.1, input: 0 })
    const read = leftOfGradient({ weight: 1.1, input: 0.7 })
    still.forEach((left, back) => {
      expect(left / 1.1 ** back).toBeCloseTo(1, 6)
      expect(Math.abs(read[back]!)).toBeLessThanOrEqual(1.1 ** back * (1 + 1e-9))
    })
    expect(read[60]! / still[60]!).toBeLessThan(1e-3)
  })
  it('is drawn and told at its ends too', () => {
    for (const state of [{ ...THROUGH_TIME_START, weight: 2, input: 0 }, { ...THROUGH_TIME_START, step: 0 }])
      expect(drawThroughTime(state, 350)).not.toMatch(/NaN|Infinity/)
    expect(saidOfThroughTime({ ...THROUGH_TIME_START, weight: 2, input: 0 })).toContain('It explodes.')
    expect(saidOfThroughTime({ ...THROUGH_TIME_START, input: 2 })).toContain('It has vanished')
  })
})

describe('the net of the temperature figure', () => {
  it("gives the logits of the course's own net with its weights", () => {
    const { blockSize, embedding, hidden } = packed
    const model = new ContextNet({ vocabulary: 27, blockSize, embedding, hidden, start: 'kaiming', batchNorm: false })
    const fill = (value: Tensor | undefined, { bytes, scale }: typeof packed.tokens) => {
      const weights = new Int8Array(Buffer.from(bytes, 'base64'))
      ;(value!.leaf!.data as Float32Array).set(Float32Array.from(weights, weight => weight * scale))
    }
    fill(model.tokens.weight, packed.tokens)
    fill(model.hidden.weight, packed.weights)
    fill(model.hidden.bias, packed.bias)
    fill(model.logits.weight, packed.logits)
    fill(model.logits.bias, packed.logitsBias)
    const context = [0, 13, 1]
    const expected = (model.forward(tensor([context], { dtype: 'int32' })).toArray() as number[][][])[0]![0]!
    net.logits(context).forEach((logit, k) => {
      expect(logit).toBeCloseTo(expected[k]!, 3)
    })
  })
  it('draws the likeliest letter where it is cold, and names that differ where it is hot', () => {
    for (const { letter, probabilities } of drawLetters(net, 0.02, 30))
      expect('.abcdefghijklmnopqrstuvwxyz'[probabilities.indexOf(Math.max(...probabilities))]).toBe(letter)
    expect(new Set(drawNames(net, 0.02, 10)).size).toBe(1)
    expect(new Set(drawNames(net, 2, 10)).size).toBeGreaterThan(8)
  })
  it('is drawn and told at every step', () => {
    expect(saidOfTemperature(net, { temperature: 1, step: 0 })).toContain('Step forward')
    expect(drawTemperature(net, { temperature: 0.1, step: 1 }, 350)).toMatch(/Drawn: ‘.’, whose share is \d+ %/)
    for (const step of [0, 1, 60])
      expect(drawTemperature(net, { temperature: 0.1, step }, 350)).not.toMatch(/NaN|Infinity/)
  })
})

it('a trace has a value for each letter, and what it follows was measured', () => {
  const { text, units } = unitTracesSchema.parse(recorded('unit-traces'))
  for (const unit of units) {
    expect(readTrace(unit)).toHaveLength(text.length)
    expect(Math.abs(unit.correlation)).toBeGreaterThan(0.3)
  }
})

describe('learning names in the page', () => {
  it('shows each letter with the three before it', () => {
    const { contexts, next } = examplesOf(['al'])
    expect([...contexts]).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 12])
    expect([...next]).toEqual([1, 12, 0])
  })
  it('learns a short list by heart, and goes on with a beginning as the list does', async () => {
    const learner = await learningNames(['anna', 'bob', 'cleo'])
    const [first, last] = [await learner.learn(1), await learner.learn(154)]
    expect(first).toBeGreaterThan(2)
    expect(last).toBeLessThan(first / 2)
    expect(await learner.finish(['a', 'b', 'cl'], 0.1, 1)).toEqual(['anna', 'bob', 'cleo'])
    expect(learner.steps).toBe(155)
  })
})
