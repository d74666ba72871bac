// The charts of studies: planes of dots, bars, parallel coordinates; from known numbers to known places.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floatRange, intRange, oneOf, searchSpace, when, type Direction, type Trial } from '@ddlf/lab'
import type { FiguredStudy, ShownFigure } from '@ddlf/lab/study-figures'
import { barChart, type BarChart } from '../packages/site/src/charts/bar-chart.ts'
import {
  axisOfValues, planeChart, planeFrame, type PlaneAxis, type PlaneChart,
} from '../packages/site/src/charts/plane-chart.ts'
import { DIM, parallelChart, parallelFrame, placeOnAxis } from '../packages/site/src/charts/study/parallel-chart.ts'
import { studyChart } from '../packages/site/src/charts/study/study-charts.ts'
import { sizeOf, textsOf, textsOutside, textsTouching } from './chart-texts.ts'

const NOT_NUMBERS = /NaN|Infinity|undefined/
const numbersOf = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, ...found]) => found.map(Number))
const dotsOf = (svg: string) => numbersOf(svg, /<circle class="[^"]*" cx="(-?[\d.]+)" cy="(-?[\d.]+)"/g)
const WIDTHS = fc.constantFrom(300, 390, 600, 900)
const HOSTILE = '<script>alert("1")</script>&'
const AXIS = { title: 'rate', from: 0, to: 10, log: false } as const
const plane = (given: Partial<PlaneChart> = {}): PlaneChart =>
  ({ x: AXIS, y: { ...AXIS, title: 'loss', to: 1 }, dots: [], description: 'made', ...given })

