// The arithmetic of the explaining figures, what was recorded for them, and regions of the source that memos show.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenizerFromJson } from '@ddlf/data/tokenizers'
import {
  add, conv2d, differentiate, evaluate, mul, parameter, relu, softplus, sub, sum,
} from '@ddlf/tensor'
import { regionOf } from '../packages/site/src/build/region.ts'
import { BACKWARD_RATE, drawBackward, pass, saidOfBackward, updated } from '../packages/site/src/explain/backward.ts'
import {
  BOUNDARY_START, drawBoundary, gradientOf, logitOf, pointsFor, saidOfBoundary, type SmallNet,
} from '../packages/site/src/explain/boundary.ts'
import { DEPTH_START, drawDepth, layersOf, type DepthState } from '../packages/site/src/explain/depth-histogram.ts'
import { binned } from '../packages/site/src/explain/histogram.ts'
import { drawMerges, MERGES_START, mergesOf, saidOfMerges } from '../packages/site/src/explain/merges.ts'
import { drawWindow, KERNEL_NAMES, KERNELS, SEVEN, slide, WINDOW_START } from '../packages/site/src/explain/window.ts'
import { descend, FLAT, limitRate, lossAt, settledAfter, STEEP } from '../packages/site/src/explain/descent.ts'
import { linearDigitsSchema, moved, readLinearDigits, scoresOf } from '../packages/site/src/explain/linear-digits.ts'
import { placesOf } from '../packages/site/src/explain/plane.ts'
import { drawValley, VALLEY_START, valleyPlane } from '../packages/site/src/explain/valley.ts'

describe('descent in a valley', () => {
  it('without momentum shrinks each direction by 1 - rate times its curvature', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1.9, noNaN: true }), rate => {
        const path = descend({ rate, momentum: 0, start: [8, -3] }, 20)
        path.forEach(([x, y], k) => {
          expect(x).toBeCloseTo(8 * (1 - rate * FLAT) ** k, 8)
          expect(y).toBeCloseTo(-3 * (1 - rate * STEEP) ** k, 8)
        })
      }),
    )
  })
  it("takes PyTorch's steps with momentum", () => {
    // torch.optim.SGD(lr=0.5, momentum=0.9) on 0.05 x² + 0.5 y² from (1, 1).
    const path = descend({ rate: 0.5, momentum: 0.9, start: [1, 1] }, 3)
    const expected = [
      [1, 1],
      [0.95, 0.5],
      [0.8575, -0.2],
      [0.731375, -0.73],
    ]
    path.forEach(([x, y], i) => {
      expect(x).toBeCloseTo(expected[i]![0]!, 9)
      expect(y).toBeCloseTo(expected[i]![1]!, 9)
    })
  })
  it('arrives below the limit, and never above it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), momentum => {
        const end = (rate: number) => lossAt(descend({ rate, momentum, start: [0, 1] }, 1000).at(-1)!)
        expect(end(limitRate(momentum) * 0.95)).toBeLessThan(1e-3)
        expect(end(limitRate(momentum) * 1.1)).not.toBeLessThan(lossAt([0, 1]))
      }),
      { numRuns: 30 },
    )
    expect(settledAfter(descend({ rate: 3, momentum: 0, start: [1, 1] }))).toBeUndefined()
    expect(settledAfter(descend({ rate: 1, momentum: 0, start: [0, 1] }))).toBe(1)
  })
  it('is drawn within its frame, whatever the path does', () => {
    const wild = drawValley({ ...VALLEY_START, rate: 2.6, momentum: 0.95, step: 60 }, 608)
    expect(wild).not.toMatch(/NaN|Infinity/)
    const plane = valleyPlane(608)
    const { px, py, fromPixels } = placesOf(plane)
    const [x, y] = fromPixels(px(3.5), py(-2))
    expect([x, y]).toEqual([expect.closeTo(3.5, 1), expect.closeTo(-2, 1)])
  })
})

