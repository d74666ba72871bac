// The gate through which work on large files passes: never more inside than fits, in the order of coming, and nobody
// waits for ever.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MemoryGate } from '../src/own/memory-gate.ts'

const later = (turns: number): Promise<void> =>
  turns === 0 ? Promise.resolve() : Promise.resolve().then(() => later(turns - 1))

it('never holds more than fits, through two gates that are passed in one order, whatever fails', async () => {
  const jobs = fc.array(
    fc.record({
      read: fc.integer({ min: 0, max: 130 }),
      decode: fc.integer({ min: 0, max: 130 }),
      turns: fc.nat(5),
      fails: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  await fc.assert(fc.asyncProperty(jobs, async given => {
    const [files, decoders] = [new MemoryGate(100), new MemoryGate(100)]
    const inside = { read: 0, decode: 0 }
    const entered: number[] = []
    const within = async (kind: 'read' | 'decode', bytes: number, work: () => Promise<void>) => {
      inside[kind] += Math.min(100, bytes)
      expect(inside[kind]).toBeLessThanOrEqual(100)
      await work()
      inside[kind] -= Math.min(100, bytes)
    }
    const ends = await Promise.allSettled(given.map(({ read, decode, turns, fails }, k) =>
      files.through(read, async () => {
        entered.push(k)
        await within('read', read, async () => {
          await later(turns)
          await decoders.through(decode, () => within('decode', decode, () => later(turns)))
        })
        if (fails) throw new Error('damaged')
      })))
    expect(ends.map(({ status }) => status)).toEqual(given.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')))
    expect(inside).toEqual({ read: 0, decode: 0 })
    expect(entered).toEqual(given.map((_, k) => k))
  }))
})
