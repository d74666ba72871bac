// Kneser-Ney's smoothing: probabilities equal to NLTK's, rows that add up to one, and what is said of too few rows.
import fs from 'node:fs'
import { expect, it } from 'vitest'
import { windowsOf, KneserNey, kneserNeyModel } from '../../src/index.ts'
import { tensor } from '@ddlf/tensor'

const golden = JSON.parse(fs.readFileSync(new URL('golden/kneser-ney.json', import.meta.url), 'utf8')) as {
  readonly train: string
  readonly held: string
  readonly order: number
  readonly discount: number
  readonly scores: readonly number[]
}
const letters = [...new Set(golden.train)].sort()
const ids = (text: string) => Int32Array.from(text, letter => letters.indexOf(letter))
const text = ids(golden.train)
const train = windowsOf('text', text, text.length - 1, text.length - 1)

function counted(contexts: number, discount = golden.discount): KneserNey {
  const model = new KneserNey(letters.length, golden.order, contexts)
  void kneserNeyModel().fit!.learn(model, train, { blockSize: text.length - 1, discount })
  return model
}

it('gives every letter of a new text the probability that NLTK gives it', () => {
  const held = ids(golden.held)
  const logits = counted(200).forward(tensor(held.subarray(0, -1)).reshape([1, -1])).toArray() as number[][][]
  golden.scores.forEach((score, i) => {
    expect(Math.exp(logits[0]![i]![held[i + 1]!]!)).toBeCloseTo(score, 5)
  })
  for (const row of logits[0]!) expect(row.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5)
})

it('with estimated discounts the shares still add up to one', () => {
  const logits = counted(200, 0).forward(tensor(text).reshape([1, -1])).toArray() as number[][][]
  for (const row of logits[0]!) expect(row.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5)
})

it('says how many rows the contexts of a text need', () => {
  expect(() => counted(5)).toThrow(/contexts of up to 3 tokens/)
})

it('stays finite whatever the discount, at every order', () => {
  for (const discount of [1e-10, 1e-200]) {
    const model = new KneserNey(letters.length, 5, 1000)
    void kneserNeyModel().fit!.learn(model, train, { blockSize: text.length - 1, discount })
    const logits = (model.table.weight.toArray() as number[][]).flat()
    expect(logits.every(Number.isFinite)).toBe(true)
    // A product of five discounts, in double precision: far below what the table could multiply.
    if (discount === 1e-10) expect(Math.min(...logits)).toBeLessThan(Math.log(1e-39))
  }
})