describe('one unit, backward', () => {
  const number = fc.integer({ min: -30, max: 30 }).map(value => value / 10)
  it("has the gradients of the course's own differentiation", () => {
    fc.assert(
      fc.property(fc.record({ x: number, w: number, b: number, y: number }), given => {
        const [x, w, b, y] = [given.x, given.w, given.b, given.y].map(value => parameter(Float32Array.of(value), []))
        const a = relu(add(mul(w!, x!), b!))
        const off = sub(a, y!)
        const loss = mul(mul(off, off), 0.5)
        const [value, byW, byB] = evaluate([loss, ...differentiate(loss, [w!, b!])]).map(([first]) => first)
        const passed = pass(given)
        // At the bend itself either side's slope is right.
        fc.pre(Math.abs(passed.z) > 1e-6)
        expect(passed.loss).toBeCloseTo(value!, 4)
        expect(passed.byW).toBeCloseTo(byW!, 4)
        expect(passed.byB).toBeCloseTo(byB!, 4)
        expect(updated(given).w).toBeCloseTo(given.w - BACKWARD_RATE * byW!, 4)
      }),
    )
  })
  it('reveals values and gradients step by step', () => {
    const at = (step: number) => drawBackward({ x: 2, w: 0.5, b: -0.5, y: 2, step })
    expect(at(0).match(/>\?</g)).toHaveLength(3)
    expect(at(3)).not.toContain('>?<')
    expect(at(3)).not.toContain('gradient')
    expect(at(6).match(/class="gradient"/g)).toHaveLength(4)
    expect(saidOfBackward({ x: 1, w: -1, b: 0, y: 1, step: 5 })).toContain('ReLU was shut')
  })
})

describe('a line that units bend', () => {
  // Tenths: of a number that float32 does not know, ReLU may be open here and shut there.
  const tenth = fc.integer({ min: -20, max: 20 }).map(value => value / 10)
  const net = fc.array(fc.tuple(...Array.from({ length: 4 }, () => tenth)), {
    minLength: 1,
    maxLength: 6,
  })
  const shaped = (rows: readonly (readonly number[])[]): SmallNet => ({
    w: rows.map(([x = 0, y = 0]) => [x, y] as const),
    b: rows.map(([, , b = 0]) => b),
    v: rows.map(([, , , v = 0]) => v),
    c: 0.3,
  })
  it.each(['relu', 'none'] as const)("has the gradients of the course's own differentiation (%s)", activation => {
    fc.assert(
      fc.property(net, rows => {
        const small = shaped(rows)
        // A few of each kind: the graph grows with every point.
        const points = pointsFor([1, -1]).filter((_, i) => i % 6 === 0)
        const given = [small.w.flat(), small.b, small.v, [small.c]].map(values => Float32Array.from(values))
        const units = rows.length
        const [w, b, v, c] = [[units, 2], [units], [units], []].map((shape, i) => parameter(given[i]!, shape))
        const total = points.reduce((sum, { weight }) => sum + weight, 0)
        const losses = points.map(({ x, y, label, weight }) => {
          const z = add(sum(mul(w!, parameter(Float32Array.of(x, y), [2])), { axes: [1] }), b!)
          const a = add(sum(mul(activation === 'relu' ? relu(z) : z, v!)), c!)
          // log(1 + e^a) - label a
          return mul(sub(softplus(a), mul(a, label)), weight / total)
        })
        const loss = losses.reduce((left, right) => add(left, right))
        const expected = evaluate(differentiate(loss, [w!, b!, v!, c!])).map(values => Array.from(values))
        const found = gradientOf(small, activation, points)
        const pairs = [found.w.flat(), found.b, found.v, [found.c]].map((values, i) => [values, expected[i]!] as const)
        for (const [actual, wanted] of pairs)
          actual.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 4))
      }),
      { numRuns: 5 },
    )
  })
  it('is straight without an activation, whatever the numbers', () => {
    fc.assert(
      fc.property(net, rows => {
        const at = (x: number, y: number) => logitOf(shaped(rows), 'none', x, y)
        expect(at(0.5, -0.25)).toBeCloseTo((at(1, 0.5) + at(0, -1)) / 2, 6)
      }),
    )
  })
  it('closes around the points inside with four units, and cannot without an activation', () => {
    expect(saidOfBoundary(BOUNDARY_START)).toContain('61 of 61 points')
    const right = (units: number) => {
      const said = saidOfBoundary({ ...BOUNDARY_START, units, activation: 'none' })
      return Number(/(\d+) of 61/.exec(said)?.[1])
    }
    for (const units of [1, 4, 8]) expect(right(units)).toBeLessThan(50)
    expect(drawBoundary(BOUNDARY_START, 608)).not.toMatch(/NaN|Infinity/)
    expect(drawBoundary(BOUNDARY_START, 608).length).toBeLessThan(25_000)
  })
})

