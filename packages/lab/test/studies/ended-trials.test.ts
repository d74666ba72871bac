// What is counted of trials as they end: each is looked at once, and the front is that of all of them.
import { expect, test } from 'vitest'
import { paretoFront, type Trial, type TrialState } from '../../src/index.ts'
import { EndedTrials } from '../../src/studies/ended-trials.ts'
import { FrontTally } from '../../src/studies/pareto.ts'
import { madeTrial } from './made-trials.ts'

/** Trials whose values count how often they are looked at. */
function counted(values: readonly (readonly number[])[]): { readonly trials: Trial[]; readonly looks: () => number } {
  let looks = 0
  const get = (of: readonly number[]) => () => {
    looks++
    return of
  }
  const trials = values.map((of, number) => Object.defineProperty(madeTrial(number), 'values', { get: get(of) }))
  return { trials, looks: () => looks }
}

/** Numbers that look drawn, the same every time. */
const drawn = (count: number, dimensions: number) =>
  Array.from({ length: count }, (_, i) => Array.from({ length: dimensions }, (_, j) => (i * (7919 + 104 * j)) % 997))

test('each trial that is over is given once, those under way when they are over', () => {
  const states: TrialState[] = ['complete', 'running', 'waiting']
  const trials = states.map((state, number) => madeTrial(number, { state }))
  const ended = new EndedTrials(trials)
  const numbers = (of: readonly Trial[]) => of.map(({ number }) => number)
  expect(numbers(ended.take())).toEqual([0])
  expect(numbers(ended.open)).toEqual([1, 2])
  expect(ended.take()).toEqual([])
  trials.push(madeTrial(3, { state: 'failed' }))
  Object.assign(trials[2] ?? {}, { state: 'pruned' })
  expect(numbers(ended.take())).toEqual([2, 3])
  expect(numbers(ended.open)).toEqual([1])
})

test.each([1, 2])('the front of %i objectives, asked after each trial, is that of all trials', dimensions => {
  const { trials } = counted(drawn(200, dimensions))
  const directions = (['minimize', 'maximize'] as const).slice(0, dimensions)
  const growing: Trial[] = []
  const tally = new FrontTally(growing, directions)
  for (const trial of trials) {
    growing.push(trial)
    const dominated = (one: Trial) =>
      growing.some(({ values: [a = 0, b = 0] = [] }) => {
        const [c = 0, d = 0] = one.values ?? []
        return a <= c && b >= d && (a < c || b > d)
      })
    const expected = growing.filter(one => !dominated(one)).map(({ number }) => number)
    expect(tally.front.map(({ number }) => number)).toEqual(expected)
    expect(paretoFront(growing, directions).map(({ number }) => number)).toEqual(expected)
  }
})

test('asked after each of ten thousand trials, the best is found with a few looks at each', () => {
  const { trials, looks } = counted(Array.from({ length: 10_000 }, (_, i) => [10_000 - i]))
  const growing: Trial[] = []
  const tally = new FrontTally(growing, ['minimize'])
  for (const trial of trials) {
    growing.push(trial)
    expect(tally.front).toEqual([trial])
  }
  expect(looks()).toBeLessThan(3 * trials.length)
})
