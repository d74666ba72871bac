// What is looked at in a model of language: attention as the layer gives it, losses of tokens as the task counts them,
// gradients by earlier tokens against finite differences, neighbours of vectors; and the parts of a report.
import { describe, expect, it } from 'vitest'
import { trainTokenizer } from '@ddlf/data/tokenizers'
import { crossEntropy, Embedding, GRU, labelState, Linear, MultiHeadAttention, withSeed } from '@ddlf/nn'
import { add, gelu, input, mul, slice, sum, tensor, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  analyzeLanguageModel, attentionWeights, gradientReach, hiddenUnits, likelihoodText, lossAtLength, lossByPosition,
  nearestTokens, surprisingTokens, tokenLosses,
} from '../../src/index.ts'
import { figureDocument } from '../../src/plots/figure-document-node.ts'
import { analysisReport, tokenShadeFigure } from '../../src/plots/index.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const [words, size, time] = [12, 8, 6]

class Attentive {
  readonly table = new Embedding(words, size)
  readonly attention = new MultiHeadAttention(size, 2, { batchFirst: true })
  readonly hidden = new Linear(size, 10)
  readonly logits = new Linear(10, words)
  forward(ids: Tensor): Tensor {
    const x = this.table.forward(ids)
    return this.logits.forward(gelu(this.hidden.forward(add(x, this.attention.forward(x, x, x, { causal: true })))))
  }
}

class Recurrent {
  readonly table = new Embedding(words, size)
  readonly rnn = new GRU(size, size, { batchFirst: true })
  readonly logits = new Linear(size, words)
  forward(ids: Tensor): Tensor {
    return this.logits.forward(this.rnn.forward(this.table.forward(ids)).output)
  }
}

const attentive = withSeed(1, () => new Attentive())
const recurrent = withSeed(2, () => new Recurrent())
/** All different, so that a row of the table belongs to one place. */
const window = Int32Array.from([3, 7, 1, 11, 0, 5])
const ids = (tokens: Int32Array, count = 1) =>
  tensor(tokens, { shape: [count, tokens.length / count], dtype: 'int32' })

describe('what is inside', () => {
  for (const model of [attentive, recurrent]) labelState(model)

  it('attention: the weights of each head', () => {
    const x = ids(window)
    const probe = input('tokens', { shape: [1, time], dtype: 'int32' })
    expect(attentionWeights(attentive.forward(probe), probe).map(({ shape }) => shape)).toEqual([[1, 2, time, time]])
    expect(attentionWeights(recurrent.forward(probe), probe)).toEqual([])
    const embedded = attentive.table.forward(x)
    const { weights } = attentive.attention.withWeights(embedded, embedded, embedded, { causal: true })
    // A constant input is known everywhere: the tensor of the graph has its values.
    const logits = attentive.forward(x)
    const [found] = attentionWeights(logits, x)
    expect(found!.toTypedArray()).toEqual(weights.toTypedArray())
  })

  it('units: after activation functions, and what the last layer reads', () => {
    const probe = input('tokens', { shape: [1, time], dtype: 'int32' })
    const found = hiddenUnits(attentive.forward(probe), probe)
    expect(found.map(({ name, values }) => [name, values.shape])).toEqual([['after hidden', [1, time, 10]]])
    expect(hiddenUnits(recurrent.forward(probe), probe).map(({ name }) => name)).toEqual(['what the last layer reads'])
  })
})

