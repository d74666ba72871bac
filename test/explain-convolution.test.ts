// The arithmetic of the figures of Days 3-6, against the course's own ops and its own LeNet.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  averagePool2d, conv2d, differentiate, evaluate, maxPool2d, mul, parameter, slice, sum, tensor, type Tensor,
} from '@ddlf/tensor'
import { drawField, fieldLayers, fieldSizes, FIELD_START, saidOfField } from '../packages/site/src/explain/field.ts'
import {
  drawPooling, gradientOfPixels, pictureOf, POOLED_GRADIENT, pooledOf, POOLING_START, POOLINGS, shapeOf,
} from '../packages/site/src/explain/pooling.ts'
import {
  drawSizes, lastPlace, placesAlong, saidOfSizes, SIZES_RANGES, SIZES_START, unseen,
} from '../packages/site/src/explain/sizes.ts'
import {
  drawingFromText, drawingToText, drawWindow, pictureUnder, WINDOW_START, withInk,
} from '../packages/site/src/explain/window.ts'
import { gradCam } from '../packages/site/src/workers/quick-lenet.ts'

const within = (name: keyof typeof SIZES_RANGES) => {
  const [min, max] = SIZES_RANGES[name]
  return fc.integer({ min, max })
}
const ones = (...shape: number[]) => parameter(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape)

describe('sizes', () => {
  it('are those of the convolution, and what no window sees has no gradient', () => {
    const [size, kernel, stride, padding] = (['size', 'kernel', 'stride', 'padding'] as const).map(within)
    fc.assert(fc.property(fc.record({ size: size!, kernel: kernel!, stride: stride!, padding: padding! }), shape => {
      fc.pre(placesAlong(shape) > 0)
      const picture = ones(1, 1, shape.size, shape.size)
      const out = conv2d(picture, ones(1, 1, shape.kernel, shape.kernel), undefined, {
        stride: shape.stride, padding: shape.padding,
      })
      expect(out.shape).toEqual([1, 1, placesAlong(shape), placesAlong(shape)])
      const [gradient = []] = evaluate(differentiate(sum(out), [picture]))
      const seen = Array.from({ length: shape.size }, (_, row) =>
        Array.from(gradient).slice(row * shape.size, (row + 1) * shape.size).some(value => value > 0))
      expect(shape.size - 1 - seen.lastIndexOf(true)).toBe(unseen(shape))
    }), { numRuns: 40 })
  })
  it('are said with what is left over, and drawn within their budget', () => {
    expect(saidOfSizes(SIZES_START)).toBe('(8 + 2 × 0 - 3) / 2 = 2.5, rounded down to 2, and one more: 3 places ' +
      'along a row. The last row and column are never seen. Now at place 5 of 9.')
    expect(saidOfSizes({ ...SIZES_START, size: 4, kernel: 5 })).toContain('does not fit')
    expect(drawSizes({ size: 12, kernel: 1, stride: 4, padding: 3, step: 0 }).length).toBeLessThan(25_000)
    expect(lastPlace({ ...SIZES_START, size: 4, kernel: 5 })).toBe(0)
  })
})

describe('pooling', () => {
  it.each(POOLINGS)("gives what the course's pooling gives, forwards and backwards: %s", kind => {
    const { side, size, stride } = shapeOf(kind)
    for (const value of [0, 5, 9]) {
      const state = { kind, value, step: 8 }
      const picture = parameter(Float32Array.from(pictureOf(state)), [1, 1, side, side])
      const pooled = (kind === 'average' ? averagePool2d : maxPool2d)(picture, { kernel: size, stride })
      const loss = sum(mul(pooled, tensor(Float32Array.from(POOLED_GRADIENT), { shape: [1, 1, 2, 2] })))
      const [forwards, backwards] = evaluate([pooled, ...differentiate(loss, [picture])])
      expect(pooledOf(state)).toEqual(Array.from(forwards ?? []))
      expect(gradientOfPixels(state)).toEqual(Array.from(backwards ?? []))
    }
  })
  it('is drawn within its budget', () => expect(drawPooling(POOLING_START).length).toBeLessThan(25_000))
})

describe('the field of an output', () => {
  it('has as many pixels as its gradient', () => {
    const state = fc.record({
      kernel: fc.integer({ min: 2, max: 5 }), layers: fc.integer({ min: 1, max: 6 }),
      pool: fc.constantFrom('none' as const, 'two' as const),
    })
    fc.assert(fc.property(state, given => {
      const row = ones(1, 1, 1, 96)
      const out = fieldLayers(given).reduce<Tensor>((x, { kernel, stride }) => (stride === 2
        ? averagePool2d(x, { kernel: [1, 2] })
        : conv2d(x, ones(1, 1, 1, kernel))), row)
      const [gradient = []] = evaluate(differentiate(sum(slice(out, { axis: 3, start: 1, end: 2 })), [row]))
      expect(Array.from(gradient).filter(value => value > 0)).toHaveLength(fieldSizes(given).at(-1)!)
    }), { numRuns: 30 })
  })
  it('is said and drawn', () => {
    expect(saidOfField(FIELD_START)).toContain('In all 16 by 16 pixels')
    for (const layers of [1, 6]) {
      const drawn = drawField({ ...FIELD_START, kernel: 5, layers, step: 9 }, 608)
      expect(drawn).not.toMatch(/NaN|Infinity/)
      expect(drawn.length).toBeLessThan(25_000)
    }
  })
})

it('finds its evidence by Grad-CAM: maps weighed by the mean gradient, nothing below 0', () => {
  const maps = Array.from({ length: 12 }, (_, k) => new Float32Array(64).fill(k === 2 ? 3 : k === 5 ? 1 : 0))
  const weights = Float32Array.from({ length: 192 }, (_, i) => (Math.floor(i / 16) === 2 ? 2 : -1))
  // 16 weights of 2 over 64 places, times 3; less 16 of 1 over 64.
  expect(Array.from(gradCam(maps, weights))).toEqual(new Array(64).fill((2 * 16 * 3) / 64 - 16 / 64))
  expect(Math.max(...gradCam(maps, weights.map(value => -value)))).toBe(0)
})

it('keeps a drawing under the window in its address', () => {
  const drawn = withInk(withInk(undefined, 0, 13), 7, 3)
  expect(drawingFromText(drawingToText(drawn))).toEqual(drawn)
  expect(drawingFromText('no drawing')).toBeUndefined()
  expect(drawn.reduce((a, b) => a + b, 0)).toBe(6)
  expect(pictureUnder({ drawn })).toBe(drawn)
  expect(drawWindow({ ...WINDOW_START, drawn: drawn.map(() => 0) })).not.toMatch(/NaN/)
})
