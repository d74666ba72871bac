// The generators: known answers, agreement of the runtimes, and the statistics of what they draw.
import { describe, expect, it } from 'vitest'
import { compile, normal, tensor, uniform } from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { normals, permutation, randomKey, threefry2x32, uniforms } from '../src/random.ts'

const draw = (a: number, b: number, shape: readonly number[], stream = 0) =>
  uniform(tensor([a, b], { dtype: 'int32' }), shape, stream).toTypedArray()

/** Chi-square statistic of counts against equal expectations, as a number of standard deviations from its mean. */
function chiSquare(counts: ArrayLike<number>, expected: number): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += (counts[i]! - expected) ** 2 / expected
  const freedom = counts.length - 1
  return (total - freedom) / Math.sqrt(2 * freedom)
}

const correlation = (pairs: readonly (readonly [number, number])[]) => {
  const product = pairs.reduce((sum, [a, b]) => sum + (a - 0.5) * (b - 0.5), 0) / pairs.length
  return product * 12 * Math.sqrt(pairs.length)
}

describe('threefry2x32', () => {
  it('gives the known answers of Random123', () => {
    expect(threefry2x32([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe])
    expect(threefry2x32([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7])
    expect(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0])
  })
})

describe('streams', () => {
  it('are the same for the same seed and path, and unrelated otherwise', () => {
    expect(uniforms(randomKey(1, 'a', 2), 8)).toEqual(uniforms(randomKey(1, 'a', 2), 8))
    expect(uniforms(randomKey(1, 'a', 2), 8)).not.toEqual(uniforms(randomKey(1, 'a', 3), 8))
    expect(uniforms(randomKey(1, 'a', 2), 8)).not.toEqual(uniforms(randomKey(2, 'a', 2), 8))
  })

  it('permute without losing or repeating an element', () => {
    const order = permutation(randomKey(3, 'shuffle', 0), 1000)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  it('have the moments of the normal distribution', () => {
    const values = normals(randomKey(5), 100_000)
    const moment = (k: number) => values.reduce((sum, x) => sum + x ** k, 0) / values.length
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(100_000))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 100_000))
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / 100_000))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / 100_000))
  })
})

describe('uniform numbers in a graph', () => {
  const values = draw(123, -456, [512, 1024])

  it('agree bit for bit between the reference and the native runtime', async () => {
    const compiled = compile(
      key => uniform(key, [300, 7], 3), [{ shape: [2], dtype: 'int32' }], { runtime: onnxNodeRuntime({ threads: 1 }) },
    )
    expect((await compiled(Int32Array.of(123, -456))).data).toEqual(draw(123, -456, [300, 7], 3))
  })

  it('lie strictly between 0 and 1 and fill 1,024 bins evenly', () => {
    const counts = new Float64Array(1024)
    for (const value of values) {
      if (!(value > 0 && value < 1)) throw new Error(`${value} is outside (0, 1)`)
      counts[Math.floor(value * 1024)]!++
    }
    expect(Math.abs(chiSquare(counts, values.length / 1024))).toBeLessThan(4.5)
  })

  it('are not correlated with their neighbours in a row, in a column, or around a rectangle', () => {
    const at = (row: number, column: number) => values[row * 1024 + column]!
    const grid = Array.from({ length: 400_000 }, (_, i) => [i % 500, Math.floor(i / 500) % 1000] as const)
    for (const [down, right] of [[0, 1], [1, 0], [1, 1], [0, 7], [11, 0], [2, 16]] as const) {
      expect(
        Math.abs(correlation(grid.map(([r, c]) => [at(r, c), at(r + down, c + right)]))), `offset ${down}, ${right}`,
      ).toBeLessThan(4.5)
    }
    // Keys are sums of a row's and a column's: the sum a - b - c + d of a rectangle would be 0 without the mixing.
    const counts = new Float64Array(64)
    for (let i = 0; i < 100_000; i++) {
      const [row, column] = [i % 300, Math.floor(i / 300) % 700]
      const sum = at(row, column) - at(row, column + 300) - at(row + 200, column) + at(row + 200, column + 300)
      counts[Math.floor((((sum % 1) + 1) % 1) * 64)]!++
    }
    // The fractional part of a sum of independent uniforms is uniform.
    expect(Math.abs(chiSquare(counts, 100_000 / 64))).toBeLessThan(4.5)
  })

  it('fill pairs and triples of bins evenly', () => {
    const pairs = new Float64Array(64 * 64)
    const triples = new Float64Array(16 ** 3)
    for (let i = 0; i + 2 < values.length; i += 3) {
      const [a, b, c] = [values[i]!, values[i + 1]!, values[i + 2]!]
      pairs[Math.floor(a * 64) * 64 + Math.floor(b * 64)]!++
      triples[Math.floor(a * 16) * 256 + Math.floor(b * 16) * 16 + Math.floor(c * 16)]!++
    }
    const drawn = Math.floor(values.length / 3)
    expect(Math.abs(chiSquare(pairs, drawn / pairs.length))).toBeLessThan(4.5)
    expect(Math.abs(chiSquare(triples, drawn / triples.length))).toBeLessThan(4.5)
  })

  it('are unrelated for neighbouring keys and for neighbouring streams', () => {
    const size = [64, 1024]
    const base = draw(7, 9, size)
    for (const other of [draw(8, 9, size), draw(7, 10, size), draw(7, 9, size, 1)]) {
      expect(Math.abs(correlation(Array.from(base, (value, i) => [value, other[i]!] as const)))).toBeLessThan(4.5)
    }
  })

  it('have means over many keys at one position, as a mask over many steps has', () => {
    const first = Array.from({ length: 4000 }, (_, step) => draw(
      ...(randomKey(1, 'dropout', step) as [number, number]).map(x => x | 0) as [number, number], [4],
    )[2]!)
    const mean = first.reduce((a, b) => a + b, 0) / first.length
    expect(Math.abs(mean - 0.5) * Math.sqrt(12 * first.length)).toBeLessThan(4)
  })

  it('turn into normal numbers with the right moments', () => {
    const drawn = [...normal(tensor([3, 4], { dtype: 'int32' }), [100_000]).toTypedArray()]
    const moment = (k: number) => drawn.reduce((sum, x) => sum + x ** k, 0) / drawn.length
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(100_000))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 100_000))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / 100_000))
  })
})
