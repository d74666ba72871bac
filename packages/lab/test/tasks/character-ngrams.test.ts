// Character n-grams of words: how a word is cut and hashed beside gensim, what holds of every word, how buckets are
// numbered, and steps of skip-gram beside PyTorch's.
import fs from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  characterNgrams, fastTextHash, NegativeSampling, ngramBuckets, ngramLists, ngramVectors, usedBuckets,
} from '../../src/index.ts'

const golden = (name: string): unknown =>
  JSON.parse(fs.readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'))

describe('the n-grams of a word', () => {
  const { cases } = golden('character-ngrams') as {
    cases: { word: string; minGram: number; maxGram: number; grams: string[]; hashes: number[] }[]
  }
  it.each(cases)("are gensim's, and so are their hashes: $word", ({ word, grams, hashes, ...lengths }) => {
    expect(characterNgrams(word, lengths)).toEqual(grams)
    expect(grams.map(fastTextHash)).toEqual(hashes)
  })

  const anyWord = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(word => !/[<>]/.test(word))
  const lengths = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 6 }))
    .map(([minGram, more]) => ({ minGram, maxGram: minGram + more }))
  it('are all runs of the lengths that are asked for, and neither mark alone', () => {
    fc.assert(fc.property(anyWord, lengths, (word, { minGram, maxGram }) => {
      const [marked, grams] = [`<${word}>`, characterNgrams(word, { minGram, maxGram })]
      const size = Array.from(marked).length
      const counts = Array.from({ length: maxGram - minGram + 1 }, (_, k) => Math.max(0, size - minGram - k + 1))
      expect(grams.length).toBe(counts.reduce((sum, count) => sum + count, 0) - (minGram === 1 ? 2 : 0))
      for (const gram of grams) {
        const letters = Array.from(gram).length
        expect(letters >= minGram && letters <= maxGram && marked.includes(gram)).toBe(true)
        expect(gram.indexOf('<')).toBeLessThan(1)
      }
      expect(grams).not.toContain('<')
      expect(grams).not.toContain('>')
      expect(grams.includes(marked)).toBe(size >= minGram && size <= maxGram)
    }))
  })
  it('are numbered by the buckets that are used, collisions kept', () => {
    fc.assert(fc.property(
      fc.array(anyWord, { minLength: 1, maxLength: 8 }), lengths, fc.integer({ min: 1, max: 300 }),
      (words, asked, buckets) => {
        const options = { ...asked, buckets }
        const used = usedBuckets(words, options)
        const { rows, offsets } = ngramLists(words, used, options)
        expect(used).toEqual(Int32Array.from(new Set(used)).sort())
        words.forEach((word, i) => {
          const list = rows.subarray(offsets[i], offsets[i + 1])
          expect(Array.from(list, row => used[row])).toEqual(ngramBuckets(word, options))
        })
      },
    ))
  })
  it('need a longest that is no shorter than the shortest, and a text before they are counted', () => {
    expect(() => characterNgrams('word', { minGram: 4, maxGram: 3 })).toThrow(/minGram=4, maxGram=3/)
    expect(ngramVectors({ maxGram: 0, grams: 0 })).toBe(0)
    expect(ngramVectors({ maxGram: 6, grams: 12 })).toBe(12)
    expect(() => ngramVectors({ maxGram: 6, grams: 0 })).toThrow(/--set grams=100/)
  })
})

interface Tables {
  readonly output: number[]
  readonly grams: number[]
}

describe('vectors of n-grams', () => {
  const { rate, tokens, lists, given, found, loss } = golden('ngram-steps') as {
    rate: number
    tokens: number[]
    lists: number[][]
    given: Tables & { own: number[] }
    found: Tables & { input: number[] }
    loss: number
  }
  const offsets = Int32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)])
  const tables = {
    input: Float32Array.from(given.own),
    output: Float32Array.from(given.output),
    grams: { vectors: Float32Array.from(given.grams), rows: Int32Array.from(lists.flat()), offsets },
  }
  // Words that stand nowhere are drawn never.
  const counts = Float64Array.of(0, 0, 1)
  const options = { window: 1, negatives: 1, subsample: 0, learningRate: rate, epochs: 1, seed: 1 }

  it("take PyTorch's steps, also where one stands in a word twice", () => {
    const learning = new NegativeSampling(tables, counts, { ...options, method: 'skip-gram' })
    const text = { tokens: Int32Array.from(tokens), offsets: Int32Array.of(0, tokens.length) }
    const reports = [...learning.learn(text)]
    expect(reports.at(-1)?.loss).toBeCloseTo(loss, 5)
    for (const [name, table] of [
      ['input', tables.input], ['output', tables.output], ['grams', tables.grams.vectors],
    ] as const) found[name].forEach((value, i) => expect(table[i], `${name} ${i}`).toBeCloseTo(value, 5))
  })
  it('are not learned by CBOW', () => {
    expect(() => new NegativeSampling(tables, counts, { ...options, method: 'cbow' })).toThrow(/skip-gram/)
  })
})
