// safetensors: the bytes that the format describes, conversions, malformed files.
import fc from 'fast-check'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../src/runs/safetensors.ts'

const file = (header: string | object, data: Uint8Array | number = 0) => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = typeof data === 'number' ? new Uint8Array(data) : data
  const result = new Uint8Array(8 + json.length + bytes.length)
  new DataView(result.buffer).setBigUint64(0, BigInt(json.length), true)
  result.set(json, 8)
  result.set(bytes, 8 + json.length)
  return result
}
const one = (dtype: string, values: { buffer: ArrayBuffer; length: number; byteLength: number }) =>
  decodeSafetensors(
    file({ x: { dtype, shape: [values.length], data_offsets: [0, values.byteLength] } }, new Uint8Array(values.buffer)),
  ).tensors.x!

test('writes the bytes that the format describes', () => {
  const bytes = encodeSafetensors(
    {
      b: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
      a: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) },
    },
    { note: 'hello' },
  )
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length))
  expect(header.trimEnd()).toBe(
    '{"__metadata__":{"note":"hello"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"b":{"dtype":"BOOL","shape":[3],"data_offsets":[8,11]}}',
  )
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192, 1, 0, 1])
})

const tensor: fc.Arbitrary<NamedTensor> = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain(shape => {
  const length = shape.reduce((product, size) => product * size, 1)
  const range = { minLength: length, maxLength: length }
  return fc.oneof(
    fc.float32Array(range).map(data => ({ dtype: 'float32' as const, shape, data: Float32Array.from(data) })),
    fc.int32Array(range).map(data => ({ dtype: 'int32' as const, shape, data: Int32Array.from(data) })),
    fc.uint8Array(range).map(data => ({ dtype: 'uint8' as const, shape, data: Uint8Array.from(data) })),
    fc.uint8Array({ ...range, max: 1 }).map(data => ({ dtype: 'bool' as const, shape, data: Uint8Array.from(data) })),
  )
})
const name = fc.string({ unit: 'grapheme' }).filter(text => text !== '__metadata__')

test('what is written is read back, whatever the names, shapes and values', () => {
  fc.assert(
    fc.property(
      fc.dictionary(name, tensor, { noNullPrototype: true }),
      fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
      (tensors, metadata) => {
        const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata))
        expect(decoded.metadata).toEqual(metadata)
        expect(Object.keys(decoded.tensors).sort()).toEqual(Object.keys(tensors).sort())
        for (const [key, { dtype, shape, data }] of Object.entries(tensors))
          expect(decoded.tensors[key]).toMatchObject({ dtype, shape, data })
      },
    ),
  )
})

describe('conversions of the types that the engine does not have', () => {
  test('F16 and BF16 become float32 exactly', () => {
    const half = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000, 0x3555)
    expect([...one('F16', half).data]).toEqual([1, -2, 2 ** -24, 65504, Infinity, -Infinity, NaN, -0, 0.333251953125])
    expect([...one('BF16', Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001)).data]).toEqual([
      1,
      -3.140625,
      Infinity,
      2 ** -133,
    ])
  })
  test('F64 is rounded to the nearest float32', () => {
    expect([...one('F64', Float64Array.of(0.1, 1e300)).data]).toEqual([Math.fround(0.1), Infinity])
  })
  test('integers become int32, and one that does not fit is an error', () => {
    expect(one('I64', BigInt64Array.of(-5n, 2n ** 31n - 1n))).toMatchObject({
      dtype: 'int32',
      stored: 'I64',
      data: Int32Array.of(-5, 2147483647),
    })
    expect([
      ...one('I16', Int16Array.of(-3)).data,
      ...one('I8', Int8Array.of(-4)).data,
      ...one('U16', Uint16Array.of(65535)).data,
    ]).toEqual([-3, -4, 65535])
    for (const values of [BigInt64Array.of(2n ** 31n), BigInt64Array.of(-(2n ** 40n))])
      expect(() => one('I64', values)).toThrow(/int32 range/)
    expect(() => one('U64', BigUint64Array.of(2n ** 63n))).toThrow(/int32 range/)
    expect(() => one('U32', Uint32Array.of(2 ** 31))).toThrow(/int32 range/)
  })
})

