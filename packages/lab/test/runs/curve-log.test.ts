// The curves of a log: exact while it is short, extremes kept when it is long, the same however they were read, true
// after every change.
import fs from 'node:fs'
import path from 'node:path'
import { execFileSync } from 'node:child_process'
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { CurveLog, curveIndexFile, readCurves, readMetrics } from '../../src/runs/curve-log.ts'
import { encodeMetrics, type Measurement } from '../../src/runs/metrics-log.ts'
import { ThinnedCurve } from '../../src/runs/thinned-curve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const metric = (step: number, value = Math.sin(step), name = 'train/loss', wallTime = 1000 + step): Measurement => ({
  step,
  epoch: step / 4,
  wallTime,
  name,
  value,
})
const logWith = (metrics: readonly Measurement[]) => {
  const file = path.join(temporaryFolder(), 'metrics.jsonl')
  fs.writeFileSync(file, encodeMetrics(metrics))
  return file
}
const extend = (log: CurveLog, keep = 0) => {
  const reading = log.extend(keep)
  let pieces = 0
  for (;;) {
    const { done, value } = reading.next()
    if (done === true) return { ...value, pieces }
    pieces++
  }
}
/** A log of `megabytes` with two metrics, written in one go. */
function longLog(megabytes: number): { file: string; values: Float64Array } {
  const file = path.join(temporaryFolder(), 'metrics.jsonl')
  const length = megabytes * 5000
  const values = Float64Array.from(
    { length },
    (_, i) => Math.sin(i / 999) + (i === 77_777 % length ? 50 : i === 5 ? -50 : 0),
  )
  const descriptor = fs.openSync(file, 'w')
  for (let from = 0; from < length; from += 5000) {
    const rows = Array.from(values.subarray(from, from + 5000), (value, i) => [
      metric(from + i, value),
      metric(from + i, 2 * value, 'test/loss'),
    ]).flat()
    fs.writeSync(descriptor, encodeMetrics(rows))
  }
  fs.closeSync(descriptor)
  return { file, values }
}

describe('a thinned curve', () => {
  const points = (values: readonly number[]) =>
    values.map((value, place) => ({ place, step: place, epoch: place, wallTime: place, value }))
  const curveOf = (values: readonly number[]) => {
    const curve = new ThinnedCurve()
    points(values).forEach(point => curve.add(point))
    return curve
  }

  test('keeps every measurement of a short curve', () => {
    fc.assert(fc.property(fc.array(fc.double(), { maxLength: 1024 }), values => {
      expect(curveOf(values).points()).toEqual(points(values))
    }), { numRuns: 50 })
  })

  test('keeps first, last, least and greatest of a long one, in order and in bounded room', () => {
    fc.assert(fc.property(fc.integer({ min: 1025, max: 20_000 }), fc.integer(), (length, seed) => {
      const values = Array.from({ length }, (_, i) => Math.sin(seed + i * i))
      const kept = curveOf(values).points()
      expect(kept.length).toBeLessThanOrEqual(2 * 1024 + 2)
      expect(kept.map(({ place }) => place)).toEqual([...new Set(kept.map(({ place }) => place))].sort((a, b) => a - b))
      const shown = kept.map(({ value }) => value)
      expect([shown[0], shown.at(-1), Math.min(...shown), Math.max(...shown)]).toEqual([
        values[0],
        values.at(-1),
        Math.min(...values),
        Math.max(...values),
      ])
      // Every stretch of the whole is there: no gap is wider than two of them.
      const widest = Math.max(...kept.slice(1).map(({ place }, i) => place - (kept[i]?.place ?? 0)))
      expect(widest).toBeLessThanOrEqual(2 * 2 ** Math.ceil(Math.log2(length / 512)))
    }), { numRuns: 20 })
  })

  test('shows what can be drawn where a stretch holds values that are no numbers, and comes back from JSON', () => {
    const values = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? NaN : i > 4000 ? Infinity : i))
    const curve = curveOf(values)
    expect(
      curve
        .points()
        .filter(({ step }) => step > 8 && step < 3990)
        .every(({ value }) => Number.isFinite(value)),
    ).toBe(true)
    const copy = ThinnedCurve.from(JSON.parse(JSON.stringify(curve)))
    expect(copy.points()).toEqual(curve.points())
    const next = points([...values, 3]).at(-1)!
    curve.add(next)
    copy.add(next)
    expect(copy.points()).toEqual(curve.points())
  })
})

