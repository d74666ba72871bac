// How a page of the lab follows a long run: how much it holds, and how often it asks for all of it again.
import { describe, expect, it } from 'vitest'
import { isGrown } from '../packages/site/src/islands/lab/run-events.ts'

describe('a page that follows a run', () => {
  /** So many measurements come one by one to a lab that thins all of them to at most so many. */
  function followed(measurements: number, thinnedTo: number) {
    let [held, thinned, asked, most] = [0, 0, 0, 0]
    for (let i = 1; i <= measurements; i++) {
      held++
      if (isGrown(held, thinned)) {
        asked++
        held = thinned = Math.min(i, thinnedTo)
      }
      most = Math.max(most, held)
    }
    return { asked, most }
  }

  it('asks for them anew where it holds very many, and not at every one that comes', () => {
    expect(followed(20_000, 5000)).toEqual({ asked: 0, most: 20_000 })
    expect(followed(200_000, 5000)).toEqual({ asked: 12, most: 20_000 })
    // Many metrics: thinned they are more than a page likes to hold.
    expect(followed(200_000, 30_000)).toEqual({ asked: 7, most: 59_999 })
  })
})
