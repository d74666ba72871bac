// The GPT that writes in the page: its packed weights, the same text on one thread, on two, in WebAssembly and in the
// browser; and the arithmetic of the figures of Days 19-20.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scaledDotProductAttention } from '@ddlf/nn'
import { tensor, type Runtime } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  asking, ATTEND_KEYS, ATTEND_WORDS, attended, drawAttend, saidOfAttend,
} from '../packages/site/src/explain/attend.ts'
import { gptHeadsSchema, weightsOf } from '../packages/site/src/explain/gpt-heads.ts'
import { drawHeads, headsStart, saidOfHeads } from '../packages/site/src/explain/head-weights.ts'
import { drawRoot, ROOT_STEPS, rootMeans, rootWeights, saidOfRoot } from '../packages/site/src/explain/root.ts'
import { packWeights, shakespeareGptSchema, unpackWeights } from '../packages/site/src/explain/shakespeare-gpt.ts'
import { gptWriter } from '../packages/site/src/workers/gpt-writer.ts'
import { hasBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { siteInBrowser, violationsIn, type SiteInBrowser } from './site-in-browser.ts'

const file = (name: string) => readFileSync(new URL(`../packages/site/src/explain/${name}`, import.meta.url))
const recorded = shakespeareGptSchema.parse(JSON.parse(file('shakespeare-gpt.json').toString()))
const bytes = new Uint8Array(file('shakespeare-gpt.bin'))
const heads = gptHeadsSchema.parse(JSON.parse(file('gpt-heads.json').toString()))

describe('packed weights', () => {
  // No row of subnormal numbers alone, whose scale a float32 cannot hold.
  const number = fc.double({ min: -8, max: 8, noNaN: true }).map(value => (Math.abs(value) < 1e-30 ? 0 : value))
  const rows = fc.array(fc.array(number, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 })

  it('come back within half a step of their row, and vectors as they were', () => {
    fc.assert(fc.property(rows, given => {
      const matrix = Float32Array.from(given.flat())
      const vector = Float32Array.from(given[0]!)
      const { tensors, bytes: packed } = packWeights({
        matrix: { shape: [given.length, 3], dtype: 'float32', data: matrix },
        vector: { shape: [3], dtype: 'float32', data: vector },
      })
      const back = unpackWeights(tensors, packed)
      expect(back['vector']!.data).toEqual(vector)
      matrix.forEach((value, i) => {
        const row = matrix.subarray(3 * Math.floor(i / 3), 3 * Math.floor(i / 3) + 3)
        const step = Math.max(...row.map(Math.abs)) / 127
        expect(Math.abs((back['matrix']!.data[i] as number) - value)).toBeLessThanOrEqual(0.5001 * step)
      })
    }), { numRuns: 50 })
  })
  it('of the recorded model are all there, and cost next to nothing', () => {
    expect(bytes.length).toBe(recorded.bytes)
    expect(bytes.length).toBeLessThan(2 ** 20)
    expect(recorded.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0))
      .toBe(recorded.parameters)
    expect(Math.abs(recorded.roundedLoss - recorded.loss)).toBeLessThan(0.005)
    expect(() => unpackWeights(recorded.tensors, bytes.subarray(1))).toThrow(/bytes instead of/)
  })
})

describe('one seed writes one text', () => {
  const { text, ...asked } = recorded.sample
  const written = async (runtime: Runtime, tokens: number) => {
    let made = ''
    for await (const piece of gptWriter(recorded, bytes, runtime).write({ ...asked, tokens })) made += piece
    return made
  }
  it.each([
    ['on one thread', onnxNodeRuntime({ threads: 1 })],
    ['on two', onnxNodeRuntime({ threads: 2 })],
    ['in WebAssembly', onnxWebRuntime()],
  ] as const)('%s', async (_name, runtime) => {
    // Beyond what the model sees at once, so that it has to read again.
    expect(await written(runtime, 120)).toBe(text.slice(0, 120))
  })
  it('and refuses letters that it never saw', async () => {
    const writer = gptWriter(recorded, bytes, onnxNodeRuntime({ threads: 1 }))
    const writing = writer.write({ ...asked, prompt: 'é', tokens: 1 })
    await expect(writing.next()).rejects.toThrow(/é/)
  })
})

