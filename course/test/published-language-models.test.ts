// Two published models of language: as large as their sources, the same numbers as PyTorch, and which positions count.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tokenizerFromJson } from '@ddlf/data/tokenizers'
import { findExperiment, loadWeights, parseSettings, wantedRuns } from '@ddlf/lab'
import { crossEntropy, namedParameters, withMode, withSeed, type Module, type StateDict } from '@ddlf/nn'
import { tensor, type Tensor } from '@ddlf/tensor'
import { NAMES } from '../topics/06-recurrent-language-models/alphabets.ts'
import { experiments as recurrent } from '../topics/06-recurrent-language-models/experiments.ts'
import { recordings } from '../topics/06-recurrent-language-models/recordings.ts'
import { HELD_OUT, readName, wholeNamesOf } from '../topics/06-recurrent-language-models/whole-names.ts'
import { experiments as transformers } from '../topics/08-transformer-and-gpt/experiments.ts'
import { MiniatureGpt } from '../topics/08-transformer-and-gpt/miniature-gpt.ts'
import { reviewTokenizer, startsOf, wordsOfReview } from '../topics/08-transformer-and-gpt/review-starts.ts'

const countOf = (model: object) => [...namedParameters(model).values()].reduce((sum, { size }) => sum + size, 0)
const rows = (values: readonly (readonly number[])[]) =>
  tensor(Int32Array.from(values.flat()), { shape: [values.length, values[0]?.length ?? 0], dtype: 'int32' })
const deviation = (weight: Tensor | undefined) => {
  const values = [...(weight?.leaf?.data ?? [])]
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
}

it('reads a name as makemore does: a dot, its letters, dots that are not asked for', () => {
  // x and y of its CharDataset for "emma", of a longest name of 7 letters.
  expect(readName('emma', 8)).toEqual({
    tokens: [0, 5, 13, 13, 1, 0, 0, 0], targets: [5, 13, 13, 1, 0, -1, -1, -1],
  })
})

describe("makemore's transformer", () => {
  const experiment = findExperiment(recurrent, 'transformer-on-names')
  const settings = parseSettings(experiment, {})
  const model: Module = withSeed(1, () => experiment.model(settings))
  const parameters = namedParameters(model)
  /** What the task minimises, of these examples. */
  const lossOf = (read: readonly ReturnType<typeof readName>[]) => {
    const tensors = { tokens: rows(read.map(one => one.tokens)), targets: rows(read.map(one => one.targets)) }
    const [phase] = experiment.task.phases(settings)
    return withMode({ training: true }, () => phase!.loss(model, tensors, settings)).output.loss.toArray() as number
  }

  it('is as large as makemore.py prints', () => {
    // 27 letters, 16 places, 64 wide, 4 layers: tables, layers, the last norm, and a last layer without biases.
    expect(countOf(model)).toBe(27 * 64 + 16 * 64 + 4 * 49_984 + 128 + 27 * 64)
    expect(countOf(model)).toBe(204_544)
  })

  it('begins with one deviation everywhere, and as unsure as one who knows nothing', () => {
    for (const [name, weight] of parameters) {
      if (weight.rank > 1) expect(deviation(weight), name).toBeCloseTo(0.02, 2)
      else if (name.endsWith('bias')) expect(deviation(weight), name).toBe(0)
    }
    expect(deviation(parameters.get('layers.0.linear2.weight'))).toBeCloseTo(0.02, 3)
    expect(deviation(parameters.get('layers.3.attention.out_proj.weight'))).toBeCloseTo(0.02, 3)
    expect(Math.abs(lossOf([readName('emma', 16), readName('olivia', 16)]) - Math.log(27))).toBeLessThan(0.1)
  })

  it('counts the places of a name and of its end, and no others', () => {
    const [short, long] = [readName('ava', 16), readName('christopherjohn', 16)]
    const mean = (4 * lossOf([short]) + 16 * lossOf([long])) / 20
    expect(lossOf([short, long])).toBeCloseTo(mean, 5)
    const others = { ...short, tokens: short.tokens.map((token, i) => (i < 4 ? token : 7)) }
    expect(lossOf([others])).toBeCloseTo(lossOf([short]), 6)
    const asked = { ...short, targets: short.targets.map(target => Math.max(target, 0)) }
    expect(Math.abs(lossOf([asked]) - lossOf([short]))).toBeGreaterThan(1e-4)
  })

  it('holds a thousand names out at random, other ones with another seed', () => {
    const letters = NAMES.slice(1)
    const all = Array.from({ length: 2600 }, (_, i) => {
      const at = (by: number) => letters[Math.floor(i / by) % 26]
      return `${at(1)}${at(26)}${at(676)}`
    })
    const parts = (seed: number) => (['train', 'validation'] as const).map(part => {
      const { columns, length } = wholeNamesOf(part, all, { blockSize: 4, seed })
      const { data } = columns['tokens'] as { readonly data: ArrayLike<number> }
      return Array.from({ length }, (_, i) => [1, 2, 3].map(place => NAMES[data[4 * i + place] ?? 0]).join(''))
    }) as [string[], string[]]
    const [[learned, held], [, others]] = [parts(1), parts(2)]
    expect(held).toHaveLength(HELD_OUT)
    expect([...learned, ...held].sort()).toEqual([...all].sort())
    expect(held).not.toEqual(others)
  })

  it('writes names when it is asked, and none of its own accord: behind an end nothing was learned', () => {
    expect(experiment.task.views?.text?.capacity(settings)).toBe(16)
    expect(experiment.task.views?.figures).toBeUndefined()
  })

  it('is recorded as its program was when the figure was published, and as it was later', () => {
    const recording = recordings.find(one => one.experiment === experiment.name)!
    const [readme, later] = wantedRuns(recording, experiment).map(one => one.settings)
    const both = {
      batchSize: 32, optimizer: 'adamW', learningRate: 5e-4, beta1: 0.9, beta2: 0.99, clipNorm: 1,
      schedule: 'constant', sampling: 'replacement', evaluateEvery: 500, layers: 4, heads: 4, width: 64, blockSize: 16,
    }
    expect(readme).toMatchObject({
      ...both, dropout: 0.1, weightDecay: 0.1, decayNormsAndBiases: false, activation: 'gelu',
    })
    expect(later).toMatchObject({
      ...both, dropout: 0, weightDecay: 0.01, decayNormsAndBiases: true, activation: 'gelu-tanh',
    })
  })
})