describe('a window on a grid', () => {
  it('sums nine products at every place, as the conv2d of the course does', () => {
    for (const name of KERNEL_NAMES) {
      const [picture, kernel] = [
        parameter(Float32Array.from(SEVEN), [1, 1, 14, 14]), parameter(Float32Array.from(KERNELS[name]), [1, 1, 3, 3]),
      ]
      const [expected] = evaluate([conv2d(picture, kernel)])
      slide(SEVEN, KERNELS[name]).forEach((value, i) => expect(value).toBeCloseTo(Number(expected![i]), 5))
    }
  })
  it('moves what comes out by a pixel where the picture moves by one', () => {
    const moved14 = SEVEN.map((_, at) => (at % 14 === 0 ? 0 : (SEVEN[at - 1] ?? 0)))
    const [before, after] = [slide(SEVEN, KERNELS.spots), slide(moved14, KERNELS.spots)]
    for (let row = 0; row < 12; row++)
      for (let column = 1; column < 12; column++)
        expect(after[row * 12 + column]).toBeCloseTo(before[row * 12 + column - 1]!, 9)
  })
  it('is drawn within its budget', () => expect(drawWindow(WINDOW_START).length).toBeLessThan(25_000))
})

describe('values through layers', () => {
  const ends = (state: Partial<DepthState>) =>
    layersOf({ ...DEPTH_START, ...state }).map(({ deviation }) => deviation)
  it("keep their size with He's weights and ReLU, fade below, burst above, and never with batch normalisation", () => {
    // He et al. 2015: the variance of each layer is that of the one before times scale².
    expect(ends({ scale: 1 }).at(-1)).toBeGreaterThan(0.25)
    expect(ends({ scale: 1 }).at(-1)).toBeLessThan(2)
    expect(ends({ scale: 0.5 }).at(-1)! / ends({ scale: 1 }).at(-1)!).toBeCloseTo(0.5 ** 10, 6)
    expect(ends({ scale: 2 }).at(-1)! / ends({ scale: 1 }).at(-1)!).toBeCloseTo(2 ** 10, 1)
    for (const scale of [0.5, 2])
      // The deviation of max(0, z) of a normal z: sqrt(1/2 - 1/(2 pi)).
      expect(ends({ scale, norm: true }).at(-1)).toBeCloseTo(Math.sqrt(0.5 - 1 / (2 * Math.PI)), 1)
  })
  it('are counted in bars that sum to one, the outermost with what lies outside', () => {
    expect(binned([-9, 0.1, 0.2, 9, NaN], [-1, 1], 2)).toEqual([0.25, 0.75])
    expect(drawDepth(DEPTH_START, 608)).not.toMatch(/NaN|Infinity/)
  })
})

