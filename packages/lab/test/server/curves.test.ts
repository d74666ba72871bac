// The lab's readings of logs, in counts and bytes: each once whoever asks, long ones one by one, news from a cursor on.
import fs from 'node:fs'
import { createRun, runPaths, type RunFolder } from '@ddlf/lab/node'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { encodeMetrics, type Measurement } from '../../src/runs/metrics-log.ts'
import { Comparisons } from '../../src/server/compare-in-lab.ts'
import { CurveReader } from '../../src/server/curves/curve-reader.ts'
import type { ReadingProgress } from '../../src/server/curves/curve-questions.ts'
import { CurveStore } from '../../src/server/curves/curve-store.ts'
import { Outbox, RunFollowers } from '../../src/server/run-followers.ts'
import { RunIndex } from '../../src/server/run-index.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

const metric = (step: number): Measurement => ({
  step,
  epoch: step / 100,
  wallTime: 1e9 + step,
  name: 'train/loss',
  value: Math.cos(step),
})
const LONG = 55_000

/** Runs whose logs have so many lines. */
function runsWith(rows: readonly number[]): { root: string; runs: RunFolder[]; logs: string[] } {
  const root = temporaryFolder()
  const runs = rows.map(() =>
    createRun({ root, experiment: 'made', config: {}, seed: 1, command: [], provenance: noProvenance }),
  )
  const logs = runs.map(run => runPaths(run).metrics)
  const texts = new Map(
    rows.map(count => [count, encodeMetrics(Array.from({ length: count }, (_, step) => metric(step)))]),
  )
  logs.forEach((log, i) => fs.writeFileSync(log, texts.get(rows[i] as number) ?? ''))
  return { root, runs, logs }
}
const nameOf = ({ experiment, id }: RunFolder) => `${experiment}/${id}`

/** Notes what is read of which file, in order. */
function watchReads(): {
  readonly reads: { readonly file: string; readonly bytes: number }[]
  readonly opened: string[]
} {
  const files = new Map<number, string>()
  const watched = { reads: [] as { file: string; bytes: number }[], opened: [] as string[] }
  const [open, read] = [fs.openSync, fs.readSync]
  const spies = [
    vi.spyOn(fs, 'openSync').mockImplementation((file, flags, mode) => {
      const descriptor = open(file, flags, mode)
      files.set(descriptor, String(file))
      if (String(file).endsWith('metrics.jsonl')) watched.opened.push(String(file))
      return descriptor
    }),
    vi
      .spyOn(fs, 'readSync')
      .mockImplementation((descriptor: number, into: NodeJS.ArrayBufferView, ...rest: unknown[]) => {
        const bytes = (read as (...all: unknown[]) => number)(descriptor, into, ...rest)
        const file = files.get(descriptor) ?? ''
        if (file.endsWith('metrics.jsonl')) watched.reads.push({ file, bytes })
        return bytes
      }),
  ]
  onTestFinished(() =>
    spies.forEach(spy => {
      spy.mockRestore()
    }),
  )
  return watched
}
/** The curves read in this thread, where reads can be counted. */
const here = (reader: CurveReader) => ({
  series: (log: string, name: string) => reader.series(log, name),
  news: (log: string, cursors: readonly (string | undefined)[]) => reader.news(log, cursors),
  progress: () => undefined,
})

describe('comparisons of twelve long logs, asked twelve times each in another order', () => {
  it('read each log once, one after the other, and answer who asks for a short log meanwhile', async () => {
    const { root, runs, logs } = runsWith([...Array.from({ length: 12 }, () => LONG), 10])
    const [short = ''] = logs.slice(-1)
    const heard: ReadingProgress[] = []
    const reader = new CurveReader(progress => heard.push(progress))
    const comparisons = new Comparisons(new RunIndex(root), here(reader))
    const { reads, opened } = watchReads()
    const names = runs.slice(0, 12).map(nameOf)
    const done: string[] = []
    const texts = Array.from({ length: 12 }, (_, k) =>
      comparisons.ask([...names.slice(k), ...names.slice(0, k)], 'train/loss').text.finally(() => done.push('long')),
    )
    const { value } = await reader.series(short, 'train/loss').finally(() => done.push('short'))
    expect(value).toHaveLength(10)
    await Promise.all(texts)
    expect(done).toEqual(['short', ...texts.map(() => 'long')])
    const size = fs.statSync(logs[0] ?? '').size
    expect(size).toBeGreaterThan(4 * 2 ** 20)
    for (const log of logs) {
      expect(opened.filter(file => file === log)).toHaveLength(1)
      const bytes = reads.filter(({ file }) => file === log).reduce((sum, read) => sum + read.bytes, 0)
      // The marks at each piece are 256 bytes.
      expect(bytes).toBeLessThan(1.02 * size)
    }
    // One long log was finished before the next was begun.
    const order = reads.map(({ file }) => file).filter(file => file !== short)
    expect(order.filter((file, i) => file !== order[i - 1])).toHaveLength(12)
    expect(new Set(heard.map(({ log }) => log)).size).toBe(12)
    for (const { bytes, size: whole } of heard) expect(bytes).toBeLessThanOrEqual(whole)
  })

  it('share one answer where the question is the same, and look again at the next', async () => {
    const {
      root,
      runs,
      logs: [log = ''],
    } = runsWith([2000])
    const reader = new CurveReader()
    const series = vi.spyOn(reader, 'series')
    const comparisons = new Comparisons(new RunIndex(root), here(reader))
    const ask = () => comparisons.ask([nameOf(runs[0]!)], 'train/loss').text
    const answers = await Promise.all(Array.from({ length: 12 }, ask))
    expect([series.mock.calls.length, new Set(answers).size]).toEqual([1, 1])
    fs.appendFileSync(log, encodeMetrics([metric(5000)]))
    expect(JSON.parse(await ask())).toMatchObject({
      metrics: ['train/loss'],
      series: [{ step: expect.arrayContaining([5000]) as number[] }],
    })
    expect(series.mock.calls.length).toBe(2)
  })
})