interface Golden {
  readonly state: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>
  readonly tokens: readonly number[][]
  readonly targets: readonly number[][]
  readonly logits: readonly number[]
  readonly loss: number
}

describe("Keras' miniature GPT", () => {
  it("gives PyTorch's logits, and its loss with what fills up", () => {
    const golden = JSON.parse(readFileSync(new URL('golden/miniature-gpt.json', import.meta.url), 'utf8')) as Golden
    const state: StateDict = Object.fromEntries(Object.entries(golden.state).map(([name, { shape, data }]) =>
      [name, { shape, dtype: 'float32', data: Float32Array.from(data) }]))
    const sizes = { words: 13, blockSize: 6, width: 8, heads: 2, feedForward: 12, dropout: 0.1 }
    const model = new MiniatureGpt(sizes)
    loadWeights(model, state)
    const { output: logits } = withMode({ training: false }, () => model.forward(rows(golden.tokens)))
    logits.toTypedArray().forEach((value, i) => expect(value, `logit ${i}`).toBeCloseTo(golden.logits[i]!, 4))
    expect(crossEntropy(logits, rows(golden.targets)).toArray()).toBeCloseTo(golden.loss, 4)
  })

  it("is as large as Keras' layers are", () => {
    const experiment = findExperiment(transformers, 'miniature-gpt-on-reviews')
    const settings = parseSettings(experiment, {})
    const model: Module = experiment.model(settings)
    const dense = (from: number, to: number) => from * to + to
    expect(countOf(model)).toBe(
      20_000 * 256 + 100 * 256 + 4 * dense(256, 256) + 2 * dense(256, 256) + 2 * 512 + dense(256, 20_000),
    )
    expect(settings).toMatchObject({ batchSize: 32, optimizer: 'adam', learningRate: 0.001, epochs: 1, blockSize: 100 })
  })

  const reviews = ["I don't like it.<br /><br />(It's BAD...)", 'bad, bad, bad it is', '  ']

  it("cuts words as the page's standardisation and Keras' split at blanks do", () => {
    // tf.strings.regex_replace(lower, "([punctuation])", " \1"), then split.
    expect(wordsOfReview(reviews[0]!)).toEqual([
      'i', 'don', "'t", 'like', 'it', '.', '(it', "'s", 'bad', '.', '.', '.', ')',
    ])
    expect(wordsOfReview('a\\b-c[d]e^f 8/10')).toEqual(['a\\b', '-c', '[d', ']e', '^f', '8', '/10'])
    expect(wordsOfReview(reviews[2]!)).toEqual([])
  })

  it('knows the most frequent words, three rows less than the table has, and fills up with 0', () => {
    const json = reviewTokenizer(reviews, 8)
    const { vocab } = (JSON.parse(json) as { readonly model: { readonly vocab: Record<string, number> } }).model
    expect(vocab).toEqual({ '[PAD]': 0, '[UNK]': 1, '.': 2, bad: 3, ',': 4, it: 5, "'s": 6 })
    const { columns, length } = startsOf('reviews', reviews, vocab, 12)
    expect(length).toBe(3)
    const { data, step } = columns['tokens'] as { readonly data: Int32Array; readonly step: number }
    const known = tokenizerFromJson(json)
    for (const [i, review] of reviews.entries()) {
      const ids = Array.from(known.encode(review, { addSpecialTokens: false }).ids)
      expect(Array.from(data.subarray(i * step, (i + 1) * step))).toEqual(
        Array.from({ length: 13 }, (_, place) => ids[place] ?? 0),
      )
    }
  })
})
