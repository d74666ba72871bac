// The log of metrics: every double, cuts at any byte, any bytes.
import fc from 'fast-check'
import { UserError } from '@ddlf/tensor/errors'
import { beforeEach, expect, test } from 'vitest'
import fs from 'node:fs'
import path from 'node:path'
import { readMetrics } from '../../src/runs/curve-log.ts'
import { encodeMetrics, metricsLengthAt, type Measurement } from '../../src/runs/metrics-log.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { parseExact, stringifyExact } from '../../src/runs/exact-json.ts'

/** As the reader of the log finds the bytes in a file. */
function parseMetrics(bytes: Uint8Array): Measurement[] {
  const file = path.join(folder, 'metrics.jsonl')
  fs.writeFileSync(file, bytes)
  return readMetrics(file)
}
let folder = ''
beforeEach(() => { folder = temporaryFolder() })

const encode = (metrics: readonly Measurement[]) => new TextEncoder().encode(encodeMetrics(metrics))
const metric = (step: number, value = step / 10): Measurement => ({
  step,
  epoch: step / 4,
  wallTime: 1000 + step,
  name: 'train/loss',
  value,
})
const arbitrary = fc.record({
  step: fc.nat(),
  epoch: fc.double({ min: 0, max: 1e6, noNaN: true }).map(x => x + 0),
  wallTime: fc.double({ min: 1, max: 1e10, noNaN: true }),
  name: fc.string(),
  value: fc.double().map(x => x + 0),
})

test('one line a metric, in plain JSON', () => {
  expect(encodeMetrics([metric(4), { ...metric(8), value: NaN }])).toBe(
    '{"step":4,"epoch":1,"wallTime":1004,"name":"train/loss","value":0.4}\n' +
      '{"step":8,"epoch":2,"wallTime":1008,"name":"train/loss","value":"NaN"}\n',
  )
})

test('every double comes back, and a cut at any byte loses the last line only', () => {
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 5 }), metrics => {
      const bytes = encode(metrics)
      expect(parseMetrics(bytes)).toEqual(metrics)
      for (let length = 0; length < bytes.length; length += 11) {
        const read = parseMetrics(bytes.subarray(0, length))
        expect(read).toEqual(metrics.slice(0, read.length))
        expect(encode(metrics.slice(0, read.length)).length).toBeLessThanOrEqual(length)
      }
    }),
    { numRuns: 40 },
  )
})

test('a wrong line before the last one is an error with its number; a last line of zeros is dropped', () => {
  expect(() =>
    parseMetrics(new TextEncoder().encode(`${encodeMetrics([metric(1)])}{"step":2}\n${encodeMetrics([metric(3)])}`)),
  ).toThrow(/line 2/)
  expect(parseMetrics(new TextEncoder().encode(`${encodeMetrics([metric(1)])}\0\0\0\n`))).toEqual([metric(1)])
})

test('fuzz: any bytes give metrics or a UserError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc
          .array(fc.oneof(fc.json(), fc.string()), { maxLength: 4 })
          .map(lines => new TextEncoder().encode(lines.join('\n'))),
      ),
      bytes => {
        try {
          parseMetrics(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
        const length = metricsLengthAt(bytes, { bytes: 10, step: 3 })
        expect(length).toBeGreaterThanOrEqual(0)
        expect(length).toBeLessThanOrEqual(bytes.length)
      },
    ),
  )
})

test('a resumed log is cut to the length of the checkpoint, or to its step where the log was shortened', () => {
  const metrics = [1, 2, 3, 4, 5].map(step => metric(step))
  const bytes = encode(metrics)
  const three = encode(metrics.slice(0, 3)).length
  expect(metricsLengthAt(bytes, { bytes: three, step: 4 })).toBe(three)
  expect(metricsLengthAt(bytes, { bytes: 0, step: 0 })).toBe(0)
  for (const wrong of [bytes.length + 1, three - 1, Infinity])
    expect(metricsLengthAt(bytes, { bytes: wrong, step: 3 })).toBe(three)
  expect(metricsLengthAt(bytes.subarray(0, bytes.length - 3), { bytes: bytes.length, step: 9 })).toBe(
    encode(metrics.slice(0, 4)).length,
  )
})

test('exact JSON keeps every double', () => {
  const json = fc.letrec(tie => ({
    value: fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter(key => key !== '__proto__'),
        tie('value'),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).value
  fc.assert(fc.property(json, value => {
    expect(parseExact(stringifyExact(value))).toEqual(value)
  }))
})
