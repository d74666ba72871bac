// Lottery tickets: how many trainings the steps make, and what each takes out.
import { expect, it } from 'vitest'
import { printGraph } from '@ddlf/tensor'
import { createLoader, type Dataset } from '@ddlf/data'
import { memoryRunStore, parseSettings, stepGraph, train, type Checkpoint } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { lotteryTickets } from '../topics/01-mlp-on-mnist/lottery-tickets.ts'
import { topics } from '@ddlf/course'

const graphOf = (given: Record<string, unknown>) =>
  stepGraph(lotteryTickets, parseSettings(lotteryTickets, { hidden: [6], batchSize: 4, ...given }))

it('keep a mask and the first value of every weight, and prune in a branch of the step', () => {
  const one = graphOf({ steps: 50_000 })
  const names = one.inputs.map(({ leaf }) => leaf?.name ?? '')
  expect(names.filter(name => name.startsWith('mask/'))).toEqual(['mask/hidden.0.weight', 'mask/logits.weight'])
  expect(names.filter(name => name.startsWith('initial/'))).toHaveLength(4)
  const branches = (given: Record<string, unknown>) =>
    printGraph(graphOf(given)).match(/= cond\b/g)?.length ?? 0
  expect(branches({ steps: 50_000 })).toBe(0)
  expect(branches({ steps: 50_001 })).toBe(4)
})

it('are recorded where 21 and 3.6 percent of the weights are left', () => {
  const { arms } = topics.flatMap(({ recordings = [] }) => recordings)
    .find(({ experiment }) => experiment === lotteryTickets.name) ?? { arms: [] }
  const left = arms.map(({ settings }) => {
    const { steps, ...others } = parseSettings(lotteryTickets, settings)
    const { roundSteps, pruned } = others as unknown as { roundSteps: number; pruned: number }
    return (1 - pruned) ** (steps / roundSteps - 1)
  })
  expect(left.map(share => Number(share.toFixed(3)))).toEqual([1, 0.21, 0.035])
})

const digits: Dataset = {
  name: 'made', length: 24, classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  columns: {
    images: {
      dtype: 'uint8', shape: [1, 28, 28],
      data: Uint8Array.from({ length: 24 * 784 }, (_, i) => (i * 2_654_435_761) >>> 24),
    },
    labels: { dtype: 'int32', shape: [], data: Int32Array.from({ length: 24 }, (_, i) => i % 10) },
  },
}

/** Three rounds of four steps. */
async function run(resumeFrom?: Checkpoint, stopAt = Infinity): Promise<Checkpoint | undefined> {
  const store = memoryRunStore('tickets/1', resumeFrom ? { resumeFrom } : {})
  const stop = new AbortController()
  for await (const event of train({
    experiment: lotteryTickets,
    settings: parseSettings(lotteryTickets, {
      hidden: [6], batchSize: 4, steps: 12, evaluateEvery: 6, roundSteps: 4, validation: 0,
    }),
    train: digits, test: digits, runtime: onnxNodeRuntime({ threads: 1 }), store,
    createLoader: options => createLoader({ ...options, chunkSteps: 1 }), signal: stop.signal,
  }))
    if (event.kind === 'step' && event.step >= stopAt) stop.abort()
  return store.loadCheckpoint('last')
}

it.each([3, 4, 5, 8, 11])('stopped after step %i and resumed have the same masks and weights', async stopAt => {
  const whole = await run()
  const resumed = await run(await run(undefined, stopAt))
  expect(whole).toBeDefined()
  const masks = Object.entries(whole?.tensors ?? {}).filter(([name]) => name.includes('mask/'))
  expect(masks).toHaveLength(2)
  for (const [, { data }] of masks) expect(Array.from(data).filter(value => value === 0).length).toBeGreaterThan(0)
  expect(resumed?.tensors).toEqual(whole?.tensors)
})
