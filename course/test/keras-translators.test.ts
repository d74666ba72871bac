// Two translators of Keras' examples: as large as their pages print, which places count, and how their sentences are
// cut.
import { describe, expect, it } from 'vitest'
import {
  PAIR_TOKENS, pairs, type DataIo, type DataSource, type PairModel,
} from '@ddlf/lab/experiments'
import { parseSettings } from '@ddlf/lab'
import { namedParameters, withMode, withSeed } from '@ddlf/nn'
import { evaluate, tensor, type Tensor } from '@ddlf/tensor'
import { CharacterTranslator } from '../topics/07-seq2seq-and-attention/character-translator.ts'
import { MaskedTranslator, type MaskedTranslatorOptions } from '../topics/07-seq2seq-and-attention/masked-translator.ts'
import { translateSpanish } from '../topics/07-seq2seq-and-attention/tatoeba-experiments.ts'
import { characterPairs, wordPairs } from '../topics/07-seq2seq-and-attention/tatoeba-pairs.ts'

const WORDS = 12
const PLACES = 6
const rows = (values: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(values.flat()), { shape: [values.length, values[0]!.length], dtype: 'int32' })
const judged = <T>(run: () => T): T => withMode({ training: false }, run).output
const countOf = (model: object) => [...namedParameters(model).values()].reduce((sum, { size }) => sum + size, 0)

it('have as many weights as their pages print', () => {
  // 71 English and 93 French characters: 335,872 + 358,400 + 23,901.
  const letters = new CharacterTranslator({ sourceVocabulary: 71, vocabulary: 94, width: 256 })
  expect(countOf(letters)).toBe(335_872 + 358_400 + 23_901)
  // 3,845,120 of places and words, 3,155,456 of the encoder, 12,959,640 of the decoder.
  const settings = parseSettings(translateSpanish, {}) as unknown as MaskedTranslatorOptions
  expect(countOf(new MaskedTranslator(settings))).toBe(19_960_216)
})

it('the mask of what is written lies over the source: place i looks at its first i + 1 words', () => {
  const model = withSeed(4, () =>
    new MaskedTranslator({ vocabulary: WORDS, longest: PLACES, width: 8, heads: 2, hidden: 16, dropout: 0.5 }))
  const target = rows([[5, 6, 7, 8]])
  // What the encoder says is changed from place 2 on.
  const memory = (tail: number) =>
    tensor(Float32Array.from({ length: PLACES * 8 }, (_, i) => Math.sin(i) + (i >= 16 ? tail : 0)),
      { shape: [1, PLACES, 8] })
  const said = [0, 3].map(tail => evaluate([judged(() => model.decode(target, [memory(tail)]).logits)])[0]!)
  const differs = (place: number) =>
    Array.from({ length: WORDS }, (_, i) => said[0]![place * WORDS + i] !== said[1]![place * WORDS + i]).some(Boolean)
  expect([0, 1, 2, 3].map(differs)).toEqual([false, false, true, true])
})

describe('places that count', () => {
  const target = [[5, 6, PAIR_TOKENS.end, 0, 0], [7, PAIR_TOKENS.end, 0, 0, 0]]
  /** Finds everything equally likely but 6, which it always takes. */
  const logits = Array.from({ length: WORDS }, (_, i) => (i === 6 ? 1 : 0))
  const steady: PairModel = {
    encode: source => [source],
    decode: tokens => {
      const [batch, time] = tokens.shape as [number, number]
      const data = Float32Array.from({ length: batch * time * WORDS }, (_, i) => logits[i % WORDS]!)
      return { logits: tensor(data, { shape: [batch, time, WORDS] }) }
    },
    forward: source => source,
  }
  const nats = Math.log(11 + Math.E)
  it.each([
    // Five tokens, one of them 6; the sum over as many.
    ['written' as const, { places: 5, wrong: 4, loss: (5 * nats - 1) / 5 }],
    // What fills up once behind each end counts, too, and ten places divide.
    ['read' as const, { places: 7, wrong: 6, loss: (7 * nats - 1) / 10 }],
  ])('are those that are %s', (counted, { places, wrong, loss }) => {
    const task = pairs({ judgedBy: 'edits', counted })
    const settings = { labelSmoothing: 0, beams: [1], lengthPenalty: 1, penalties: [], byLength: 0, longest: 5 }
    const batch = { source: rows([[4, 0], [5, 0]]), target: rows(target) }
    const { sums } = judged(() => task.evaluate.compute(steady as never, batch, settings))
    const names = Object.keys(sums)
    const values = evaluate(names.map(name => sums[name]!))
    const found = Object.fromEntries(names.map((name, i) => [name, Float64Array.from(values[i]!)]))
    const metrics = task.evaluate.metrics(found, 2, settings)
    expect(found['tokens']![0]).toBe(places)
    expect(metrics['loss']).toBeCloseTo(loss, 5)
    expect(metrics['forcedError']).toBeCloseTo(wrong / places, 6)
    const learned = judged(() => task.phases(settings)[0]!.loss(steady as never, batch, settings).loss)
    expect(evaluate([learned])[0]![0]).toBeCloseTo(loss, 5)
  })
})