describe('news of a log', () => {
  it('go on from any cursor of late, whoever else has read the log', async () => {
    const {
      logs: [log = ''],
    } = runsWith([3])
    const reader = new CurveReader()
    const append = (step: number) => fs.appendFileSync(log, encodeMetrics([metric(step)]))
    const steps = (data: string | null | undefined) =>
      data && (JSON.parse(data) as { metrics: number[][] }).metrics.map(([step]) => step)
    const first = await reader.news(log, [undefined])
    expect([first.since, steps(first.whole)]).toEqual([[null], [0, 1, 2]])
    append(3)
    await reader.series(log, 'train/loss')
    append(4)
    const { cursor: second } = await reader.news(log, [])
    append(5)
    const third = await reader.news(log, [first.cursor, second, 'another'])
    expect(third.since.map(steps)).toEqual([[3, 4, 5], [5], null])
    expect(steps(third.whole)).toEqual([0, 1, 2, 3, 4, 5])
    expect(await reader.news(log, [third.cursor])).toEqual({
      cursor: third.cursor,
      since: ['{"restarted":false,"metrics":[]}'],
    })
    // Replaced: no cursor of before is one of this log.
    fs.writeFileSync(log, encodeMetrics([metric(7), metric(8)]))
    expect((await reader.news(log, [first.cursor, third.cursor])).since).toEqual([null, null])
  })

  it('are told from the whole where more came than is sent one by one', async () => {
    const {
      logs: [log = ''],
    } = runsWith([3])
    const reader = new CurveReader()
    const { cursor } = await reader.news(log, [undefined])
    for (let part = 0; part < 3; part++) {
      fs.appendFileSync(log, encodeMetrics(Array.from({ length: 2000 }, (_, i) => metric(10 + 2000 * part + i))))
      expect((await reader.news(log, [cursor])).since[0] === null).toBe(part === 2)
    }
  })

  it('for thirty watchers are one look', async () => {
    const {
      logs: [log = ''],
    } = runsWith([10])
    const { opened } = watchReads()
    const followers = new RunFollowers(here(new CurveReader()), 5)
    const outboxes = Array.from({ length: 30 }, () => new Outbox(undefined))
    const leave = outboxes.map(outbox =>
      followers.watch(log, () => ({ status: 'running', stoppable: false }), outbox),
    )
    const heard = await Promise.all(
      outboxes.map(async outbox =>
        [await outbox.next(10_000), await outbox.next(10_000)].map(message => message?.event),
      ),
    )
    expect(heard).toEqual(outboxes.map(() => ['metrics', 'status']))
    expect(opened).toHaveLength(1)
    leave.forEach(end => {
      end()
    })
    expect(followers.watched).toBe(0)
  })
})

describe('the thread of curves', () => {
  it('answers as the reader does, refuses in words, and starts anew after its end', async () => {
    const {
      logs: [log = '', bad = ''],
    } = runsWith([LONG, 1])
    fs.appendFileSync(bad, 'no metric\n{}\n')
    const store = new CurveStore()
    const expected = await new CurveReader().series(log, 'train/loss')
    expect(await store.series(log, 'train/loss')).toEqual(expected)
    await expect(store.series(bad, 'train/loss')).rejects.toThrow(/line 2/)
    const dying = store.news(log, [undefined])
    await store.close()
    await expect(dying).rejects.toThrow(/thread/)
    expect((await store.news(log, [undefined])).cursor).toMatch(/^\d+\.[0-9a-f]{16}$/)
    await store.close()
  })
})
