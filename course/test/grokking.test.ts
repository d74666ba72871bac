// The table of divisions of Days 19-20 is right and divided, and the net behind it answers by all that it reads.
import { expect, it } from 'vitest'
import { examplesOf } from '@ddlf/data'
import { namedParameters, withMode, withSeed } from '@ddlf/nn'
import { evaluate, tensor } from '@ddlf/tensor'
import { divisions, divisionTable, PRIMES, quotient } from '../topics/08-transformer-and-gpt/divisions.ts'
import { GrokkingNet } from '../topics/08-transformer-and-gpt/grokking-net.ts'

it('knows the primes', () => {
  expect(PRIMES.slice(0, 10)).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
  expect(PRIMES).toHaveLength(46)
  expect(PRIMES).toContain(97)
})

it.each([5, 13, 97])('divides modulo %i, each pair once in one of the halves', prime => {
  const seen = new Set<string>()
  for (const part of ['train', 'test'] as const) {
    const { columns: { tokens, labels }, length } = divisionTable(part, { prime, seed: 2 })
    expect(length).toBe((prime * (prime - 1)) / 2)
    for (let i = 0; i < length; i++) {
      const [x, sign, y, equals] = Array.from(examplesOf(tokens!, i, i + 1)) as [number, number, number, number]
      expect([sign, equals]).toEqual([prime, prime + 1])
      expect((labels!.data[i]! * y) % prime).toBe(x)
      seen.add(`${x}/${y}`)
    }
  }
  expect(seen.size).toBe(prime * (prime - 1))
  const other = divisionTable('train', { prime, seed: 3 }).columns['tokens']!.data
  expect(other).not.toEqual(divisionTable('train', { prime, seed: 2 }).columns['tokens']!.data)
})

it('reads a division as a person writes it, as the table has it', async () => {
  const { read } = await divisions.textForm!({ prime: 13, seed: 2 }, () => undefined)
  const { columns: { tokens } } = divisionTable('train', { prime: 13, seed: 2 })
  const [x, , y] = Array.from(examplesOf(tokens!, 0, 1))
  for (const text of [`${x} / ${y}`, ` ${x}/${y} =`]) expect(read(text)).toEqual(examplesOf(tokens!, 0, 1))
  for (const text of ['3 / 0', '13 / 2', '3', '3 / 4 / 5', 'three / 4'])
    expect(() => read(text), text).toThrow(/0 to 12 by 1 to 12[^]*3 \/ 4/)
})

it('quotients undo products', () => {
  for (let x = 0; x < 13; x++) for (let y = 1; y < 13; y++) expect(quotient((x * y) % 13, y, 13)).toBe(x)
})

it('answers by each of the numbers and by their order, with the weights of the original', () => {
  const net = withSeed(1, () => new GrokkingNet({ vocabulary: 99, layers: 2, heads: 1, width: 128, dropout: 0.2 }))
  const count = [...namedParameters(net).values()].reduce((all, { size }) => all + size, 0)
  // Tables of 99, four matrices of attention and three of the perceptron, and five scales.
  expect(count).toBe(2 * 99 * 128 + 2 * (4 * 128 ** 2 + 3 * 4 * 128 ** 2) + 5 * 128)
  const asked = [[3, 97, 5, 98], [5, 97, 3, 98], [3, 97, 6, 98]]
  const { output } = withMode({ training: false }, () => net.forward(tensor(asked, { dtype: 'int32' })))
  const [logits] = evaluate([output])
  expect(logits).toHaveLength(3 * 99)
  const row = (i: number) => Array.from(logits!.slice(99 * i, 99 * (i + 1)))
  for (const [a, b] of [[0, 1], [0, 2]] as const)
    expect(Math.max(...row(a).map((value, k) => Math.abs(value - row(b)[k]!)))).toBeGreaterThan(0.01)
})
