// TensorBoard's event files, against published vectors and protoc.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { encode as encodePng } from 'fast-png'
import fc from 'fast-check'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import { crc32c, maskedCrc32c } from '../../src/runs/crc32c.ts'
import { decodeEventFile, encodeEvent, histogramOf, pngHeader, type LoggedEvent } from '../../src/runs/event-file.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { noProvenance, temporaryFolder } from './temporary-folder.ts'

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const png = new Uint8Array(
  encodePng({ width: 3, height: 2, channels: 3, depth: 8, data: new Uint8Array(18).fill(200) }),
)
const events: LoggedEvent[] = [
  { kind: 'version', version: 'brain.Event:2', wallTime: 1700000000.25, step: 0 },
  { kind: 'start', wallTime: 1700000000.5, step: 11 },
  { kind: 'scalar', tag: 'train/loss', value: 0.5, wallTime: 1700000001, step: 12 },
  {
    kind: 'histogram',
    tag: 'hidden1.weight',
    histogram: histogramOf([-1, 0, 0.25, 1], 4),
    wallTime: 1700000002,
    step: 2 ** 40,
  },
  { kind: 'image', tag: 'filters', width: 3, height: 2, png, wallTime: 1700000003, step: 13 },
]
const file = concat(...events.map(encodeEvent))

test('CRC-32C on the vectors of RFC 3720, appendix B.4, and the usual check value', () => {
  const text = (value: string) => new TextEncoder().encode(value)
  expect(crc32c(text('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c)
  expect(crc32c(new Uint8Array(0))).toBe(0)
})

test('a file starts with the bytes that TensorFlow starts its event files with', () => {
  const record = encodeEvent({ kind: 'version', version: 'brain.Event:2', wallTime: 1700000000, step: 0 })
  expect(Buffer.from(record.subarray(0, 13)).toString('hex')).toBe('1800000000000000a37f4b2209')
  expect(new TextDecoder().decode(record.subarray(23, 36))).toBe('brain.Event:2')
  expect(new DataView(record.buffer).getUint32(36, true)).toBe(maskedCrc32c(record.subarray(12, 36)))
})

test('what is written is read back', () => {
  expect(decodeEventFile(file)).toEqual({ events, torn: false })
})

/** The messages of a file, taken out of their frames with lengths alone. */
function payloads(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const result: Uint8Array[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const length = Number(view.getBigUint64(offset, true))
    result.push(bytes.subarray(offset + 12, offset + 12 + length))
    offset += length + 16
  }
  return result
}

const protoc = (() => {
  try {
    return execFileSync('protoc', ['--version']).toString().trim()
  } catch {
    return undefined
  }
})()

test('protoc decodes every event', context => {
  if (protoc === undefined) {
    if (process.env['CI'])
      throw new Error('protoc is not installed; continuous integration needs it (apt-get install protobuf-compiler)')
    context.skip('protoc is not installed')
  }
  const folder = fileURLToPath(new URL('../../src/runs', import.meta.url))
  const decoded = payloads(file).map(input =>
    execFileSync('protoc', ['--decode=tensorboard.Event', `-I${folder}`, 'event.proto'], { input }).toString(),
  )
  expect(decoded.slice(0, 3)).toEqual([
    'wall_time: 1700000000.25\nfile_version: "brain.Event:2"\n',
    'wall_time: 1700000000.5\nstep: 11\nsession_log {\n  status: START\n}\n',
    'wall_time: 1700000001\nstep: 12\nsummary {\n  value {\n    tag: "train/loss"\n    simple_value: 0.5\n  }\n}\n',
  ])
  expect(decoded[3]).toContain('step: 1099511627776')
  expect(decoded[3]?.match(/(min|max|num|sum|sum_squares|bucket_limit|bucket): \S+/g)).toEqual([
    'min: -1', 'max: 1', 'num: 4', 'sum: 0.25', 'sum_squares: 2.0625',
    'bucket_limit: -0.5', 'bucket_limit: 0', 'bucket_limit: 0.5', 'bucket_limit: 1',
    'bucket: 1', 'bucket: 0', 'bucket: 2', 'bucket: 1',
  ])
  expect(decoded[4]).toMatch(
    /tag: "filters"\n {4}image \{\n {6}height: 2\n {6}width: 3\n {6}colorspace: 3\n {6}encoded_image_string: "\\211PNG/,
  )
})

describe('histogramOf', () => {
  test('counts every finite value once', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 40 }), (values, buckets) => {
        const { min, max, count, limits, counts } = histogramOf(values, buckets)
        const finite = values.filter(Number.isFinite)
        expect(count).toBe(finite.length)
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe(finite.length)
        expect(counts).toHaveLength(limits.length)
        expect(limits.at(-1)).toBe(max)
        if (count > 0)
          expect([min, max]).toEqual([finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))])
        for (let i = 1; i < limits.length; i++) expect(limits[i]).toBeGreaterThanOrEqual(limits[i - 1]!)
      }),
    )
  })
})

