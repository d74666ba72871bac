// How many threads the trainer of the pages takes: which numbers are tried, and which is chosen.
import { describe, expect, it } from 'vitest'
import { fastest, threadsToTry } from '../packages/site/src/islands/fastest-threads.ts'

describe('the threads of a training in the page', () => {
  it('are one where the page may share no memory, and no more than there are processors', () => {
    expect(threadsToTry(false, 8)).toEqual([1])
    expect(threadsToTry(true, 1)).toEqual([1])
    expect(threadsToTry(true, 2)).toEqual([1, 2])
    expect(threadsToTry(true, 3)).toEqual([1, 2, 3])
    expect(threadsToTry(true, 64)).toEqual([1, 2, 4])
  })

  it('are those that took the most steps, fewer where more gain nothing, one where nothing was measured', () => {
    const measured = (...speeds: number[]) => speeds.map((stepsPerSecond, i) => ({ threads: i + 1, stepsPerSecond }))
    expect(fastest(measured(300, 500))).toBe(2)
    expect(fastest(measured(500, 500))).toBe(1)
    expect(fastest(measured(0, 0))).toBe(1)
    expect(fastest([])).toBe(1)
  })
})