describe('the curves of a log', () => {
  test('are the same read at once or as the log grows, at any cut', () => {
    fc.assert(fc.property(fc.array(fc.nat(60_000), { maxLength: 6 }), cuts => {
      const metrics = Array.from({ length: 700 }, (_, step) => [
        metric(step),
        metric(step, 1 - step, 'test/loss'),
      ]).flat()
      const text = encodeMetrics(metrics)
      const file = logWith([])
      const log = new CurveLog(file)
      for (const cut of [...cuts, text.length].sort((a, b) => a - b)) {
        fs.writeFileSync(file, text.slice(0, cut))
        // A rewrite has a time of its own; appending does not look like one.
        extend(log)
      }
      expect(log.metrics()).toEqual(metrics)
      expect(readMetrics(file)).toEqual(metrics)
    }), { numRuns: 15 })
  })

  test('say what came to the log, and start anew where it was cut back, replaced or edited', () => {
    const file = logWith([metric(1), metric(2), metric(3)])
    const log = new CurveLog(file)
    expect(extend(log, 10)).toMatchObject({ restarted: false, added: [{ step: 1 }, { step: 2 }, { step: 3 }] })
    fs.appendFileSync(file, encodeMetrics([metric(4)]).slice(0, 20))
    expect(extend(log, 10)).toMatchObject({ restarted: false, added: [] })
    fs.appendFileSync(file, encodeMetrics([metric(4)]).slice(20))
    expect(extend(log, 10)).toMatchObject({ restarted: false, added: [{ step: 4 }] })
    fs.truncateSync(file, encodeMetrics([metric(1), metric(2)]).length)
    expect(extend(log, 10)).toMatchObject({ restarted: true, added: [{ step: 1 }, { step: 2 }] })
    // Cut back and grown past the old end between two looks, as by a resumed run: other times of writing.
    fs.writeFileSync(file, encodeMetrics([1, 2, 3, 4, 5].map(step => metric(step, step, 'train/loss', 2000 + step))))
    expect(extend(log, 10)).toMatchObject({ restarted: true })
    expect(log.metrics().map(({ value }) => value)).toEqual([1, 2, 3, 4, 5])
    const edited = encodeMetrics([1, 2, 7, 4, 5].map(step => metric(step, step, 'train/loss', 2000 + step)))
    fs.writeFileSync(file, edited)
    fs.utimesSync(file, 1, 1)
    expect(extend(log, 10)).toMatchObject({ restarted: true })
    expect(log.metrics().map(({ value }) => value)).toEqual([1, 2, 7, 4, 5])
    fs.rmSync(file)
    expect(extend(log, 10)).toMatchObject({ restarted: true, added: [] })
    expect(log.names).toEqual([])
  })

  test('are not read again because a line arrived while they were', () => {
    const { file } = longLog(1)
    const log = new CurveLog(file)
    const reading = log.extend()
    reading.next()
    fs.appendFileSync(file, encodeMetrics([metric(1e6, 99)]))
    while (reading.next().done !== true);
    expect(log.curve('train/loss')?.last).toMatchObject({ step: 1e6, value: 99 })
    expect(extend(log, 10)).toEqual({ restarted: false, added: [], pieces: 0 })
    fs.appendFileSync(file, encodeMetrics([metric(1e6 + 1, 100)]))
    expect(extend(log, 10)).toMatchObject({ restarted: false, added: [{ value: 100 }], pieces: 1 })
  })

  test('of a log whose reading was interrupted are taken up where the index was last saved', () => {
    const file = path.join(temporaryFolder(), 'metrics.jsonl')
    // Long lines of few metrics: what counts is the bytes.
    const line = (step: number) => `${encodeMetrics([metric(step)]).trimEnd().padEnd(60_000)}\n`
    const lines = Math.ceil((70 * 2 ** 20) / 60_001)
    const descriptor = fs.openSync(file, 'w')
    for (let step = 0; step < lines; step++) fs.writeSync(descriptor, line(step))
    fs.closeSync(descriptor)
    const first = new CurveLog(file).extend()
    for (let piece = 0; piece < 4 * 66; piece++) expect(first.next().done).toBe(false)
    const second = new CurveLog(file)
    expect(second.waiting).toBeLessThan(7 * 2 ** 20)
    expect(extend(second)).toMatchObject({ restarted: false })
    expect([second.waiting, second.curve('train/loss')?.count, second.curve('train/loss')?.last?.step]).toEqual([
      0,
      lines,
      lines - 1,
    ])
  })

  test('of a long log stay in an index beside it, from which reading goes on', () => {
    const { file, values } = longLog(6)
    const bytes = fs.statSync(file).size
    const pieces = Math.ceil(bytes / (256 * 1024))
    const first = new CurveLog(file)
    expect(extend(first).pieces).toBe(pieces)
    const shown = first.curve('train/loss')?.points().map(({ value }) => value) ?? []
    expect([shown[0], Math.min(...shown), Math.max(...shown), shown.at(-1)]).toEqual([
      values[0],
      Math.min(...values),
      Math.max(...values),
      values.at(-1),
    ])
    expect(shown.length).toBeLessThanOrEqual(2050)
    expect(fs.statSync(curveIndexFile(file)).size).toBeLessThan(1_000_000)
    // Another process reads only what came since.
    fs.appendFileSync(file, encodeMetrics([metric(1e6, 99)]))
    const second = new CurveLog(file)
    expect(extend(second).pieces).toBe(1)
    extend(first)
    expect(second.metrics()).toEqual(first.metrics())
    // Replaced: the index is not believed.
    fs.writeFileSync(file, encodeMetrics(Array.from({ length: 60_000 }, (_, i) => metric(i, 1))))
    expect(readCurves(file).curve('train/loss')?.points().every(({ value }) => value === 1)).toBe(true)
    for (const damage of [
      '{',
      '{"format":1}',
      '',
      JSON.stringify({ format: 1, bytes: 1e9, lines: 1, head: '', mark: '', curves: {} }),
    ]) {
      fs.writeFileSync(curveIndexFile(file), damage)
      expect(readCurves(file).curve('train/loss')?.count).toBe(60_000)
    }
  })

  test('are read a piece of 256 KiB at a time, with nothing of the file kept', () => {
    const { file } = longLog(4)
    const sizes: number[] = []
    const original = fs.readSync
    const spy = vi
      .spyOn(fs, 'readSync')
      .mockImplementation(
        (descriptor: number, bytes: NodeJS.ArrayBufferView, offset?: unknown, length?: unknown, position?: unknown) => {
          sizes.push(length as number)
          return original(descriptor, bytes, offset as number, length as number, position as number)
        },
      )
    readCurves(file)
    spy.mockRestore()
    expect(Math.max(...sizes)).toBe(256 * 1024)
  })
})

