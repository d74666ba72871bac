// Shapes and broadcasting on random cases: the typed rules against a plain definition, and against the native runtime.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add, broadcastShapes, concat, differentiate, evaluate, expand, graph, input, matmul, pad, reshape, slice, sum, tensor,
  transpose, type NestedArray, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { sizeOf } from '../src/ir/shape.ts'

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })

/**
 * Two shapes that broadcast: one result shape, with some sizes of each operand set to 1 and some leading axes dropped.
 */
const broadcastable = shape.chain(result =>
  fc.tuple(fc.constant(result), ...[0, 1].map(() => fc.tuple(
    fc.array(fc.boolean(), { minLength: result.length, maxLength: result.length }), fc.nat(result.length),
  )))).map(
  ([result, ...masks]) => masks.map(([ones, dropped]) => result.map((size, i) => (ones[i] ? 1 : size)).slice(dropped)),
)

const counting = (dims: readonly number[]): Tensor =>
  tensor(Float32Array.from({ length: sizeOf(dims) }, (_, i) => i + 1), { shape: dims })

/** The element of nested arrays that broadcasting reads for a position of the result. */
function pick(values: NestedArray, dims: readonly number[], position: readonly number[]): number {
  let value = values
  dims.forEach((size, axis) => {
    const at = position[position.length - dims.length + axis]!
    value = (value as readonly NestedArray[])[size === 1 ? 0 : at]!
  })
  return value as number
}

const positions = (dims: readonly number[]): number[][] =>
  dims.reduce<number[][]>((all, size) => all.flatMap(p => Array.from({ length: size }, (_, i) => [...p, i])), [[]])

describe('broadcasting', () => {
  it('adds as the definition says, element by element', () => {
    fc.assert(fc.property(broadcastable, ([a, b]) => {
      const [left, right] = [counting(a!), counting(b!).mul(100)]
      const result = add(left, right)
      expect(result.shape).toEqual(broadcastShapes(a!, b!))
      const values = result.toTypedArray()
      positions(result.shape).forEach((position, i) => expect(values[i])
        .toBe(pick(left.toArray(), a!, position) + pick(right.toArray(), b!, position)))
    }))
  })

  it('sends back to each operand the sum of the gradients of its copies', () => {
    fc.assert(fc.property(broadcastable, ([a, b]) => {
      const [left, right] = [counting(a!), counting(b!)]
      const result = add(left, right)
      differentiate(sum(result), [left, right]).forEach((gradient, k) => {
        const operand = [left, right][k]!
        expect(gradient.shape).toEqual(operand.shape)
        expect([...gradient.toTypedArray()]).toEqual(new Array(operand.size).fill(result.size / operand.size))
      })
    }))
  })

  it('is refused where sizes differ and neither is 1', () => {
    fc.assert(fc.property(shape, shape, (a, b) => {
      const fits = Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [a.at(-1 - i)!, b.at(-1 - i)!])
        .every(([x, y]) => x === y || x === 1 || y === 1)
      if (fits) expect(add(counting(a), counting(b)).shape).toEqual(broadcastShapes(a, b))
      else expect(() => add(counting(a), counting(b))).toThrow(/add:.*do not broadcast/)
    }))
  })
})

describe('moving elements', () => {
  it('transposes back', () => {
    fc.assert(fc.property(shape.chain(s =>
      fc.tuple(fc.constant(s), fc.shuffledSubarray([...s.keys()], { minLength: s.length }))), ([dims, axes]) => {
      const x = counting(dims)
      const back = transpose(transpose(x, axes), axes.map((_, i) => axes.indexOf(i)))
      expect(back.toTypedArray()).toEqual(x.toTypedArray())
    }))
  })

  it('slices as JavaScript does', () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: undefined })
    fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), bound, bound, (size, start, end) => {
      const x = counting([size])
      const expected = [...x.toTypedArray()].slice(start, end)
      const options = { axis: 0, ...(start !== undefined && { start }), ...(end !== undefined && { end }) }
      expect([...slice(x, options).toTypedArray()]).toEqual(expected)
    }))
  })

  it('pads, slices, joins and expands on the native runtime as on the reference', async () => {
    const runtime = onnxNodeRuntime({ threads: 1 })
    await fc.assert(fc.asyncProperty(shape, fc.nat(2), fc.nat(2), async (dims, before, after) => {
      const x = input('x', { shape: dims, dtype: 'float32' })
      const padded = pad(x, dims.map(() => [before, after] as const), -1)
      const outputs = [
        padded, concat([reshape(padded, [-1]), reshape(x, [-1])]), expand(x, [2, ...dims]),
        matmul(reshape(x, [-1, 1]), reshape(x, [1, -1])),
      ]
      const value = counting(dims).toTypedArray()
      const executable = await runtime.compile(graph('moves', [x], outputs))
      const actual = await executable.run([value])
      await executable.release()
      expect(actual).toEqual(evaluate(outputs, new Map([[x, value]])))
    }), { numRuns: 25 })
  })
})

describe('the reference runtime', () => {
  it('joins many parts and pads in time that follows their size', () => {
    const parts = Array.from({ length: 800 }, (_, i) => tensor(new Float32Array(1000).fill(i), { shape: [1000] }))
    const whole = concat(parts).toTypedArray()
    expect(whole.length).toBe(800_000)
    expect(whole.findIndex((value, i) => value !== Math.floor(i / 1000))).toBe(-1)
    const columns = concat(parts.slice(0, 3).map(part => reshape(part, [2, 500])), 1)
    expect([...columns.toTypedArray()].filter((_, i) => i % 500 === 0)).toEqual([0, 1, 2, 0, 1, 2])
  })
})
