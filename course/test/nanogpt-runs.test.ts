// nanoGPT's configuration for a computer without a GPU: our recorded runs end where those of its own program do.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const { runs } = read('golden/nanogpt-cpu.json') as {
  readonly runs: readonly { readonly estimate: number; readonly whole: number; readonly deviation: number }[]
}
const recorded = read('../topics/08-transformer-and-gpt/results/gpt-on-shakespeare.json') as {
  readonly arms: readonly {
    readonly id: string
    readonly runs: readonly { readonly metrics: Readonly<Record<string, number>> }[]
  }[]
}
const ours = recorded.arms.find(({ id }) => id === 'nanogpt')!.runs.map(({ metrics }) => metrics['validation/loss']!)
const theirs = runs.map(({ whole }) => whole)

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
/** Squared standard error of the mean. */
const squaredError = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1) / values.length

it('does not differ from its own program by more than the seeds of both allow', () => {
  expect([ours.length, theirs.length]).toEqual([3, 3])
  // Welch's t; 2.78 is its bound at one in twenty for four degrees of freedom.
  expect(Math.abs(mean(ours) - mean(theirs)) / Math.sqrt(squaredError(ours) + squaredError(theirs))).toBeLessThan(2.78)
})

it('is published as an estimate that strays by more than half of the tolerance', () => {
  for (const { deviation } of runs) expect(deviation).toBeGreaterThan(0.01)
  // 1.88 is such an estimate: those of the same program lie on both sides of it.
  expect(Math.min(...runs.map(({ estimate }) => estimate))).toBeLessThan(1.88)
  expect(Math.max(...runs.map(({ estimate }) => estimate))).toBeGreaterThan(1.88)
})