describe('a log that is none', () => {
  test('a line that is no metric, with its number; a last one, torn or of zeros, is left out', () => {
    const file = logWith([metric(1)])
    fs.appendFileSync(file, '{"step":2}\n')
    expect(readMetrics(file)).toHaveLength(1)
    fs.appendFileSync(file, encodeMetrics([metric(3)]))
    expect(() => readCurves(file)).toThrow(/line 2/)
  })

  test('a line without end is refused, not collected', () => {
    const file = logWith([metric(1)])
    fs.appendFileSync(file, 'x'.repeat(2_000_000))
    expect(() => readCurves(file)).toThrow(UserError)
    expect(() => readCurves(file)).toThrow(/line 2/)
  })

  test.skipIf(process.platform === 'win32')(
    'a pipe, a link and a folder in its place are refused and block nothing',
    () => {
      const folder = temporaryFolder()
      const other = logWith([metric(1)])
      const pipe = path.join(folder, 'metrics.jsonl')
      execFileSync('mkfifo', [pipe])
      const link = path.join(folder, 'link.jsonl')
      fs.symlinkSync(other, link)
      for (const file of [pipe, link, folder]) expect(() => readCurves(file)).toThrow(/plain file/)
      fs.symlinkSync(pipe, curveIndexFile(other))
      expect(readCurves(other).names).toEqual(['train/loss'])
      expect(readCurves(path.join(folder, 'nothing.jsonl')).names).toEqual([])
    },
  )

  test('more names than any task measures do not fill the memory', () => {
    const file = logWith(Array.from({ length: 2000 }, (_, i) => metric(i, 1, `name ${i}`)))
    expect(readCurves(file).names).toHaveLength(500)
  })
})
