// The translators of Days 17-18: what a source is filled up with changes nothing, and what they write token by token is
// what the pass that trains them finds likeliest. And the pairs that are made.
import { describe, expect, it } from 'vitest'
import { PAIR_TOKENS, shifted, writePairs, type PairModel } from '@ddlf/lab/experiments'
import { withMode, withSeed } from '@ddlf/nn'
import { argmax, compile, evaluate, tensor, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { CharacterTranslator } from '../topics/07-seq2seq-and-attention/character-translator.ts'
import { InputFeedingTranslator } from '../topics/07-seq2seq-and-attention/input-feeding-translator.ts'
import {
  askedSum, datePairs, reversedNumbers, reversedPairs, sums, sumsThereAre,
} from '../topics/07-seq2seq-and-attention/made-pairs.ts'
import { MaskedTranslator } from '../topics/07-seq2seq-and-attention/masked-translator.ts'
import { recurrentTranslator } from '../topics/07-seq2seq-and-attention/recurrent-translator.ts'
import { SumWriter } from '../topics/07-seq2seq-and-attention/sum-writer.ts'
import { TransformerTranslator } from '../topics/07-seq2seq-and-attention/transformer-translator.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const STEPS = 6
const sizes = { vocabulary: 12, width: 8, layers: 2, dropout: 0.3 }
const models: Readonly<Record<string, () => PairModel>> = {
  plain: () => recurrentTranslator({ ...sizes, looks: 'plain' }),
  bahdanau: () => recurrentTranslator({ ...sizes, looks: 'bahdanau' }),
  luong: () => recurrentTranslator({ ...sizes, looks: 'luong' }),
  transformer: () => new TransformerTranslator({ ...sizes, longest: 9, heads: 2 }),
  'input feeding': () => new InputFeedingTranslator({ ...sizes, embedding: 5 }),
  sums: () => new SumWriter(sizes),
}
/** What fills a source up counts there, or lies under a mask of its own. */
const ofKeras: typeof models = {
  characters: () => new CharacterTranslator({ ...sizes, sourceVocabulary: sizes.vocabulary }),
  words: () => new MaskedTranslator({ ...sizes, longest: STEPS, heads: 2, hidden: 16 }),
}
const sources = [[4, 9, 5, 7, 2], [11, 6, 2]]

const filled = (rows: readonly (readonly number[])[], length: number): Tensor =>
  tensor(Int32Array.from(rows.flatMap(row => Array.from({ length }, (_, i) => row[i] ?? 0))), {
    shape: [rows.length, length], dtype: 'int32',
  })
const judged = <T>(run: () => T): T => withMode({ training: false }, run).output

describe.each(Object.entries(models))('%s', (name, make) => {
  const model = withSeed(4, make)
  it('reads the same however far a source is filled up, and attends to nothing behind it', () => {
    const target = filled([[5, 6, 7], [8, 9, 10]], 3)
    const read = (length: number) =>
      judged(() => model.decode(shifted(target), model.encode(filled(sources, length))))
    const [short, long] = [read(5), read(9)]
    const [a, b] = evaluate([short.logits, long.logits])
    a!.forEach((value, i) => expect(b![i]).toBeCloseTo(value, 5))
    expect(long.weights !== undefined).toBe(['bahdanau', 'luong', 'input feeding'].includes(name))
    if (!long.weights) return
    const [weights] = evaluate([long.weights])
    const rows = Array.from({ length: 6 }, (_, row) => Array.from(weights!.subarray(9 * row, 9 * row + 9)))
    for (const [row, shares] of rows.entries()) {
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5)
      expect(Math.max(...shares.slice(sources[Math.floor(row / 3)]!.length))).toBe(0)
    }
  })
})