describe('attention by hand', () => {
  it("is the course's own, over what the word may see", () => {
    for (let step = 0; step < ATTEND_WORDS; step++) {
      const state = asking(step, 'on')
      const { weights, output } = attended(state)
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
      expect(weights.slice(step + 1).every(weight => weight === 0)).toBe(true)
      const keys = ATTEND_KEYS.slice(0, step + 1).map(key => [...key])
      const [q, k] = [tensor([[[state.x, state.y]]]), tensor([keys])]
      const expected = (scaledDotProductAttention(q, k, k).toArray() as number[][][])[0]![0]!
      output.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5))
    }
    expect(attended(asking(0, 'off')).weights.every(weight => weight > 0)).toBe(true)
  })
  it('is drawn and told', () => {
    expect(drawAttend(asking(5, 'off'), 300)).not.toMatch(/NaN|Infinity/)
    expect(saidOfAttend(asking(4, 'on'))).toMatch(/‘it’ asks .* ‘cat’.* weight \d+ %/)
  })
})

describe('the root', () => {
  it('keeps the weights undecided at every width, and without it one key takes all', () => {
    const wide = rootMeans({ step: ROOT_STEPS, division: 'none' })
    const divided = rootMeans({ step: ROOT_STEPS, division: 'root' })
    expect(wide.largest).toBeGreaterThan(0.9)
    expect(divided.largest).toBeLessThan(0.5)
    expect(divided.slope).toBeGreaterThan(3 * wide.slope)
    expect(rootWeights({ step: 3, division: 'none' }).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
    expect(drawRoot({ step: ROOT_STEPS, division: 'none' }, 300)).not.toMatch(/NaN|Infinity/)
    expect(saidOfRoot({ step: 0, division: 'root' })).toContain('Width 1,')
  })
})

describe('the heads', () => {
  it('give each letter weights that add up to one', () => {
    for (let layer = 1; layer <= heads.layers; layer++)
      for (const row of weightsOf(heads, layer, 2))
        expect(Math.abs(row.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(0.1)
    expect(heads.scores).toHaveLength(heads.layers * heads.heads)
    const pieces = drawHeads(heads, headsStart(heads)).match(/class="piece(?!s)/g)
    expect(pieces).toHaveLength(heads.text.length)
    expect(saidOfHeads(heads, { layer: 1, head: 1, step: 0 })).toContain('itself, 100 %')
  })
})

describe.skipIf(!hasBrowser)('the box', () => {
  let open: SiteInBrowser['open']
  const closing = closers()
  beforeAll(async () => {
    ;({ open } = await siteInBrowser(closing))
  }, 900_000)
  afterAll(closing.closeAll)

  it('writes the text of the terminal, stops when told, and says what it cannot read', async () => {
    const { page, troubles } = await open('30ddlf/transformer-and-gpt/')
    const box = '.gpt-box'
    expect(await page.textContent(`${box} [data-part=written]`)).toBe(recorded.sample.text)
    await page.click(`${box} [data-part=write]`)
    await page.waitForSelector(`${box}[data-phase=done]`, { timeout: 120_000 })
    expect(await page.textContent(`${box} [data-part=written]`)).toBe(recorded.sample.text)
    await page.fill(`${box} [data-part=seed]`, '2')
    await page.click(`${box} [data-part=write]`)
    await page.waitForFunction('document.querySelector(".gpt-box [data-part=written]").textContent.length > 3')
    await page.click(`${box} [data-part=stop]`)
    await page.waitForSelector(`${box}[data-phase=done]`)
    expect(await page.textContent(`${box} [data-part=said]`)).toContain('stopped')
    expect(await violationsIn(page, box)).toEqual([])
    await page.fill(`${box} [data-part=prompt]`, 'é')
    await page.click(`${box} [data-part=write]`)
    await page.waitForFunction('document.querySelector(".gpt-box [data-part=written]").textContent.length > 3')
    await page.click(`${box} [data-part=stop]`)
    await page.waitForSelector(`${box}[data-phase=done]`)
    expect(await page.textContent(`${box} [data-part=said]`)).toContain('It knows no ‘é’: left out.')
    expect(troubles).toEqual([])
    await page.close()
  }, 240_000)
})
