// Ctrl-C in the last moment of a run of a recording: no other begins, and the exit status says so.
import { UserError } from '@ddlf/tensor/errors'
import { afterEach, expect, it, vi } from 'vitest'
import type { FollowOptions, Followed } from '../src/terminal/follow-training.ts'
import { findRecording, trainRecording } from '../src/terminal/train-recording.ts'

const trained = vi.hoisted(() => ({ seeds: [] as unknown[], ends: [] as ('done' | 'stop' | 'fail')[] }))

vi.mock('../src/terminal/follow-training.ts', () => ({
  followTraining: (job: { task: { settings: { seed: number } } }, { onStop }: FollowOptions): Promise<Followed> => {
    trained.seeds.push(job.task.settings.seed)
    const end = trained.ends.shift()
    if (end !== 'done') onStop?.(130)
    return end === 'fail'
      ? Promise.reject(new UserError({ rule: 'The loss is not finite.', received: 'NaN', next: 'Lower the rate.' }))
      : Promise.resolve({ status: 'completed', folder: 'runs/x' })
  },
}))

afterEach(() => {
  process.exitCode = undefined
  trained.seeds.length = 0
  vi.restoreAllMocks()
})

const { experiment } = findRecording('mlp-linear-classifier')
const runs = [1, 2, 3].map(seed => ({
  arm: { id: 'a', label: 'an arm', settings: {} }, seed, settings: { seed },
}))
const train = (...ends: readonly ('done' | 'stop' | 'fail')[]) => {
  trained.ends.push(...ends)
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  return trainRecording('none', experiment, runs, {})
}

it.each(['stop', 'fail'] as const)('a run that ends with %s is the last', async end => {
  expect(await train('done', end)).toBe(false)
  expect(trained.seeds).toEqual([1, 2])
  expect(process.exitCode).toBe(130)
})

it('all are done where Ctrl-C came as the last one ended', async () => {
  expect(await train('done', 'done', 'stop')).toBe(true)
  expect(process.exitCode).toBeUndefined()
})