describe('a malformed file is a clear error', () => {
  const F32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  })
  const huge = new Uint8Array(8).fill(255)
  test.each([
    ['nothing', new Uint8Array(0), /8 bytes of header length/],
    ['a header length beyond every limit', huge, /at most 100000000 bytes/],
    ['a header longer than the file', file('{}').subarray(0, 9), /lies inside the file/],
    ['a header that is not JSON', file('{"a":'), /JSON in UTF-8/],
    ['a header that is not UTF-8', Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d), /JSON in UTF-8/],
    ['a header that is a list', file('[]'), /is an object/],
    ['a header that starts with a space', file(' {}'), /starts with "{"/],
    [
      'a name twice',
      file(
        '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},' +
          '"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      ),
      /no key occurs twice/,
    ],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
      /no key occurs twice/,
    ],
    ['metadata that is not text', file({ __metadata__: { a: 1 } }), /maps names to text/],
    ['a tensor that is a number', file({ a: 1 }), /described by an object/],
    ['a field that does not exist', file({ a: { ...F32(0, 4), extra: 1 } }, 4), /only/],
    ['an unknown type', file({ a: { ...F32(0, 4), dtype: 'F8' } }, 4), /dtype is one of/],
    ['a type named like a method', file({ a: { ...F32(0, 4), dtype: 'toString' } }, 4), /dtype is one of/],
    ['a negative size', file({ a: F32(0, 4, [-1, -1]) }, 4), /whole numbers/],
    ['a fractional size', file({ a: F32(0, 4, [0.5, 2]) }, 4), /whole numbers/],
    ['three offsets', file({ a: { ...F32(0, 4), data_offsets: [0, 4, 8] } }, 4), /two whole numbers/],
    ['offsets that run backwards', file({ a: { ...F32(0, 4), data_offsets: [4, 0] } }, 4), /span as many bytes/],
    ['a shape that overflows', file({ a: F32(0, 4, [2 ** 52, 2 ** 52]) }, 4), /span as many bytes/],
    ['a shape that disagrees with the offsets', file({ a: F32(0, 8, [3]) }, 8), /span as many bytes/],
    ['overlapping tensors', file({ a: F32(0, 8), b: F32(4, 12) }, 12), /overlap/],
    ['a hole between tensors', file({ a: F32(0, 4), b: F32(8, 12) }, 12), /hole/],
    ['a tensor beyond the end', file({ a: F32(0, 8) }, 4), /fill the file exactly/],
    ['bytes behind the last tensor', file({ a: F32(0, 4) }, 5), /fill the file exactly/],
    ['a deeply nested field', file(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`), /described by an object/],
    [
      'deeply nested metadata',
      file(`{"__metadata__":{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}}`),
      /maps names to text/,
    ],
    ['a BOOL of 2', file({ a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] } }, Uint8Array.of(2)), /0 or 1/],
  ])('%s', (_what, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(UserError)
    expect(() => decodeSafetensors(bytes)).toThrow(message)
  })

  test('a list of strings with equal items is not taken for a key twice', () => {
    expect(() => decodeSafetensors(file('{"a":{"dtype":"F32","shape":["x","x"],"data_offsets":[0,0]}}'))).toThrow(
      /whole numbers/,
    )
  })

  const valid = encodeSafetensors(
    {
      w: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      n: { dtype: 'int32', shape: [], data: Int32Array.of(7) },
    },
    { a: 'b' },
  )

  test('cut at every byte', () => {
    for (let length = 0; length < valid.length; length++)
      expect(() => decodeSafetensors(valid.slice(0, length))).toThrow(UserError)
  })

  test('fuzz: changed and random bytes give an answer or a UserError', () => {
    const decode = (bytes: Uint8Array) => {
      try {
        decodeSafetensors(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        changes => {
          const bytes = valid.slice()
          for (const [at, value] of changes) bytes[at] = value
          decode(bytes)
        },
      ),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.json(), fc.uint8Array(), (header, data) => decode(file(header, data))))
    fc.assert(fc.property(fc.uint8Array(), decode))
  })
})

test.each<[string, NamedTensor, RegExp]>([
  ['shape', { dtype: 'float32', shape: [3], data: new Float32Array(2) }, /product of a shape/],
  ['array type', { dtype: 'int32', shape: [2], data: new Float32Array(2) }, /held in a Int32Array/],
])('refuses to write a tensor whose %s disagrees with its data', (_what, wrong, message) => {
  expect(() => encodeSafetensors({ wrong })).toThrow(message)
})

test('refuses names that the file could not hold', () => {
  const data = { dtype: 'uint8', shape: [0], data: new Uint8Array(0) } as const
  expect(() => encodeSafetensors({ __metadata__: data })).toThrow(UserError)
  expect(() => encodeSafetensors({ '\ud800': data })).toThrow(UserError)
})
