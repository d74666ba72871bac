// What a study says that a training will take: of one that is given in epochs, and of one that is given in steps.
import path from 'node:path'
import { expect, test } from 'vitest'
import { lengthText } from '../../src/index.ts'
import { probeTraining } from '../../src/studies/node/estimate-study.ts'
import { writeTable } from '../jobs/made-table.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href

test('a training in steps takes its steps, whatever its setting of epochs', async () => {
  const folder = temporaryFolder()
  const data = path.resolve(writeTable(folder))
  const flopOf = async (settings: Readonly<Record<string, unknown>>) => {
    const given = { data, buckets: 50, validation: 0.2, ...settings }
    const { flop, seconds } = await probeTraining({
      experimentsModule, experiment: 'text-table', settings: given, threads: 1,
    })
    expect(seconds).toBeGreaterThan(0)
    return flop
  }
  const twenty = await flopOf({ steps: 20, evaluateEvery: 5, epochs: 9 })
  // One round alone: a second one is measured, and not counted.
  expect(await flopOf({ steps: 10, evaluateEvery: 10, epochs: 9 })).toBe(twenty / 2)
  const [one, three] = [await flopOf({ epochs: 1 }), await flopOf({ epochs: 3 })]
  expect(three).toBe(3 * one)
})

test('the length of a training is told in what it is given in', () => {
  expect(lengthText({ epochs: 5, steps: 0, evaluateEvery: 250 })).toBe('5 epochs')
  expect(lengthText({ epochs: 1, steps: 0, evaluateEvery: 250 })).toBe('1 epoch')
  expect(lengthText({ epochs: 5, steps: 200, evaluateEvery: 100 })).toBe('200 steps')
})
