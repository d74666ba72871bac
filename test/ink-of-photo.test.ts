// Writing is found in a photograph whatever its paper: shadows, bright on dark, specks, a cut edge; none is told apart.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inkOfPhoto, type Picture } from '../packages/site/src/islands/ink-of-photo.ts'
import { likeMnist } from '../packages/site/src/islands/like-mnist.ts'

const SIDE = 120
/** A seven, five pixels thick: a bar above, and a slope from its right end down. */
const isStroke = (x: number, y: number) =>
  (y >= 30 && y < 36 && x >= 40 && x <= 80) || (y >= 30 && y <= 95 && Math.abs(x - (80 - (y - 30) * 0.45)) <= 3)

function photo(greyOf: (x: number, y: number) => number): Picture {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE)
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) data.set([...new Array<number>(3).fill(greyOf(x, y)), 255], 4 * (y * SIDE + x))
  }
  return { data, width: SIDE, height: SIDE }
}

/** The same strokes as the pad draws them: they cover, all else does not. */
const drawn = likeMnist({
  data: Uint8ClampedArray.from({ length: 4 * SIDE * SIDE }, (_, i) => {
    const at = Math.floor(i / 4)
    return i % 4 === 3 && isStroke(at % SIDE, Math.floor(at / SIDE)) ? 255 : 0
  }),
  width: SIDE,
  height: SIDE,
})!

function correlation(a: Uint8Array, b: Uint8Array): number {
  const mean = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0)
  return sum(i => (a[i]! - ma) * (b[i]! - mb)) / Math.sqrt(sum(i => (a[i]! - ma) ** 2) * sum(i => (b[i]! - mb) ** 2))
}

const readFrom = (picture: Picture) => {
  const ink = inkOfPhoto(picture)
  return ink && likeMnist(ink)
}
const noise = (x: number, y: number) => ((x * 7919 + y * 104_729) % 17) - 8

describe('a photograph of a seven', () => {
  it.each([
    ['dark on bright paper', (x, y) => (isStroke(x, y) ? 30 : 220)],
    ['bright on a dark board', (x, y) => (isStroke(x, y) ? 210 : 40)],
    ['under a shadow from the left', (x, y) => (isStroke(x, y) ? 15 : 70) + 1.1 * x],
    ['with the grain of a camera', (x, y) => (isStroke(x, y) ? 60 : 180) + noise(x, y)],
    ['in pale pencil', (x, y) => (isStroke(x, y) ? 150 : 210)],
    ['with specks', (x, y) => (isStroke(x, y) || (x % 40 === 7 && y % 40 === 9) ? 30 : 220)],
    ['on paper that ends before the picture does', (x, y) => (isStroke(x, y) || x > 110 ? 30 : 220)],
  ] satisfies [string, (x: number, y: number) => number][])('%s is what the pad would have drawn', (_, grey) => {
    const read = readFrom(photo(grey))
    expect(read && correlation(read, drawn)).toBeGreaterThan(0.9)
  })

  it.each([
    ['empty paper', (x: number, y: number) => 200 + noise(x, y) / 2],
    ['paper under a shadow', (x: number) => 60 + x],
    ['darkness', () => 0],
  ])('%s holds nothing', (_, grey) => {
    expect(inkOfPhoto(photo(grey))).toBeUndefined()
  })
})

it('takes every picture', () => {
  const pictures = fc
    .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
    .chain(size => fc.record({
      width: fc.constant(size.width),
      height: fc.constant(size.height),
      data: fc
        .uint8Array({ minLength: 4 * size.width * size.height, maxLength: 4 * size.width * size.height })
        .map(bytes => Uint8ClampedArray.from(bytes)),
    }))
  fc.assert(fc.property(pictures, picture => {
    const ink = inkOfPhoto(picture)
    if (!ink) return
    const covered = ink.data.filter((_, i) => i % 4 === 3)
    expect(covered.some(value => value > 0)).toBe(true)
    expect(likeMnist(ink)).toHaveLength(28 * 28)
  }))
})