describe('losses of tokens', () => {
  const tokens = Int32Array.from({ length: 5 * time }, (_, i) => (i * 7 + Math.floor(i / 4)) % words)
  const targets = Int32Array.from(tokens, (_, i) => tokens[(i + 1) % tokens.length]!)

  it('are those of the cross-entropy, also where windows do not fill the last batch', async () => {
    const many = Int32Array.from({ length: 13 * time }, (_, i) => (i * 5 + Math.floor(i / 3)) % words)
    const next = Int32Array.from(many, (_, i) => many[(i + 1) % many.length]!)
    const { nats, likeliest, likeliestNats } = await tokenLosses(x => attentive.forward(x), many, next, time, runtime)
    const logits = attentive.forward(ids(many, 13))
    const expected = crossEntropy(logits, ids(next, 13), { reduction: 'sum' }).toTypedArray()[0]!
    expect(nats.reduce((a, b) => a + b, 0)).toBeCloseTo(expected, 3)
    const values = logits.toTypedArray()
    likeliest.forEach((token, i) => {
      const row = Array.from(values.slice(i * words, (i + 1) * words))
      expect(row[token]).toBe(Math.max(...row))
      const whole = Math.log(row.reduce((total, value) => total + Math.exp(value), 0))
      expect(likeliestNats[i]!).toBeCloseTo(whole - row[token]!, 4)
    })
  })

  it('by position, and the largest of those that have seen a quarter', () => {
    const nats = Float32Array.of(9, 1, 2, 3, 5, 7, 4, 3)
    expect(lossByPosition({ nats, time: 4 })).toEqual([7, 4, 3, 3])
    expect(surprisingTokens({ nats, time: 4 }, 3)).toEqual([
      { index: 5, nats: 7 }, { index: 6, nats: 4 }, { index: 3, nats: 3 },
    ])
  })

  it('count where a token is asked for alone', async () => {
    const filled = targets.map((id, i) => (i % time >= 4 || i === 1 ? -1 : id))
    const [all, some] = await Promise.all([targets, filled].map(wanted =>
      tokenLosses(x => attentive.forward(x), tokens, wanted, time, runtime)))
    expect(Array.from(some!.nats)).toEqual(Array.from(all!.nats, (value, i) => (filled[i]! < 0 ? NaN : value)))
    const [byAll, bySome] = [lossByPosition(all!), lossByPosition(some!)]
    expect(bySome.map((value, i) => Object.is(value, byAll[i]))).toEqual([true, false, true, true, false, false])
    expect(bySome[1]).toBeCloseTo((byAll[1]! * 5 - all!.nats[1]!) / 4, 5)
    expect(bySome.slice(4)).toEqual([NaN, NaN])
    expect(surprisingTokens(some!, 99).every(({ index }) => filled[index]! >= 0)).toBe(true)
  })

  it('refuses windows that are not whole', async () => {
    await expect(tokenLosses(x => attentive.forward(x), tokens.slice(1), targets, time, runtime)).rejects.toThrow(
      /whole windows of 6[^]*29 tokens and 30 targets/,
    )
  })
})

describe.each([
  ['attention', attentive],
  ['recurrence', recurrent],
] as const)('gradients through %s', (_name, model) => {
  it('are the norms of finite differences', async () => {
    const target = Int32Array.of(4)
    const reach = (await gradientReach(x => model.forward(x), window, target, time, runtime))!
    const data = model.table.weight.leaf!.data as Float32Array
    const loss = () => {
      const last = slice(model.forward(ids(window)), { axis: 1, start: -1 })
      return sum(crossEntropy(last, tensor(target, { shape: [1, 1], dtype: 'int32' }))).toTypedArray()[0]!
    }
    for (let back = 0; back < time; back++) {
      const row = window[time - 1 - back]!
      let squares = 0
      for (let k = 0; k < size; k++) {
        const at = row * size + k
        const before = data[at]!
        data[at] = before + 0.01
        const above = loss()
        data[at] = before - 0.01
        squares += ((above - loss()) / 0.02) ** 2
        data[at] = before
      }
      expect(reach[back]!).toBeCloseTo(Math.sqrt(squares), 3)
    }
  })
  it('are told apart from nothing where their squares are too small for a number', async () => {
    const faint = (await gradientReach(x => mul(model.forward(x), 1e-25), window, Int32Array.of(4), time, runtime))!
    for (const norm of faint) expect(norm).toBeGreaterThan(1e-30)
  })
})

it.each([['attention', attentive], ['recurrence', recurrent]] as const)(
  'windows of another length, %s: the loss of their later halves alone',
  async (_name, model) => {
    const [length, windows] = [10, 4]
    const tokens = Int32Array.from({ length: length * windows }, (_, i) => (i * 7 + 3) % words)
    const targets = tokens.map(token => (token * 5 + 1) % words)
    const given = { tokens, targets, windows, time: length, batch: 2 }
    const measured = await lossAtLength(x => model.forward(x), given, runtime)
    const later = (of: Tensor) => slice(of, { axis: 1, start: length / 2 })
    const losses = crossEntropy(later(model.forward(ids(tokens, windows))), later(ids(targets, windows)))
    expect(measured).toBeCloseTo(losses.toTypedArray()[0]!, 5)
  },
)

