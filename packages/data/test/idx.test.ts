// IDX files, MNIST's format: what is read, and that any bytes give an array or an error in words.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { readIdx, readIdxDataset } from '../src/index.ts'
import { idxFile } from './small-sets.ts'

const images = idxFile([2, 3, 4], Array.from({ length: 24 }, (_, k) => k))

describe('readIdx', () => {
  it('reads the shape and shares the bytes of the file', () => {
    const { shape, data } = readIdx(images, 3, 'images')
    expect(shape).toEqual([2, 3, 4])
    expect(data).toEqual(Uint8Array.from({ length: 24 }, (_, k) => k))
    expect(data.buffer).toBe(images.buffer)
  })

  it.each([
    ['a wrong magic number', Uint8Array.of(1, 2, 3, 4, 5), /magic number/],
    ['another element type', Uint8Array.of(0, 0, 0x0d, 3, 0, 0), /magic number of unsigned bytes/],
    ['another number of dimensions', idxFile([3], [1, 2, 3]), /3 dimensions/],
    ['a truncated file', images.subarray(0, images.length - 1), /truncated/],
    ['trailing bytes', Uint8Array.of(...images, 0), /trailing bytes/],
    ['an empty file', new Uint8Array(0), /4 bytes/],
    ['extents whose product overflows', idxFile([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [1]), /truncated/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readIdx(bytes, 3, 'images')).toThrow(UserError)
    expect(() => readIdx(bytes, 3, 'images')).toThrow(message)
  })

  it('refuses the file cut at every byte', () => {
    for (let length = 0; length < images.length; length++)
      expect(() => readIdx(images.subarray(0, length), 3, 'images')).toThrow(UserError)
  })

  it('answers any bytes with an array or a UserError', () => {
    const header = fc.tuple(
      fc.constantFrom(0, 1),
      fc.constantFrom(0, 9),
      fc.constantFrom(8, 9),
      fc.integer({ min: 0, max: 255 }),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.tuple(header, fc.uint8Array({ maxLength: 40 })).map(([h, rest]) => Uint8Array.of(...h, ...rest)),
        ),
        bytes => {
          try {
            const { shape, data } = readIdx(bytes, 3, 'noise')
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
          } catch (error) {
            expect(error).toBeInstanceOf(UserError)
          }
        },
      ),
    )
  })
})

describe('readIdxDataset', () => {
  it('pairs images with int32 labels', () => {
    const dataset = readIdxDataset('pair', images, idxFile([2], [1, 0]), ['a', 'b'])
    expect(dataset.columns['images']).toMatchObject({ dtype: 'uint8', shape: [1, 3, 4] })
    expect(dataset.columns['labels']?.data).toEqual(Int32Array.of(1, 0))
  })
  it('refuses files that do not belong together and labels beyond the classes', () => {
    expect(() => readIdxDataset('pair', images, idxFile([3], [0, 0, 0]), ['a'])).toThrow(/2 images, 3 labels/)
    expect(() => readIdxDataset('pair', images, idxFile([2], [0, 2]), ['a', 'b'])).toThrow(/0 \.\. 1/)
  })
})
