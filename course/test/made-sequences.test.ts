// The sequences of Days 15-16 are what they say they are, and the net that reads them has the gates that it is left.
import { describe, expect, it } from 'vitest'
import { examplesOf } from '@ddlf/data'
import { withSeed } from '@ddlf/nn'
import { differentiate, evaluate, sum, tensor } from '@ddlf/tensor'
import { GATES, LongLagNet } from '../topics/06-recurrent-language-models/long-lag-net.ts'
import {
  LETTERS, markedNumbers, ORDER_LENGTH, orderedLetters, ORDERS,
} from '../topics/06-recurrent-language-models/made-sequences.ts'

const settings = { length: 11, sequences: 400, seed: 3 }

describe('marked numbers', () => {
  const { columns: { inputs, targets }, length } = markedNumbers('train', settings)
  it('have one mark in each half, and the sum of what is marked', () => {
    expect(length).toBe(400)
    const places = new Set<number>()
    for (let i = 0; i < length; i++) {
      const rows = Array.from(examplesOf(inputs!, i, i + 1))
      const [values, marks] = [0, 1].map(odd => rows.filter((_, at) => at % 2 === odd)) as [number[], number[]]
      const marked = marks.flatMap((mark, step) => (mark === 1 ? [step] : []))
      expect(marked).toHaveLength(2)
      expect(marks.filter(mark => mark === 0)).toHaveLength(9)
      expect(marked[0]).toBeLessThan(5)
      expect(marked[1]).toBeGreaterThanOrEqual(5)
      expect(targets!.data[i]).toBeCloseTo(values[marked[0]!]! + values[marked[1]!]!, 6)
      expect(values.every(value => value >= -1 && value < 1)).toBe(true)
      marked.forEach(step => places.add(step))
    }
    expect(places.size).toBe(11)
  })
  it('follow from the seed, and differ between parts', () => {
    expect(markedNumbers('train', settings).columns['inputs']!.data).toEqual(inputs!.data)
    const others = [markedNumbers('train', { ...settings, seed: 4 }), markedNumbers('test', settings)]
    for (const other of others) expect(other.columns['targets']!.data[0]).not.toBe(targets!.data[0])
    expect(others[1]!.length).toBe(512)
  })
  it('vary about 0 by two thirds, as two numbers from -1 to 1 do', () => {
    const all = Array.from(markedNumbers('train', { ...settings, sequences: 20_000 }).columns['targets']!.data)
    const mean = all.reduce((a, b) => a + b) / all.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length).toBeCloseTo(2 / 3, 1)
  })
})

it('ordered letters have two that count, in the order that the label says', () => {
  const { columns: { tokens, labels }, length } = orderedLetters('train', { ...settings, length: ORDER_LENGTH })
  const counts = ORDERS.map(() => 0)
  for (let i = 0; i < length; i++) {
    const text = Array.from(examplesOf(tokens!, i, i + 1), letter => LETTERS[letter]).join('')
    expect(text).toMatch(/^B[abcd]{2,11}[XY][abcd]{12,36}[XY][abcd]{8,23}E$/)
    const label = labels!.data[i] as number
    expect(text.replace(/[^XY]/g, '')).toBe(ORDERS[label])
    counts[label] = counts[label]! + 1
  }
  for (const count of counts) expect(count).toBeGreaterThan(60)
})

describe.each(GATES)('gates: %s', gates => {
  const hidden = 3
  const options = {
    gates, hidden, inputs: 2, outputs: 1, inputBias: -1, peepholes: true, cell: 'lstm',
    start: { input: 0.8, state: 0.8, output: 1 },
  } as const
  const net = withSeed(5, () => new LongLagNet(options))
  const given = [[0.3, 1], [-0.7, 0], [0.9, 1], [-0.2, 0]]

  /** The net by its formulas, one number at a time. */
  function byHand(): number {
    const [ih, hh, bias, peep, w, b] =
      [net.weightIh, net.weightHh, net.bias, net.peepholes!, net.answer.weight, net.answer.bias!]
        .map(one => one.leaf!.data as Float32Array) as [Float32Array, ...Float32Array[]] & Float32Array[]
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    let [h, c] = [[0, 0, 0], [0, 0, 0]]
    for (const x of given) {
      const row = (part: number, k: number) => {
        const r = part * hidden + k
        return bias![r]! + ih[2 * r]! * x[0]! + ih[2 * r + 1]! * x[1]! +
          h.reduce((all, value, j) => all + hh![hidden * r + j]! * value, 0)
      }
      const next = c.map((cell, k) => {
        const f = gates === 'no-forget' ? 1 : sigmoid(row(1, k) + peep![hidden + k]! * cell)
        const own = gates === 'no-input' ? 1 : sigmoid(row(0, k) + peep![k]! * cell)
        return f * cell + (gates === 'coupled' ? 1 - f : own) * Math.tanh(row(2, k))
      })
      h = next.map((cell, k) =>
        Math.tanh(cell) * (gates === 'no-output' ? 1 : sigmoid(row(3, k) + peep![2 * hidden + k]! * cell)))
      c = next
    }
    return h.reduce((all, value, k) => all + w![k]! * value, b![0]!)
  }

  it('answers as its formulas say', () => {
    const [answer] = evaluate([net.forward(tensor([given]))])
    expect(answer![0]).toBeCloseTo(byHand(), 5)
  })
  it('learns by all that it reads', () => {
    const [biases] = differentiate(sum(net.forward(tensor([given]))), [net.bias])
    const [gradient] = evaluate([biases!])
    const idle = { 'no-input': 0, coupled: 0, 'no-forget': 1, 'no-output': 3, all: -1 }[gates]
    for (const part of [0, 1, 2, 3]) {
      const own = Array.from(gradient!.slice(part * hidden, (part + 1) * hidden))
      expect(own.some(value => value !== 0)).toBe(part !== idle)
    }
  })
})