describe.each(Object.entries({ ...models, ...ofKeras }))('%s', (_, make) => {
  const model = withSeed(4, make)
  it('writes token by token what the whole pass finds likeliest behind each', async () => {
    const source = filled(sources, 5)
    const write = compile(
      () => judged(() => writePairs(model, source, STEPS, { beams: 1, lengthPenalty: 1 })), [], { runtime },
    )
    const { data } = await write()
    await write.release()
    const written = tensor(Int32Array.from(data), { shape: [2, STEPS], dtype: 'int32' })
    const [likeliest] = evaluate([judged(() => argmax(model.decode(shifted(written), model.encode(source)).logits))])
    for (const row of [0, 1]) {
      const own = Array.from(data.subarray(row * STEPS, (row + 1) * STEPS))
      const end = own.indexOf(PAIR_TOKENS.end)
      const upTo = end < 0 ? STEPS : end + 1
      expect(own.slice(0, upTo)).toEqual(Array.from(likeliest!.subarray(row * STEPS, row * STEPS + upTo)))
    }
  })
})

describe('made pairs', () => {
  it('of numbers are lists of up to so many, from behind', () => {
    const { sources: lists, targets } = reversedNumbers('train', 500, 7)
    const numbers = (text: string) => text.split(' ').map(Number)
    for (const [i, list] of lists.entries()) {
      expect(numbers(list).reverse()).toEqual(numbers(targets[i]![0]!))
      expect(numbers(list).every(value => Number.isInteger(value) && value >= 0 && value < 50)).toBe(true)
    }
    expect(new Set(lists.map(list => numbers(list).length))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
    expect(reversedNumbers('test', 3, 7)).not.toEqual(reversedNumbers('train', 3, 7))
  })
  it('of sums are right, from behind, as long as each other, and none is asked twice', () => {
    const parts = [sums('train', 1000, 2), sums('test', 1000, 2)]
    expect(parts.map(({ sources: asked }) => asked.length)).toEqual([900, 100])
    const seen = new Set<string>()
    for (const { sources: asked, targets } of parts) {
      for (const [i, question] of asked.entries()) {
        expect(question).toHaveLength(5)
        const terms = Array.from(question).reverse().join('').replace(/_+$/, '').split('+').map(Number)
        expect(targets[i]).toEqual([String(terms[0]! + terms[1]!).padEnd(3, '_')])
        seen.add(terms.sort((a, b) => a - b).join('+'))
      }
    }
    expect(seen.size).toBe(1000)
  })
  it('of sums are asked for as people write them, and learned from behind', () => {
    const { sources: asked } = sums('train', 5050, 2)
    expect(sumsThereAre(2)).toBe(5050)
    expect(['27+5', ' 5 + 27 '].map(text => askedSum(text, 2)).filter(text => asked.includes(text))).not.toEqual([])
    expect([askedSum('27+5', 2), askedSum('12 + 34', 2)]).toEqual(['_5+72', '43+21'])
    for (const text of ['27', '27-5', '100+1', '2+', ''])
      expect(() => askedSum(text, 2), text).toThrow(/two numbers[^]*2 digits at most/)
  })
  it('of dates say the same day in both forms', () => {
    const { sources: dates, targets } = datePairs('train', 300)
    for (const [i, date] of dates.entries()) {
      const [year, month, day] = targets[i]![0]!.split('-').map(Number) as [number, number, number]
      expect(date).toContain(String(year))
      expect(date).toMatch(new RegExp(`(^|\\D)0?${day}(\\D|$)`))
      const name = new Date(Date.UTC(year, month - 1, day)).toLocaleString('en', { month: 'long', timeZone: 'UTC' })
      expect(date.includes(name.toLowerCase().slice(0, 3)) || /[./]/.test(date)).toBe(true)
    }
    expect(new Set(dates).size).toBeGreaterThan(290)
    expect(datePairs('test', 3)).not.toEqual(datePairs('train', 3))
  })
  it('of letters are the reverse, of all lengths', () => {
    const { sources: texts, targets } = reversedPairs('train', 400, 2, 6)
    expect(new Set(texts.map(({ length }) => length))).toEqual(new Set([2, 3, 4, 5, 6]))
    texts.forEach((text, i) => expect(Array.from(targets[i]![0]!).reverse().join('')).toBe(text))
  })
})