it('neighbours are those with the smallest angle', () => {
  const table = Float32Array.of(1, 0, 10, 1, 0, 2, -3, 0, 0, 0, 1, 1)
  const near = nearestTokens(table, 6, 0, 5)
  expect(near.map(({ id }) => id)).toEqual([1, 5, 2, 4, 3])
  expect(near[1]!.similarity).toBeCloseTo(Math.SQRT1_2, 6)
  expect(() => nearestTokens(table, 5, 0, 2)).toThrow(/12 numbers for 5 tokens/)
})

describe('a report', () => {
  const tokenizer = trainTokenizer(['abcdefghijk\n'], { kind: 'characters' })
  const tokens = Int32Array.from({ length: 40 }, (_, i) => (i * 5) % words)
  const column = (from: number) => ({ dtype: 'int32' as const, shape: [time], data: tokens.subarray(from), step: time })
  const test = { name: 'test', length: 6, columns: { tokens: column(0), targets: column(1) } }

  it.each([['attention', attentive, 2], ['recurrence', recurrent, 0]] as const)(
    'has its parts and figures for a model with %s',
    async (_name, model, heads) => {
      const logits = (one: { forward(ids: Tensor): Tensor }, x: Tensor) => one.forward(x)
      const language = await analyzeLanguageModel({ model, logits, tokenizer, test, runtime })
      expect(language.tokens).toBe(36)
      // One byte a token: the loss by position has the same mean.
      const { perplexity, bitsPerToken, bitsPerCharacter, bitsPerByte } = language.likelihood
      const nats = language.lossByPosition.reduce((a, b) => a + b, 0) / time
      expect(perplexity).toBeCloseTo(Math.exp(nats), 4)
      expect(bitsPerToken).toBeCloseTo(nats / Math.LN2, 5)
      expect([bitsPerCharacter, bitsPerByte]).toEqual([bitsPerToken, bitsPerToken])
      expect(likelihoodText(language.tokens, language.likelihood)).toMatch(/^Over 36 tokens: perplexity [\d.]+, [\d.]+ bits a token/)
      expect(language.lossByPosition).toHaveLength(time)
      expect(language.attention.map(one => one.heads)).toEqual(heads === 0 ? [] : [heads])
      expect(language.neighbours.length).toBe(words)
      const { html, figures } = analysisReport({ title: 'made', language }, { document: figureDocument() })
      const names = figures.map(({ name }) => name)
      expect(names.slice(0, 2)).toEqual(['loss-by-position', 'gradient-by-distance'])
      expect(names.includes('attention')).toBe(heads > 0)
      expect(names.some(name => name.startsWith('unit-'))).toBe(true)
      expect(html).toContain('Most surprising tokens')
      expect(html).not.toContain('<script')
    },
  )

  it('tells of texts of different lengths, filled up with what is not asked for', async () => {
    const targets = test.columns.targets.data.map((id, i) => (i % time >= 4 && i !== 11 ? -1 : id))
    const filled = { ...test, columns: { ...test.columns, targets: { ...test.columns.targets, data: targets } } }
    const logits = (one: { forward(ids: Tensor): Tensor }, x: Tensor) => one.forward(x)
    const given = { model: attentive, logits, tokenizer, runtime }
    const language = await analyzeLanguageModel({ ...given, test: filled })
    expect(language.tokens).toBe(Array.from(targets).slice(0, 36).filter(id => id >= 0).length)
    expect(language.reach).toHaveLength(time)
    expect(Number.isFinite(language.likelihood.perplexity)).toBe(true)
    const { html } = analysisReport({ title: 'made', language }, { document: figureDocument() })
    expect(html).not.toContain('NaN')
    const none = targets.map((id, i) => (i % time < 4 ? id : -1))
    const short = { ...filled.columns, targets: { ...filled.columns.targets, data: none } }
    expect((await analyzeLanguageModel({ ...given, test: { ...test, columns: short } })).reach).toBeUndefined()
  })

  it('a text with as many numbers as tokens is shaded', () => {
    const svg = tokenShadeFigure(['a ', '<b>', '\n', 'c'], [1, -2, 0, 0.5], { document: figureDocument() })
    expect(svg).toContain('a\u00b7')
    expect(svg).toContain('&lt;b&gt;')
    expect(svg.match(/<rect/g)!.length).toBeGreaterThanOrEqual(4)
    expect(() => tokenShadeFigure(['a'], [1, 2], { document: figureDocument() })).toThrow(/2 numbers for 1 tokens/)
  })
})