describe('a plane of dots', () => {
  it('places numbers evenly, powers evenly where it is logarithmic, and choices in the middle of their share', () => {
    const log = { title: 'rate', from: 0.01, to: 100, log: true }
    const { x, left, right } = planeFrame(plane({ x: log }), 600)
    expect([0.01, 1, 100].map(x)).toEqual([left, (left + right) / 2, right])
    const { y, top, bottom } = planeFrame(plane({ y: { title: 'kind', choices: ['a', 'b'] } }), 600)
    expect(['a', 'b'].map(y)).toEqual([bottom - (bottom - top) / 4, bottom - (3 * (bottom - top)) / 4])
    const svg = planeChart(plane({
      dots: [{ x: 0, y: 0, colour: 0, said: '' }, { x: 10, y: 1, colour: 1, isRing: true, said: '' }],
    }), 600)
    const frame = planeFrame(plane(), 600)
    expect(dotsOf(svg)).toEqual([[frame.left, frame.bottom], [frame.right, frame.top]])
    expect(svg.match(/<circle class="[^"]*"/g)).toEqual(['<circle class="dot series-1"', '<circle class="ring series-2"'])
  })

  it('draws a line straight, or as steps that hold until the next value or since the one before', () => {
    const points = [[0, 0], [5, 1], [10, 0.5]] as const
    const { left, right, top, bottom } = planeFrame(plane(), 600)
    const [middle, half] = [(left + right) / 2, (top + bottom) / 2]
    const pathOf = (step?: 'after' | 'before') => {
      const svg = planeChart(plane({ lines: [{ points, colour: 0, ...(step && { step }) }] }), 600)
      return /class="curve series-1" d="([^"]*)"/.exec(svg)?.[1]
    }
    expect(pathOf()).toBe(`M${left} ${bottom}L${middle} ${top}L${right} ${half}`)
    expect(pathOf('after')).toBe(`M${left} ${bottom}H${middle}V${top}H${right}V${half}`)
    expect(pathOf('before')).toBe(`M${left} ${bottom}V${top}H${middle}V${half}H${right}`)
  })

  it('shades its cells from the bottom up', () => {
    const svg = planeChart(plane({ cells: [[0, 0.25], [0.5, 1]] }), 600)
    const { left, right, top, bottom } = planeFrame(plane(), 600)
    const [middle, half] = [(left + right) / 2, (top + bottom) / 2].map(Math.round)
    expect(numbersOf(svg, /<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="[\d.]+" opacity="([\d.]+)"/g)).toEqual(
      [[left, half, 0], [middle, half, 0.25], [left, top, 0.5], [middle, top, 1]],
    )
  })

  it('leaves out what has no place: values that are not finite, below zero on a logarithm, and unknown choices', () => {
    const log = { title: 'rate', from: 0.01, to: 100, log: true }
    const bad = [NaN, Infinity, -Infinity, 0, -1].map(x => ({ x, y: 0.5, colour: 0, said: '' }))
    const one = { x: 1, y: 0.5, colour: 0, said: '' }
    const points = [0.1, 1, NaN, 10, 100].map(x => [x, 0.5] as const)
    const svg = planeChart(plane({ x: log, dots: [...bad, one], lines: [{ points, colour: 0 }] }), 600)
    expect(svg).not.toMatch(NOT_NUMBERS)
    expect(dotsOf(svg)).toHaveLength(1)
    // A gap in the line, not a bridge over it.
    expect(/class="curve[^"]*" d="([^"]*)"/.exec(svg)?.[1]?.match(/[ML]/g)).toEqual(['M', 'L', 'M', 'L'])
    const unknown = planeChart(
      plane({ x: { title: 'kind', choices: ['a', 'b'] }, dots: ['a', 'c'].map(x => ({ ...one, x })) }), 600,
    )
    expect(dotsOf(unknown)).toHaveLength(1)
  })

  it('has an axis for nothing, for one value, and for values of which some are not finite', () => {
    expect(axisOfValues('loss', [])).toEqual({ title: 'loss', from: 0, to: 1, log: false })
    expect(axisOfValues('loss', [NaN, Infinity])).toEqual({ title: 'loss', from: 0, to: 1, log: false })
    const one = axisOfValues('loss', [5]) as Extract<PlaneAxis, { from: number }>
    expect(one.from).toBeLessThan(5)
    expect(one.to).toBeGreaterThan(5)
    expect(axisOfValues('loss', [1, 2, NaN, Infinity])).toEqual(axisOfValues('loss', [1, 2]))
    expect(axisOfValues('loss', [1, 31])).toMatchObject({ log: true })
    expect(axisOfValues('loss', [-1, 31])).toMatchObject({ log: false })
    // Zero is not far: lengths can be compared.
    expect(axisOfValues('loss', [1, 10])).toMatchObject({ from: 0 })
    // So small that room below would be zero.
    const tiny = axisOfValues('loss', [1e-320, 1])
    const point = { ...AXIS, from: 3, to: 3 }
    for (const axis of [point, axisOfValues('loss', [0]), axisOfValues('loss', []), tiny]) {
      const svg = planeChart(plane({ x: axis, y: axis }), 390)
      expect(svg).not.toMatch(NOT_NUMBERS)
      expect(svg).not.toContain('not a number')
    }
  })

  it('keeps every word inside and apart, whatever the axes and keys', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9<&" ._-]{1,40}$/)
    const axis = fc.oneof(
      fc.record({ title: word, choices: fc.uniqueArray(word, { minLength: 1, maxLength: 9 }) }),
      fc.tuple(word, fc.array(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), { maxLength: 5 })).map(
        ([title, values]) => axisOfValues(title, values),
      ),
      fc.tuple(word, fc.double({ min: -1e6, max: 1e6, noNaN: true })).map(
        ([title, value]) => axisOfValues(title, [value]),
      ),
    )
    const keys = fc.array(
      fc.record({
        name: word, mark: fc.constantFrom('dot' as const, 'ring' as const, 'line' as const), colour: fc.constant(0),
      }),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(axis, axis, keys, WIDTHS, (x, y, keysOfIt, width) => {
        const svg = planeChart(plane({ x, y, keys: keysOfIt }), width)
        expect(svg).not.toMatch(/NaN|Infinity|undefined/)
        expect(textsOutside(svg)).toEqual([])
        expect(textsTouching(svg)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('writes names as text', () => {
    const svg = planeChart(
      plane({
        x: { title: HOSTILE, choices: [HOSTILE] }, y: { ...AXIS, title: HOSTILE },
        keys: [{ name: HOSTILE, mark: 'dot', colour: 0 }], description: HOSTILE,
      }),
      900,
    )
    expect(svg).not.toContain('<script')
    expect(svg).toContain('aria-label="&lt;script&gt;')
    expect(svg.match(/&lt;script/g)).toHaveLength(5)
  })
})

const bars = (given: Partial<BarChart> = {}): BarChart => ({
  title: 'share', series: ['PED-ANOVA'], rows: [], text: value => `${(100 * value).toFixed(1)} %`,
  description: 'made', ...given,
})
const lengthsOf = (svg: string) =>
  numbersOf(svg, /<rect class="bar series-\d" x="[\d.]+" y="[\d.]+" width="(-?[\d.]+)" height="11"\/><text/g).flat()

describe('bars', () => {
  it('begin at one line and are as long as their values', () => {
    const rows = [{ name: 'rate', values: [0.8] }, { name: 'width', values: [0.2] }, { name: 'seed', values: [0] }]
    const svg = barChart(bars({ rows }), 600)
    const [most = 0, quarter = 0, none] = lengthsOf(svg)
    expect(most / quarter).toBeCloseTo(4, 1)
    // What is zero is still seen to be a bar.
    expect(none).toBe(1)
    expect(new Set([...svg.matchAll(/<rect class="bar[^"]*" x="(\d+)"/g)].map(([, x]) => x)).size).toBe(1)
    expect(textsOf(svg).map(({ text }) => text)).toEqual(
      ['share', 'rate', '80.0 %', 'width', '20.0 %', 'seed', '0.0 %'],
    )
  })

  it('stand below one another, one for each series of a row, with a key above', () => {
    const rows = [{ name: 'rate', values: [0.8, 0.6] }, { name: 'width', values: [0.2, 0.4] }]
    const svg = barChart(bars({ series: ['PED-ANOVA', 'fANOVA'], rows }), 600)
    const series = [...svg.matchAll(/<rect class="bar series-(\d)"/g)].map(([, which]) => which)
    // The key, then the bars.
    expect(series).toEqual(['1', '2', '1', '2', '1', '2'])
    const ys = [...svg.matchAll(/class="value"[^>]*y="([\d.]+)"/g)].map(([, y]) => Number(y))
    expect(ys.toSorted((a, b) => a - b)).toEqual(ys)
    expect(new Set(ys).size).toBe(4)
    expect(textsOf(svg).map(({ text }) => text)).toEqual(expect.arrayContaining(['PED-ANOVA', 'fANOVA']))
    expect(Math.max(...ys)).toBeLessThan(sizeOf(svg).height)
  })

  it('has no bar for a value that is not finite, and says so; the others keep their lengths', () => {
    const values = { a: 0.8, b: 0.4, c: NaN, d: Infinity, e: -1 }
    const all = Object.entries(values).map(([name, value]) => ({ name, values: [value] }))
    const svg = barChart(bars({ rows: all }), 600)
    expect(svg).not.toMatch(NOT_NUMBERS)
    expect(textsOf(svg).filter(({ text }) => text === 'not finite')).toHaveLength(2)
    const [most = 0, half = 0, ...more] = lengthsOf(svg)
    expect(most / half).toBeCloseTo(2, 1)
    // Below zero: no length, but its number.
    expect(more).toEqual([1])
    expect(textsOf(svg).map(({ text }) => text)).toContain('-100.0 %')
  })

  it('is drawn of nothing', () => {
    for (const given of [{}, { series: [] }, { series: [], rows: [{ name: 'a', values: [] }] }]) {
      const svg = barChart(bars(given), 390)
      expect(svg).not.toMatch(NOT_NUMBERS)
      expect(svg).not.toMatch(/<rect/)
      expect(textsOutside(svg)).toEqual([])
    }
  })

  it('keeps every word inside and apart, whatever the names', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9<&" ._-]{1,60}$/)
    const made = fc.integer({ min: 1, max: 5 }).chain(count => fc.record({
      title: word,
      series: fc.array(word, { minLength: count, maxLength: count }),
      rows: fc.array(
        fc.record({
          name: word,
          values: fc.array(fc.double({ min: -1, max: 1e3 }), { minLength: count, maxLength: count }),
        }),
        { maxLength: 6 },
      ),
    }))
    fc.assert(
      fc.property(made, WIDTHS, (given, width) => {
        const svg = barChart(bars(given), width)
        expect(svg).not.toMatch(/NaN|Infinity/)
        expect(textsOutside(svg)).toEqual([])
        expect(textsTouching(svg)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('writes names as text', () => {
    const named = { name: HOSTILE, values: [1, 1] }
    const svg = barChart(
      bars({ title: HOSTILE, series: [HOSTILE, 'b'], rows: [named], text: () => HOSTILE, description: HOSTILE }), 1600,
    )
    expect(svg).not.toContain('<script')
    expect(svg.match(/&lt;script/g)).toHaveLength(6)
  })
})

const space = searchSpace({
  rate: floatRange(0.01, 1, { log: true }),
  width: intRange(0, 100),
  optimizer: oneOf(['sgd', 'adam']),
  momentum: when(floatRange(0, 1), 'optimizer', ['sgd']),
})
const trial = (number: number, given: Partial<Trial> = {}): Trial => ({
  number, state: 'complete', params: { rate: 0.1, width: 50, optimizer: 'adam' }, distributions: {}, values: [1],
  intermediateValues: new Map(), userAttributes: {}, systemAttributes: {}, startedAt: null, completedAt: null, ...given,
})
const study = (trials: readonly Trial[], given: Partial<FiguredStudy> = {}): FiguredStudy =>
  ({ name: 'made', directions: ['minimize'], objectives: ['loss'], space, trials, ...given })
const params = (rate: number, width: number, optimizer: string, more = {}) => ({ rate, width, optimizer, ...more })
/** The least rate and width with the worst loss, the greatest with the best, and SGD in between. */
const three = [
  trial(0, { params: params(0.01, 0, 'adam'), values: [3] }),
  trial(1, { params: params(1, 100, 'adam'), values: [1] }),
  trial(2, { params: params(0.1, 50, 'sgd', { momentum: 0.5 }), values: [2] }),
]
const pathsOf = (svg: string) => [...svg.matchAll(/<path class="curve ([^"]*)"[^>]*? d="([^"]*)"/g)].map(
  ([, name = '', d = '']) => ({ name, places: [...d.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [x, y].map(Number)) }),
)

describe('parallel coordinates', () => {
  const axes = ['rate', 'width', 'optimizer', 'momentum', 'loss']
  it.each([900, 390])('take each trial through its shares, the best last and by its own colour: %i pixels', width => {
    const { at, isStacked } = parallelFrame(axes, width)
    expect(isStacked).toBe(width === 390)
    const svg = parallelChart(study(three), {}, width)
    const place = (axis: string, share: number) => at(axis, share).map(one => Math.round(10 * one) / 10)
    const lines = pathsOf(svg).filter(({ places }) => places.length > 1)
    // Of a trial without momentum the line stops there, and is dotted up to the loss; 1 of the loss is the best.
    const drawn = (name: string) => lines.filter(line => line.name === name).map(({ places }) => places)
    expect(drawn('series-2 wide')).toEqual([
      [...(['rate', 'width'] as const).map(axis => place(axis, 1)), place('optimizer', 0.75), place('loss', 1)],
    ])
    expect(drawn('gap series-2 wide')).toEqual([[place('optimizer', 0.75), place('loss', 1)]])
    expect(drawn('series-1')).toEqual([
      [place('rate', 0), place('width', 0), place('optimizer', 0.75), place('loss', 0)],
      [...(['rate', 'width'] as const).map(axis => place(axis, 0.5)), place('optimizer', 0.25), place('momentum', 0.5),
        place('loss', 0.5)],
    ])
    expect(svg.lastIndexOf('series-2')).toBeGreaterThan(svg.lastIndexOf('series-1'))
  })

  it('dim what is not brushed, and mark what is', () => {
    const svg = parallelChart(study(three), { width: [0.4, 1] }, 900)
    expect(svg.match(new RegExp(`stroke-opacity="${DIM}"`, 'g'))).toHaveLength(2)
    const { at } = parallelFrame(axes, 900)
    const [[x, low], [, high]] = [at('width', 0.4), at('width', 1)]
    expect(numbersOf(svg, /class="brush" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)).toEqual(
      [[x - 6, high, 12, Math.round(10 * (low - high)) / 10]],
    )
    // An axis that the study has not is no brush.
    expect(parallelChart(study(three), { other: [0, 1] }, 900)).not.toContain('class="brush"')
  })

  it.each([900, 390])('find an axis and a share again from their place: %i pixels', width => {
    const frame = parallelFrame(axes, width)
    for (const axis of axes)
      for (const share of [0, 0.3, 1]) {
        const found = placeOnAxis(frame, frame.at(axis, share))
        expect(found.axis).toBe(axis)
        expect(found.share).toBeCloseTo(share, 10)
      }
    expect(placeOnAxis(frame, [-50, 9999]).share).toBeGreaterThanOrEqual(0)
  })

  it('are drawn of one trial, and of trials whose loss is not finite', () => {
    const bad = [NaN, Infinity].map((value, i) => trial(3 + i, { values: [value] }))
    for (const trials of [three.slice(0, 1), [...three, ...bad]])
      for (const width of [390, 900]) {
        const svg = parallelChart(study(trials), {}, width)
        expect(svg).not.toMatch(NOT_NUMBERS)
        expect(textsOutside(svg)).toEqual([])
      }
    expect(() => parallelChart(study([]), {}, 900)).toThrow(/needs a complete trial/)
  })

  it('keep every word inside and apart, whatever the names', () => {
    const name = fc.stringMatching(/^[a-zA-Z<&"][a-zA-Z0-9_.<&"]{0,40}$/)
    const choice = fc.stringMatching(/^[a-z0-9<&",.]{1,30}$/)
    const one = fc.oneof(
      fc.constant(floatRange(1e-7, 1e5, { log: true })),
      fc.constant(intRange(1, 4)),
      fc.uniqueArray(choice, { minLength: 2, maxLength: 8 }).map(choices => oneOf(choices)),
    )
    fc.assert(
      fc.property(fc.dictionary(name, one, { minKeys: 1, maxKeys: 9 }), name, WIDTHS, (given, objective, width) => {
        fc.pre(!(objective in given))
        const svg = parallelChart(
          study([trial(0, { params: {} })], { space: searchSpace(given), objectives: [objective] }), {}, width,
        )
        expect(textsOutside(svg)).toEqual([])
        expect(textsTouching(svg)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('write names as text', () => {
    const svg = parallelChart(
      study([trial(0, { params: {} })], { space: searchSpace({ [HOSTILE]: oneOf([HOSTILE, 'b']) }) }), {}, 1600,
    )
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&lt;script')
  })
})

/** A plane chart of a study. */
function planeOf(given: FiguredStudy, shown: Exclude<ShownFigure, { kind: 'parallel' | 'importance' }>): PlaneChart {
  const { chart } = studyChart(given, shown)
  if (!('dots' in chart)) throw new Error('These are bars.')
  return chart
}

describe('a study', () => {
  const pruned = trial(3, { state: 'pruned', values: [50], params: params(0.02, 10, 'adam') })
  const failed = trial(4, { state: 'failed', values: undefined })
  const strange = [trial(5, { values: [NaN] }), trial(6, { values: [Infinity] })]
  const whole = study([...three, pruned, failed, ...strange])

  it('by its history: a dot a trial, those far behind at the edge, the best so far in steps', () => {
    const { dots, lines, y, description } = planeOf(whole, { kind: 'history', objective: 0 })
    expect(dots.map(({ x, isRing }) => [x, isRing])).toEqual([[0, false], [1, false], [2, false], [3, true]])
    expect(dots.slice(0, 3).map(dot => dot.y)).toEqual([3, 1, 2])
    // A twelfth of the range beyond the worst complete trial.
    expect(dots[3]?.y).toBeCloseTo(3.16, 10)
    expect(dots[3]?.said).toBe('trial 3: 50, stopped early')
    expect(y).toMatchObject({ log: false, from: 0 })
    expect(lines).toEqual([
      { points: [[0, 3], [1, 1], [2, 1]], step: 'after', colour: 1, isWide: true },
    ])
    expect(description).toContain('4 trials by number; the best complete one has 1.')
    const { numbers } = studyChart(whole, { kind: 'history', objective: 0 })
    expect(numbers.rows.at(-1)).toEqual(['3', '50', 'pruned'])
    expect(() => studyChart(study([failed]), { kind: 'history', objective: 0 })).toThrow(/needs a complete trial/)
  })

  it('by a slice: over the whole range of a parameter, later trials deeper, without those that have it not', () => {
    const { x, dots } = planeOf(whole, { kind: 'slice', parameter: 'rate' })
    expect(x).toEqual({ title: 'rate', from: 0.01, to: 1, log: true })
    expect(dots.map(dot => dot.strength)).toEqual([0.35, ...[1, 2, 3].map(number => 0.35 + (0.65 * number) / 3)])
    expect(planeOf(whole, { kind: 'slice', parameter: 'momentum' }).dots.map(({ said }) => said)).toEqual(
      ['trial 2: momentum 0.5, 2'],
    )
    expect(planeOf(whole, { kind: 'slice', parameter: 'optimizer' }).x).toEqual(
      { title: 'optimizer', choices: ['sgd', 'adam'] },
    )
    expect(() => studyChart(whole, { kind: 'slice', parameter: 'depth' })).toThrow(/no such parameter/)
  })

  it.each<[Direction, 'after' | 'before']>([['minimize', 'after'], ['maximize', 'before']])(
    'by its front, in the steps of what it beats: %s', (second, step) => {
      const values = [[1, 3], [2, 2], [3, 1], [3, 3], [2.5, 1.5]] as const
      const sign = second === 'minimize' ? 1 : -1
      const trials = values.map(([a, b], number) => trial(number, { values: [a, sign * b] }))
      const two = { directions: ['minimize', second], objectives: ['loss', 'size'] } as const
      const { dots, lines } = planeOf(study(trials, two), { kind: 'front' })
      expect(lines).toEqual([
        { points: [[1, 3], [2, 2], [2.5, 1.5], [3, 1]].map(([a, b]) => [a, sign * b!]), colour: 1, step },
      ])
      expect(dots.filter(({ isRing }) => isRing)).toEqual([
        { x: 3, y: sign * 3, colour: 0, isRing: true, said: `trial 3: loss 3, size ${sign * 3}` },
      ])
      // What did not come to a number stretches no axis and is no dot.
      const bad = [[NaN, 1], [Infinity, 0], [0, NaN]].map((both, i) => trial(9 + i, { values: both }))
      const drawn = planeOf(study([...trials, ...bad], two), { kind: 'front' })
      expect(drawn.x).toEqual(planeOf(study(trials, two), { kind: 'front' }).x)
      expect(drawn.dots).toHaveLength(5)
      expect(planeChart(drawn, 600)).not.toMatch(NOT_NUMBERS)
    },
  )

  it('by what trials reported: the best and those that run stand out, a dot ends what was stopped', () => {
    const reported = (number: number, state: Trial['state'], last: number, values: readonly number[]) =>
      trial(number, {
        state, ...(state === 'running' ? { values: undefined } : { values: [last] }),
        intermediateValues: new Map(values.map((value, i) => [i + 1, value])),
      })
    const given = study([
      reported(0, 'complete', 1, [3, 2, 1]), reported(1, 'complete', 2, [4, NaN, 2]), reported(2, 'pruned', 9, [9]),
      reported(3, 'running', NaN, [5, 4]),
    ])
    const { lines = [], dots, x, keys } = planeOf(given, { kind: 'intermediate' })
    expect(x).toMatchObject({ from: 1, to: 3 })
    expect(lines.map(({ colour, points }) => [colour, points])).toEqual([
      ['grey', [[1, 4], [3, 2]]], ['grey', [[1, 9]]], [1, [[1, 3], [2, 2], [3, 1]]], [2, [[1, 5], [2, 4]]],
    ])
    expect(dots).toEqual([{ x: 1, y: 9, colour: 'grey', said: 'trial 2: 9 at step 1, stopped early' }])
    expect(keys?.map(({ name }) => name)).toEqual(['trial 0, the best', 'running', 'others', 'stopped early'])
    // Nothing but values that are no numbers: an empty plane, no infinite one.
    const nothing = planeOf(study([reported(0, 'complete', 1, [NaN, NaN])]), { kind: 'intermediate' })
    expect(planeChart(nothing, 600)).not.toMatch(NOT_NUMBERS)
    expect(planeChart(nothing, 600)).not.toContain('not a number')
  })

  it('by its importance: a bar for each method, zero where one has none', () => {
    const methods = { 'PED-ANOVA': { rate: 0.75, width: 0.25 }, fANOVA: { rate: 0.5 }, none: {} }
    const { chart, numbers } = studyChart(whole, { kind: 'importance', objective: 0, methods })
    expect(chart).toMatchObject({
      title: 'share of the importance for loss', series: ['PED-ANOVA', 'fANOVA'],
      rows: [{ name: 'rate', values: [0.75, 0.5] }, { name: 'width', values: [0.25, 0] }],
      description: 'Importance of the parameters by PED-ANOVA: rate 75.0 %, width 25.0 %.',
    })
    expect(numbers.rows).toEqual([['rate', '75.0 %', '50.0 %'], ['width', '25.0 %', '0.0 %']])
  })

  it('by two parameters: shaded only where enough trials have both, the best in its own colour', () => {
    const few = planeOf(whole, { kind: 'contour', x: 'rate', y: 'width' })
    expect(few.cells).toBeUndefined()
    expect(few.dots.map(({ x, y, colour }) => [x, y, colour])).toEqual(
      [[0.01, 0, 'ink'], [1, 100, 1], [0.1, 50, 'ink']],
    )
    const grid = [0, 50, 100].flatMap(width => [0.01, 0.1, 1].map(rate => ({ width, rate })))
    const many = grid.map(({ width, rate }, number) =>
      trial(number, { params: params(rate, width, 'adam'), values: [width + rate] }))
    const { cells = [] } = planeOf(study(many), { kind: 'contour', x: 'rate', y: 'width' })
    // The loss grows with the width: deepest at the bottom row.
    expect(cells).toHaveLength(24)
    expect(cells[0]?.[12]).toBeGreaterThan(cells[12]?.[12] ?? 1)
    expect(cells[12]?.[12]).toBeGreaterThan(cells[23]?.[12] ?? 1)
    expect(cells.flat().every(share => share >= 0 && share <= 1)).toBe(true)
  })
})