describe('byte pairs', () => {
  it("merge as in Sennrich's example", () => {
    const text = [...Array<string>(5).fill('low'), 'lower', 'lower', ...Array<string>(6).fill('newest'),
      ...Array<string>(3).fill('widest')].join(' ')
    const pairs = mergesOf(text, 3).merges.map(({ left, right, count }) => `${left}+${right} ${count}`)
    // e s: 6 newest and 3 widest; then es t.
    expect(pairs.slice(0, 2)).toEqual(['e+s 9', 'es+t 9'])
  })
  it('lose no character, and never join over a space', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 0, max: 20 }), (text, most) => {
        const { tokens } = mergesOf(text, most)
        expect(tokens.join('')).toBe(text)
        for (const token of tokens) expect(token).toMatch(/^( ?[^ ]*| +)$/u)
      }),
    )
  })
  it('are those that the encoder of the later days makes of the same merges', () => {
    const letters = fc.stringMatching(/^[a-d ]{1,80}$/)
    fc.assert(
      fc.property(fc.oneof(letters, fc.constant(MERGES_START.text)), fc.integer({ min: 0, max: 20 }), (text, most) => {
        const { merges, tokens } = mergesOf(text, most)
        const pieces = [...new Set([...Array.from(text), ...merges.map(({ left, right }) => left + right)])]
        const encoder = tokenizerFromJson({
          version: '1.0',
          model: {
            type: 'BPE',
            vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
            merges: merges.map(({ left, right }) => [left, right]),
          },
          pre_tokenizer: { type: 'Split', pattern: { Regex: ' ?[^ ]+| +' }, behavior: 'Isolated' },
        })
        expect(Array.from(encoder.encode(text).ids, id => pieces[id])).toEqual(tokens)
      }),
    )
  })
  it('are drawn as text, whatever is written', () => {
    expect(drawMerges({ text: '<b>&amp;', step: 0 })).not.toContain('<b>')
    expect(saidOfMerges(MERGES_START)).toMatch(/^Merge 8: .* tokens for 50 characters\.$/)
  })
})

describe('a digit under weights', () => {
  const file = new URL('../packages/site/src/explain/linear-digits.json', import.meta.url)
  const recorded = linearDigitsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const model = readLinearDigits(recorded)
  const answer = (digit: ArrayLike<number>) => {
    const scores = scoresOf(model, digit)
    return scores.indexOf(Math.max(...scores))
  }
  it('moves by whole pixels, and loses what leaves the picture', () => {
    const dot = new Uint8Array(784)
    dot[3 * 28 + 4] = 200
    expect(moved(dot, 2, -1)[2 * 28 + 6]).toBe(200)
    expect(moved(dot, -5, 0).every(grey => grey === 0)).toBe(true)
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 784, maxLength: 784 }),
        fc.integer({ min: -8, max: 8 }),
        fc.integer({ min: -8, max: 8 }),
        (digit, right, down) => {
          const out = moved(digit, right, down)
          for (const at of [0, 27, 400, 783]) {
            const [x, y] = [(at % 28) - right, Math.floor(at / 28) - down]
            expect(out[at]).toBe(x < 0 || x > 27 || y < 0 || y > 27 ? 0 : digit[y * 28 + x])
          }
        },
      ),
    )
  })
  it('is read where it was written by most of the ten, and not eight pixels further', () => {
    const right = (shift: number) => model.digits.filter((digit, k) => answer(moved(digit, shift, 0)) === k).length
    expect(right(0)).toBeGreaterThanOrEqual(8)
    expect(right(8)).toBeLessThanOrEqual(3)
  })
  it('errs with the shift as the guess of the memo says', () => {
    const errorAt = (shift: number) => recorded.errors[recorded.shifts.indexOf(shift)] ?? NaN
    expect(errorAt(0)).toBeLessThan(0.1)
    expect(1 - errorAt(4)).toBeGreaterThan(0.2)
    expect(1 - errorAt(4)).toBeLessThan(0.3)
  })
})

describe('a region of the source', () => {
  const text = 'a\n  // #region one\n  b\n    c\n  // #endregion\nd'
  it('is cut out, moved left, with the number of its first line', () => {
    expect(regionOf('x.ts', text, 'one')).toEqual({ lines: ['b', '  c'], first: 3 })
  })
  it('that is gone, or has no end, is named with those that there are', () => {
    expect(() => regionOf('x.ts', text, 'two')).toThrow("'x.ts' has no region 'two' with an end. Its regions: one.")
    expect(() => regionOf('x.ts', '// #region open\n', 'open')).toThrow('no region')
  })
})
