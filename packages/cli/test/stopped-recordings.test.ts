// Ctrl-C while the runs of a recording are trained: what is recorded stays, and the exit status says it.
import { afterEach, expect, it, vi } from 'vitest'
import { recordAction } from '../src/actions/record.ts'
import { reproduceAction } from '../src/actions/reproduce.ts'

const files = vi.hoisted(() => ({ written: [] as string[] }))

vi.mock('../src/terminal/train-recording.ts', async load => ({
  ...(await load<object>()),
  // As it ends after Ctrl-C.
  trainRecording: () => {
    process.exitCode = 130
    return Promise.resolve(false)
  },
}))
vi.mock('@ddlf/lab/node', async load => ({
  ...(await load<object>()),
  completedRuns: () => [],
  // One run is there, much worse than what is recorded.
  runWith: (_: unknown, { seed }: { seed: number }) => seed === 1
    ? { record: { createdAt: '9999' }, summary: { metrics: { test: { accuracy: 0.1 } } } } : undefined,
  compactResult: ({ arms }: { arms: object[] }) => Promise.resolve({ arms: arms.map(arm => ({ ...arm, runs: [] })) }),
  writeFileAtomic: (file: string) => files.written.push(file),
}))

afterEach(() => {
  process.exitCode = undefined
  vi.restoreAllMocks()
})

const printed = () => {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation(line => { lines.push(String(line)) })
  return lines
}

it('reproduce says by its exit status that it was stopped, also after a line that does not hold', async () => {
  const lines = printed()
  await reproduceAction('mlp-on-mnist', { runs: 'none', only: 'mlp-linear-classifier' })
  expect(lines.join('\n')).toContain('does not hold')
  expect(process.exitCode).toBe(130)
})

it('record writes nothing once it was stopped, --force or not', async () => {
  const lines = printed()
  await recordAction('mlp-linear-classifier', { runs: 'none', train: true, force: true })
  expect(files.written).toEqual([])
  expect(lines.join('\n')).toContain('Training was stopped, and nothing is recorded')
  expect(process.exitCode).toBe(130)
})