test('only a PNG is logged as an image', () => {
  expect(pngHeader(png)).toEqual({ width: 3, height: 2, colorspace: 3 })
  for (const wrong of [new Uint8Array(0), new Uint8Array(40), png.subarray(0, 20)])
    expect(() => pngHeader(wrong)).toThrow(UserError)
})

describe('damaged files', () => {
  test('cut at every byte: the whole records before the cut', () => {
    const ends = events.map((_, i) => concat(...events.slice(0, i + 1).map(encodeEvent)).length)
    for (let length = 0; length < file.length; length++) {
      const { events: read, torn } = decodeEventFile(file.subarray(0, length))
      expect(read).toEqual(events.slice(0, ends.filter(end => end <= length).length))
      expect(torn).toBe(length !== 0 && !ends.includes(length))
    }
  })

  test('every single bit changed is noticed', () => {
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = file.slice()
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7))
      expect(() => decodeEventFile(changed)).toThrow(/at byte \d+/)
    }
  })

  test('fuzz: any data in valid frames, and any bytes', () => {
    const decode = (bytes: Uint8Array) => {
      try {
        decodeEventFile(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }
    const framed = (data: Uint8Array) => {
      const record = new Uint8Array(16 + data.length)
      const view = new DataView(record.buffer)
      view.setBigUint64(0, BigInt(data.length), true)
      view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true)
      record.set(data, 12)
      view.setUint32(12 + data.length, maskedCrc32c(data), true)
      return record
    }
    fc.assert(fc.property(fc.uint8Array(), data => decode(framed(data))), { numRuns: 1000 })
    fc.assert(fc.property(fc.nat(events.length - 1), fc.nat(), fc.nat(255), (which, at, value) => {
      const data = payloads(encodeEvent(events[which]!))[0]!.slice()
      data[at % data.length] = value
      decode(framed(data))
    }), { numRuns: 1000 })
    fc.assert(fc.property(fc.uint8Array(), decode))
  })
})

test('a run writes one event file an attempt, and a resumed one marks where it starts', () => {
  const root = temporaryFolder()
  const tensors = { w: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } } as const
  const first = startRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance, now: () => 1000 })
  first.appendMetrics({ step: 4, epoch: 1, values: { 'train/loss': 0.25, 'train/accuracy': 0.5 } })
  first.appendHistogram({ step: 4, tag: 'w', values: tensors.w.data })
  first.appendImage({ step: 4, tag: 'filters', png })
  first.saveCheckpoint({ tensors, loop: { epoch: 1, stepInEpoch: 0, globalStep: 4 } })
  first.finish({ status: 'stopped', summary: {} })
  const second = resumeRun({ root, run: first.id, provenance: noProvenance, now: () => 2000 })
  second.appendMetrics({ step: 5, epoch: 1.25, values: { 'train/loss': NaN } })
  second.finish({ status: 'completed', summary: {} })

  const names = fs.readdirSync(first.folder).filter(name => name.includes('tfevents')).sort()
  expect(names).toEqual([
    expect.stringMatching(/^events\.out\.tfevents\.1000\..+\.1$/),
    expect.stringMatching(/^events\.out\.tfevents\.2000\..+\.2$/),
  ])
  const [one, two] = names.map(
    name => decodeEventFile(new Uint8Array(fs.readFileSync(path.join(first.folder, name)))).events,
  )
  expect(one).toEqual([
    { kind: 'version', version: 'brain.Event:2', wallTime: 1000, step: 0 },
    { kind: 'scalar', tag: 'train/loss', value: 0.25, wallTime: 1000, step: 4 },
    { kind: 'scalar', tag: 'train/accuracy', value: 0.5, wallTime: 1000, step: 4 },
    { kind: 'histogram', tag: 'w', histogram: histogramOf([1, 2]), wallTime: 1000, step: 4 },
    { kind: 'image', tag: 'filters', width: 3, height: 2, png, wallTime: 1000, step: 4 },
  ])
  expect(two?.slice(1)).toEqual([
    { kind: 'start', wallTime: 2000, step: 5 },
    { kind: 'scalar', tag: 'train/loss', value: NaN, wallTime: 2000, step: 5 },
  ])
})

test('a value beyond float32 is infinite in the file, as a cast makes it', () => {
  const scalar = (value: number) => encodeEvent({ kind: 'scalar', tag: 'test/mse', value, wallTime: 1, step: 1 })
  const valueOf = (bytes: Uint8Array) =>
    decodeEventFile(bytes).events.map(event => (event.kind === 'scalar' ? event.value : NaN))
  expect([4.67e75, -4.67e75, 0.1].map(value => valueOf(scalar(value))[0])).toEqual([
    Infinity,
    -Infinity,
    Math.fround(0.1),
  ])
})
