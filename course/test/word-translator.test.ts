// The Transformer of Trevett's notebook, against PyTorch (golden/word-translator.py) and against what the notebook
// prints; and the words that captions are cut into, against spaCy's of its printed examples.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { namedParameters, parameterCount, withMode, withSeed } from '@ddlf/nn'
import { evaluate, tensor, type Tensor } from '@ddlf/tensor'
import { captionWords } from '../topics/07-seq2seq-and-attention/caption-words.ts'
import { experiments } from '../topics/07-seq2seq-and-attention/experiments.ts'
import { WordTranslator } from '../topics/07-seq2seq-and-attention/word-translator.ts'

interface Golden {
  readonly source: readonly number[][]
  readonly target: readonly number[][]
  readonly parameters: number
  readonly logits: readonly number[]
}

const golden = JSON.parse(readFileSync(new URL('golden/word-translator.json', import.meta.url), 'utf8')) as Golden
const small = { vocabulary: 7, sourceVocabulary: 9, width: 8, layers: 2, heads: 2, feedForward: 12, dropout: 0.1 }
const asTokens = (rows: readonly number[][]): Tensor => tensor(rows, { dtype: 'int32' })

describe('the translator', () => {
  it("gives PyTorch's logits for the same weights", () => {
    const model = new WordTranslator(small)
    for (const [name, weight] of namedParameters(model)) {
      const start = Array.from(name).reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
      const centre = /norm.*weight$/.test(name) ? 1 : 0
      const valueAt = (i: number) => centre + Math.sin(start + 0.7 * i) / 2
      weight.leaf?.data?.set(Float32Array.from({ length: weight.size }, (_, i) => valueAt(i)))
    }
    expect(parameterCount(model)).toBe(golden.parameters)
    const { output } = withMode({ training: false }, () => {
      const [memory, source] = model.encode(asTokens(golden.source)) as [Tensor, Tensor]
      return model.decode(asTokens(golden.target), [memory, source]).logits
    })
    const [logits] = evaluate([output])
    golden.logits.forEach((value, i) => expect(logits![i], `logit ${i}`).toBeCloseTo(value, 5))
  })

  it('has as many parameters as the notebook prints for its vocabularies', () => {
    const { width, layers, heads, feedForward, dropout } =
      parseSettings(findExperiment(experiments, 'translate-words')) as unknown as typeof small
    const sizes = { width, layers, heads, feedForward, dropout }
    const count = (sourceVocabulary: number) =>
      parameterCount(new WordTranslator({ ...sizes, sourceVocabulary, vocabulary: 5893 }))
    // As of 2021, and with two German words more in the editions before it.
    expect([count(7853), count(7855)]).toEqual([9_038_341, 9_038_853])
  })

  it("starts each projection within Glorot's limits for itself, and biases within PyTorch's of a linear layer", () => {
    const { encoder: [layer] } = withSeed(3, () => new WordTranslator({ ...small, width: 64, heads: 4 }))
    const most = (weight: Tensor | undefined) => Math.max(...Array.from(weight?.leaf?.data ?? [], Math.abs))
    const [matrix, bias] = [Math.sqrt(6 / 128), 1 / 8]
    for (const weight of [layer!.self_attn.in_proj_weight, layer!.self_attn.out_proj.weight]) {
      expect(most(weight)).toBeLessThanOrEqual(matrix)
      expect(most(weight)).toBeGreaterThan(0.98 * matrix)
    }
    expect(most(layer!.self_attn.in_proj_bias)).toBeLessThanOrEqual(bias)
    expect(most(layer!.self_attn.in_proj_bias)).toBeGreaterThan(0.9 * bias)
  })
})

describe('the words of a caption', () => {
  it.each([
    ['Eine Frau mit einer großen Geldbörse geht an einem Tor vorbei.', 'german',
      'eine frau mit einer großen geldbörse geht an einem tor vorbei .'],
    ['A mother and her young song enjoying a beautiful day outside.', 'english',
      'a mother and her young song enjoying a beautiful day outside .'],
  ] as const)('are those that the notebook prints: %s', (caption, language, words) => {
    expect(captionWords(caption, language)).toBe(words)
  })
  it.each([
    ['Ein Mann im T-Shirt (rot), der "Los!" ruft', 'german', 'ein mann im t-shirt ( rot ) , der " los ! " ruft'],
    ["A man's T-shirt isn't 2.5 m wide...", 'english', "a man 's t - shirt is n't 2.5 m wide ..."],
    ['Mr. Smith, of the U.S., and St. Paul.', 'english', 'mr. smith , of the u.s. , and st. paul .'],
  ] as const)('stand apart from marks: %s', (caption, language, words) => {
    expect(captionWords(caption, language)).toBe(words)
  })
})
