// CIFAR-10 with labels that say nothing: what the perceptron sees, and what it is told.
import { expect, it } from 'vitest'
import { evaluate, tensor } from '@ddlf/tensor'
import { parameterCount } from '@ddlf/nn'
import { parseSettings } from '@ddlf/lab'
import { MemorisingPerceptron, randomLabels, whitened } from '../topics/01-mlp-on-mnist/random-labels.ts'

it('sees the middle of each image, with mean 0 and deviation 1, and of an even one nothing', () => {
  const size = 3 * 32 * 32
  const pixels = Float32Array.from({ length: 2 * size }, (_, i) => (i < size ? ((i * 7919) % 256) / 255 : 0.25))
  const [seen] = evaluate([whitened(tensor(pixels, { shape: [2, 3, 32, 32] }))]) as [Float32Array]
  const first = seen.subarray(0, 3 * 28 * 28)
  const mean = first.reduce((total, value) => total + value, 0) / first.length
  expect(mean).toBeCloseTo(0, 4)
  expect(first.reduce((total, value) => total + (value - mean) ** 2, 0) / first.length).toBeCloseTo(1, 4)
  // Row 2, column 2 is the first; a row is 28 long.
  const ratio = (a: number, b: number) => ((first[a] ?? 0) - (first[b] ?? 0)) / ((first[1] ?? 0) - (first[0] ?? 0))
  const at = (row: number, column: number) => pixels[32 * (row + 2) + column + 2] ?? 0
  expect(ratio(29, 2)).toBeCloseTo((at(1, 1) - at(0, 2)) / (at(0, 1) - at(0, 0)), 3)
  expect(seen.subarray(first.length).every(value => Math.abs(value) < 1e-3)).toBe(true)
})

it('has as many parameters as the paper says', () => {
  expect(parameterCount(new MemorisingPerceptron([512, 512, 512]))).toBe(1_735_178)
})

it('is told other labels, the same for one seed, about a tenth of them right by chance', () => {
  const labels = { dtype: 'int32' as const, shape: [], data: Int32Array.from({ length: 5000 }, (_, i) => i % 10) }
  const train = { name: 'made', length: 5000, columns: { labels } }
  const told = (given: Record<string, unknown>) =>
    randomLabels.trainingSet?.(train, parseSettings(randomLabels, given)).columns['labels']?.data
  expect(told({})).toBe(labels.data)
  const drawn = told({ randomLabels: true, seed: 3 }) as Int32Array
  expect(told({ randomLabels: true, seed: 3 })).toEqual(drawn)
  expect(told({ randomLabels: true, seed: 4 })).not.toEqual(drawn)
  const right = drawn.filter((label, i) => label === labels.data[i]).length
  expect(right).toBeGreaterThan(400)
  expect(right).toBeLessThan(600)
  expect(new Set(drawn).size).toBe(10)
})