/** Sentences in the place of Tatoeba's. */
function ioOf(source: readonly string[], target: readonly string[]): DataIo {
  const kept = new Map<string, Promise<string>>()
  return {
    dataset: () => Promise.resolve({ name: 'made', length: source.length, columns: {}, text: { source, target } }),
    artifact: (name: string, make: () => Promise<string>) => {
      if (!kept.has(name)) kept.set(name, make())
      return kept.get(name)!
    },
  } as unknown as DataIo
}
const loadOf = <S>({ load }: DataSource<S>) => load as NonNullable<typeof load>
const rowsOf = (data: ArrayLike<number>, places: number) =>
  Array.from({ length: data.length / places }, (_, row) => Array.from(data).slice(row * places, (row + 1) * places))

it('characters are filled up with blanks, the last fifth judges', async () => {
  const io = ioOf(['Go.', 'Hi.', 'Run!', 'Who?', 'Wow!'], ['Va !', 'Salut.', 'Cours !', 'Qui ?', 'Ça !'])
  const settings = { pairs: 5, longestSource: 5, longest: 9, sourceVocabulary: 0, vocabulary: 0 }
  const [train, held] = [await loadOf(characterPairs)('train', settings, io),
    await loadOf(characterPairs)('validation', settings, io)]
  expect([train.length, held.length]).toEqual([4, 1])
  const symbols = [...new Set(Array.from(' Go.Hi.Run!Who?Wow!'))].sort()
  expect(rowsOf(train.columns['source']!.data, 5)[0])
    .toEqual(Array.from('Go.', one => symbols.indexOf(one)).concat([0, 0]))
  const french = rowsOf(train.columns['target']!.data, 9)[0]!
  expect(french[4]).toBe(PAIR_TOKENS.end)
  // A blank within the sentence is what fills up behind its end.
  expect(french.slice(5)).toEqual(Array(4).fill(french[2]))
})

it('characters that have no place are refused, with the places that they need', async () => {
  const io = ioOf(['Go.', 'Hi.', 'Run!', 'Who?', 'Wow!'], ['Va !', 'Salut.', 'Cours !', 'Qui ?', 'Ça !'])
  const load = (longestSource: number, longest: number) => loadOf(characterPairs)(
    'train', { pairs: 5, longestSource, longest, sourceVocabulary: 0, vocabulary: 0 }, io,
  )
  // Without its end no sentence says that it is over.
  await expect(load(4, 7)).rejects.toThrow(/a target of 7, longest=7[^]*--set longestSource=4 --set longest=8/)
  await expect(load(3, 9)).rejects.toThrow(/a source of 4, longestSource=3[^]*--set longestSource=4 --set longest=9/)
  expect((await load(4, 8)).length).toBe(4)
})

it('words have small letters and no marks, and the rare ones are unknown', async () => {
  const io = ioOf(
    Array.from({ length: 20 }, () => "Don't GO, Tom!"), Array.from({ length: 20 }, () => '¡No te vayas, Tom! ¿Sí?'),
  )
  const train = await loadOf(wordPairs)('train', { longest: 8, vocabulary: 8, splitSeed: 1 }, io)
  expect(train.length).toBe(14)
  expect(rowsOf(train.columns['source']!.data, 8)[0]).toEqual([2, 3, 4, 0, 0, 0, 0, 0])
  // Four words of Spanish have a number; the fifth is unknown.
  const { unknown, end } = PAIR_TOKENS
  expect(rowsOf(train.columns['target']!.data, 8)[0]).toEqual([4, 5, 6, 7, unknown, end, 0, 0])
  expect(train.text?.['target']?.[0]).toBe('¡no te vayas tom sí')
})
