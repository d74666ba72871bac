// The models of Days 13-14: what a text is filled up with changes no answer, and each is read as its source says.
import { describe, expect, it } from 'vitest'
import { experimentStep } from '@ddlf/lab'
import { NaiveBayes, NbSvm, parseSettings } from '@ddlf/lab/experiments'
import { namedParameters, withMode, withSeed, type Module } from '@ddlf/nn'
import { evaluate, tensor } from '@ddlf/tensor'
import { randomKey, normals } from '@ddlf/tensor/random'
import { cnnOnTexts } from '../topics/05-text-classification/experiments.ts'
import { FastText } from '../topics/05-text-classification/fast-text.ts'
import { TextCnn } from '../topics/05-text-classification/text-cnn.ts'
import { StridesThenStrongest, WindowsThenLstm } from '../topics/05-text-classification/text-keras.ts'
import { TextRecurrent } from '../topics/05-text-classification/text-recurrent.ts'
import { TextTransformer } from '../topics/05-text-classification/text-transformer.ts'

const TOKENS = 12
const texts = [[3, 1, 4, 1, 5], [9, 2], [12]]

/** Logits of texts that are filled up to a length: a list a text. */
function logitsOf(model: Module, length: number): number[][] {
  const data = Int32Array.from(texts.flatMap(text => Array.from({ length }, (_, i) => text[i] ?? 0)))
  const tokens = tensor(data, { shape: [texts.length, length], dtype: 'int32' })
  const { output } = withMode({ training: false }, () => model.forward(tokens))
  const [logits] = evaluate([output])
  return texts.map((_, i) => Array.from(logits!.slice(2 * i, 2 * i + 2)))
}

/** A table of votes is empty until it is counted: any numbers do. */
function filled<M extends Module>(model: M): M {
  for (const [i, { leaf }] of [...namedParameters(model).values()].entries())
    leaf?.data?.set(normals(randomKey(1, 'votes', i), leaf.data.length))
  return model
}

const recurrent = { dimensions: 6, units: 5, dropout: 0.5 } as const
/** Their vectors begin small. */
const wide = { dimensions: 60, filters: 40, units: 30 } as const
const models: Readonly<Record<string, () => Module>> = {
  'naive Bayes': () => filled(new NaiveBayes(TOKENS, 2)),
  'NB-SVM': () => filled(new NbSvm(TOKENS, 2)),
  fastText: () => new FastText(TOKENS, 6, 2),
  CNN: () => new TextCnn(TOKENS, 2, { dimensions: 6, widths: [1, 3, 5], filters: 4, hidden: 0, dropout: 0.5 }),
  'CNN with a hidden layer': () =>
    new TextCnn(TOKENS, 2, { dimensions: 6, widths: [3], filters: 4, hidden: 3, dropout: 0.5 }),
  'windows, then an LSTM': () => new WindowsThenLstm(TOKENS, 2, { ...wide, dropout: 0.5 }),
  'windows of windows': () =>
    new StridesThenStrongest(TOKENS, 2, { ...wide, dropout: 0.5 }, 25),
  'LSTM both ways, two layers': () =>
    new TextRecurrent(TOKENS, 2, { ...recurrent, cell: 'lstm', layers: 2, bidirectional: true }),
  GRU: () => new TextRecurrent(TOKENS, 2, { ...recurrent, cell: 'gru', layers: 1, bidirectional: false }),
  transformer: () =>
    new TextTransformer(TOKENS, 2, { dimensions: 8, heads: 2, layers: 2, maxTokens: 20, dropout: 0.1 }),
}

describe.each(Object.entries(models))('%s', (_, make) => {
  const model = withSeed(3, make)
  it('answers the same however far a text is filled up', () => {
    const short = logitsOf(model, 5)
    for (const [i, row] of logitsOf(model, 19).entries())
      row.forEach((value, k) => expect(value).toBeCloseTo(short[i]![k]!, 5))
    // The texts differ, so do the answers.
    expect(short[0]![0]).not.toBeCloseTo(short[1]![0]!, 4)
  })
})

/** The parameters of Kim's net that a step moves, with the slots that the optimizer keeps of each. */
const movedOf = (given: Readonly<Record<string, unknown>>) => {
  const settings = parseSettings(cnnOnTexts, { vocabulary: TOKENS, maxTokens: 8, dimensions: 6, filters: 4, ...given })
  return experimentStep(cnnOnTexts, settings).state.map(({ name }) => name)
}

it('vectors of another run that stay have no slot of the optimizer, those that are trained on have theirs', () => {
  expect(movedOf({ vectors: 'trained' })).toContain('secondMoment/words.weight')
  const fixed = movedOf({ vectors: 'static' })
  expect(fixed).toContain('words.weight')
  expect(fixed).toContain('secondMoment/logits.weight')
  expect(fixed.filter(name => name.endsWith('/words.weight'))).toEqual([])
  expect(movedOf({ optimizer: 'adadelta', lastNorm: 3 })).toContain('changeAverage/words.weight')
})

it('the vectors that it starts from are those of a run on reviews with as many numbers', () => {
  const from = (vectors: string) => cnnOnTexts.startsFrom!.settings(parseSettings(cnnOnTexts, { vectors }))
  expect([from('random'), from('normal')]).toEqual([undefined, undefined])
  expect(from('static')).toEqual({ seed: 1, dimensions: 300 })
  expect(parseSettings(cnnOnTexts.startsFrom!.experiment, from('trained'))).toMatchObject({ corpus: 'imdb' })
})

it('a filter of one word sees no order, one of three does', () => {
  const cnn = (widths: readonly number[]) =>
    withSeed(3, () => new TextCnn(TOKENS, 2, { dimensions: 6, widths, filters: 4, hidden: 0, dropout: 0 }))
  const ask = (model: Module, words: readonly number[]) => {
    const tokens = tensor(Int32Array.from(words), { shape: [1, words.length], dtype: 'int32' })
    return Array.from(evaluate([withMode({ training: false }, () => model.forward(tokens)).output])[0]!)
  }
  const [forward, backward] = [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]]
  ask(cnn([1]), forward).forEach((value, k) => expect(ask(cnn([1]), backward)[k]).toBeCloseTo(value, 6))
  expect(ask(cnn([3]), backward)[0]).not.toBeCloseTo(ask(cnn([3]), forward)[0]!, 4)
})
