// The one hand for every line chart, and the colours of the pages: contrast, and how far series stay apart in every
// sight.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Metric } from '@ddlf/lab'
import { SERIES_COLOURS } from '../packages/lab/src/plots/palette.ts'
import { isLogarithmicChart, type Chart, type ChartSeries } from '../packages/site/src/charts/chart.ts'
import { chartData } from '../packages/site/src/charts/chart-data.ts'
import { placeMarks } from '../packages/site/src/charts/chart-marks.ts'
import { fitting } from '../packages/site/src/charts/fitting.ts'
import { layOut, lineChart, spreadLabels } from '../packages/site/src/charts/line-chart.ts'
import { distanceTo, lineNear } from '../packages/site/src/charts/line-near.ts'
import { logarithmicTexts, numberMarkup, numberText, roundTicks } from '../packages/site/src/charts/ticks.ts'
import { textWidth } from '../packages/site/src/charts/text-width.ts'
import { besideOf } from '../packages/site/src/islands/lab/beside.ts'
import { textsOutside } from './chart-texts.ts'

const line = (ys: readonly number[], given: Partial<ChartSeries> = {}): ChartSeries => ({
  name: 'one',
  colour: 0,
  points: ys.map((y, i) => [i + 1, y] as const),
  ...given,
})
const chart = (series: readonly ChartSeries[], given: Partial<Chart> = {}): Chart => ({
  series,
  yTitle: 'test error',
  yUnit: '%',
  xTitle: 'epoch',
  ...given,
})

describe('the line that a pointer means', () => {
  it('is the one it is next to, measured from its stretches', () => {
    expect(distanceTo([5, 3], [0, 0], [10, 0])).toBe(3)
    expect(distanceTo([13, 4], [0, 0], [10, 0])).toBe(5)
    expect(distanceTo([3, 4], [0, 0], [0, 0])).toBe(5)
    const two = chart([line([10, 20, 30, 40, 50]), line([50, NaN, 40, 30, 20])])
    const { frame } = layOut(two, 700)
    // Between two points of the first, a little above it.
    const at = lineNear(two, 700, [frame.x(1.5), frame.y(15) - 3])
    expect(at.index).toBe(0)
    expect(at.away).toBeGreaterThan(2)
    expect(at.away).toBeLessThanOrEqual(3)
    // A gap is no stretch: from there it is as far as to the next point.
    const gap = lineNear(chart([line([50, NaN, 40, 30, 20])]), 700, [frame.x(2), frame.y(45)])
    expect(gap.away).toBeGreaterThan(frame.x(3) - frame.x(2) - 1)
  })

  it('has a name that leads there, too, where it leads anywhere', () => {
    const one = line([4, 3, 2, 1], { href: '#run=a/b' })
    for (const width of [350, 700]) {
      expect(lineChart(chart([line([1, 2, 3, 4]), one]), width).match(/data-line="\d"/g)).toEqual(['data-line="1"'])
      expect(lineChart(chart([line([1, 2, 3, 4])]), width)).not.toContain('data-line')
    }
  })
})

describe('a name that is cut', () => {
  it('fills its room with whole letters, however long it is', () => {
    const letter = fc.constantFrom('a', 'i', 'W', ' ', '😀', 'e\u0301')
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 90 }), fc.integer({ min: 0, max: 400 }), (letters, room) => {
        const name = letters.join('')
        const cut = fitting(name, room)
        if (cut === name) return
        const kept = Array.from(cut).slice(0, -1)
        expect([...kept, '…']).toEqual([...Array.from(name).slice(0, kept.length), '…'])
        expect(textWidth(name)).toBeGreaterThan(room)
        if (kept.length > 0) expect(textWidth(cut)).toBeLessThanOrEqual(room)
        const more = Array.from(name).slice(0, kept.length + 1).join('')
        expect(textWidth(`${more}…`)).toBeGreaterThan(room)
      }),
      { numRuns: 500 },
    )
    // Cut off letter by letter from its end, it would take hours.
    expect(fitting('a'.repeat(1_000_000), 200)).toBe(fitting('a'.repeat(100), 200))
  })
})

describe('a line chart', () => {
  const values = fc.array(fc.oneof(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.constant(NaN)), {
    minLength: 1,
    maxLength: 40,
  })
  const series = fc.array(
    fc.record({ ys: values, name: fc.stringMatching(/^[a-z0-9 ,.-]{1,60}$/), dashed: fc.boolean() }),
    { minLength: 1, maxLength: 7 },
  )
  it('keeps every text inside, at any width and for any values', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 320, max: 1000 }), (lines, width) => {
        const drawn = lineChart(
          chart(lines.map(({ ys, name, dashed }, colour) => line(ys, { name, dashed, colour }))),
          width,
        )
        expect(drawn).not.toContain('NaN')
        expect(textsOutside(drawn)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
  it('is logarithmic where positive values span more than 30 to 1, and where zero is not among them', () => {
    expect(isLogarithmicChart(chart([line([1, 29])]))).toBe(false)
    expect(isLogarithmicChart(chart([line([1, 31])]))).toBe(true)
    expect(isLogarithmicChart(chart([line([0, 31])]))).toBe(false)
    expect(isLogarithmicChart(chart([line([1, 31])], { scale: 'linear' }))).toBe(false)
  })
  it('has a place for whatever numbers there are, up to the largest', () => {
    const [most, least] = [Number.MAX_VALUE, Number.MIN_VALUE]
    const any = fc.oneof(
      fc.constantFrom(most, -most, least, -least, 1e-320, 1, 1 + Number.EPSILON, 0, Infinity, -Infinity, NaN),
      fc.integer({ min: -9, max: 9 }), fc.double(),
    )
    const scale = fc.constantFrom('linear' as const, 'log' as const)
    fc.assert(
      fc.property(fc.array(fc.array(any, { maxLength: 9 }), { maxLength: 3 }), scale, (lines, axis) => {
        const drawn = lineChart(chart(lines.map(ys => line(ys)), { scale: axis }), 600)
        expect(drawn).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/)
      }),
      { numRuns: 1000 },
    )
  })
  it('draws as one what no label could tell apart', () => {
    const ticks = (...ys: number[]) => layOut(chart([line(ys)]), 700).frame.yTicks.map(({ label }) => label)
    expect(ticks(1, 1 + Number.EPSILON)).toEqual(ticks(1, 1))
    expect(new Set(ticks(1, 1 + 1e-5)).size).toBe(ticks(1, 1 + 1e-5).length)
  })
  it('draws fewer than four points as dots, four as a line', () => {
    expect(lineChart(chart([line([3, 2, 1])]), 700).match(/<circle/g)).toHaveLength(3)
    expect(lineChart(chart([line([4, 3, 2, 1])]), 700)).not.toContain('<circle')
  })
  it('colours five lines, and more none', () => {
    const many = (count: number) => chart(Array.from({ length: count }, (_, colour) => line([4, 3, 2, 1], { colour })))
    expect(new Set(lineChart(many(5), 700).match(/series-\w+/g)).size).toBe(5)
    expect(new Set(lineChart(many(6), 700).match(/series-\w+/g))).toEqual(new Set(['series-grey']))
  })
  it('dashes training, names lines at their ends, and on a phone above', () => {
    const two = chart([
      line([4, 3, 2, 1], { name: 'training', dashed: true }),
      line([5, 4, 3, 3], { name: 'test', seeds: 1 }),
    ])
    expect(lineChart(two, 700).match(/dashed/g)).toHaveLength(1)
    expect(lineChart(two, 700)).toContain('test (1 seed)')
    expect(lineChart(two, 350)).toContain('test (1 seed)')
    expect(lineChart(two, 350).match(/dashed/g)).toHaveLength(2)
  })
  it('says with an arrow and a number what it cuts off', () => {
    const cut = lineChart(chart([line([50, 4, 3, 2])], { highest: 5 }), 700)
    expect(cut).toContain('class="arrow series-1"')
    expect(cut).toMatch(/class="value"[^>]*>50/)
  })
  it('has room for the values of a chart beside it: both have one axis', () => {
    const [small, large] = [[0.1, 0.3, 0.2, 0.1], [0, 0.9, 5, 4]]
    const frames = [[small, large], [large, small]].map(([own = [], room = []]) =>
      layOut(chart([line(own)], { room }), 700).frame)
    expect(frames.map(({ yTicks }) => yTicks.map(({ label }) => label))[0]).toContain('5')
    expect(frames[0]?.yTicks).toEqual(frames[1]?.yTicks)
    expect(frames[0]?.y(0.3)).toBeCloseTo(frames[1]?.y(0.3) ?? NaN, 6)
    expect(frames[0]?.log).toBe(frames[1]?.log)
  })
  it('marks what happened to a run: a line to the axis, words above the plot, a sentence for who cannot see it', () => {
    const one = [line([5, 4, 3, 2, 1])]
    const marks = [
      { x: 2, label: '10,000 digits from here', colour: 0 },
      { x: 3, label: 'all <digits> from here', colour: 0 },
      { x: 9, label: 'beyond the axis', colour: 0 },
    ]
    const plain = layOut(chart(one), 700).frame
    const { frame } = layOut(chart(one, { marks }), 700)
    const drawn = lineChart(chart(one, { marks }), 700)
    const lines = [...drawn.matchAll(/class="moment series-1" d="M([\d.]+) ([\d.]+)V([\d.]+)"/g)]
    expect(lines.map(([, x, , to]) => [Number(x), Number(to)])).toEqual(
      [2, 3].map(x => [Math.round(10 * frame.x(x)) / 10, frame.bottom]),
    )
    // The words stand in rows of their own; the plot is as high as without.
    expect(frame.top).toBeGreaterThan(plain.top)
    expect(frame.bottom - frame.top).toBe(plain.bottom - plain.top)
    expect(drawn).toContain('>all &lt;digits&gt; from here</text>')
    expect(drawn).toContain('At epoch 2.00: 10,000 digits from here. At epoch 3.00: all &lt;digits&gt; from here.')
    expect(drawn).not.toContain('>beyond')
    expect(lineChart(chart(one, { marks: [{ x: 2, label: 'more', colour: 0, run: 'wide' }] }), 700)).toContain(
      'At epoch 2.00 of wide: more.',
    )
    expect(lineChart(chart(one, { marks: [] }), 700)).toBe(lineChart(chart(one), 700))
  })
  it('keeps the words of its marks apart, inside, and free of other marks', () => {
    const mark = fc.record({
      x: fc.integer({ min: 0, max: 200 }).map(at => at / 20), colour: fc.constant(0),
      label: fc.stringMatching(/^[a-z ]{1,40}$/),
    })
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 8 }), fc.integer({ min: 280, max: 900 }), (marks, width) => {
        const x = (value: number) => 30 + (value / 10) * (width - 60)
        const placed = placeMarks(marks, { width, xRange: [0, 10], x })
        expect(placed.length > 0).toBe(marks.length > 0)
        placed.forEach((one, i) => {
          expect(one.from).toBeGreaterThanOrEqual(-0.5)
          expect(one.to).toBeLessThanOrEqual(width + 0.5)
          for (const other of placed.slice(i + 1)) {
            expect(other.at - one.at).toBeGreaterThanOrEqual(6)
            if (other.row === one.row) expect(other.from > one.to || other.to < one.from).toBe(true)
            // A line goes down from its own row, past the words of those below.
            const [above, below] = other.row < one.row ? [other, one] : [one, other]
            if (above.row < below.row) expect(above.at < below.from || above.at > below.to).toBe(true)
          }
        })
      }),
      { numRuns: 2000 },
    )
  })
  it('has a place for every mark, and whole words where any row has room for them', () => {
    const frame = { width: 340, xRange: [0, 10] as const, x: (value: number) => 30 + 28 * value }
    const label = '60,000 digits from here'
    const rowsOf = (...xs: number[]) => placeMarks(xs.map(x => ({ x, label, colour: 0 })), frame)
      .map(({ row, words }) => (words === label ? row : 'cut'))
    // Words left of the last line are crossed by the line before, unless they stand above its words.
    expect(rowsOf(1, 9)).toEqual([0, 1])
    expect(rowsOf(5, 9)).toEqual([1, 0])
    expect(rowsOf(5, 7, 9)).toEqual([2, 1, 0])
    // Each would have to stand above the other.
    expect(rowsOf(2.5, 7)).toEqual([0, 'cut'])
  })
  it('shows the whole run while it is going on', () => {
    const going = lineChart(chart([line([4, 3, 2, 1])], { lastX: 40 }), 700)
    expect(going).toContain('>40</text>')
  })
  it('moves names apart by a line, within the chart', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 30, max: 300, noNaN: true }), { minLength: 1, maxLength: 10 }), wanted => {
        const placed = spreadLabels(wanted, 30, 300).sort((a, b) => a - b)
        placed.slice(1).forEach((y, i) => expect(y - placed[i]!).toBeGreaterThan(16.99))
        expect(placed.at(-1)).toBeLessThanOrEqual(300)
      }),
    )
  })
  it('sets the words along a logarithmic axis alike', () => {
    expect(logarithmicTexts([1e-5, 1e-4, 1e-3, 0.01, 0.1, 1])).toEqual(['1e-5', '1e-4', '1e-3', '1e-2', '1e-1', '1'])
    expect(logarithmicTexts([0.001, 0.01, 0.1, 1, 10])).toEqual(['0.001', '0.01', '0.1', '1', '10'])
    expect(logarithmicTexts([1e-4 * 2, 1e-4 * 5, 1e-3])).toEqual(['0.0002', '0.0005', '0.001'])
    expect(logarithmicTexts([0.08, 0.1, 0.12, 0.14])).toEqual(['0.08', '0.10', '0.12', '0.14'])
    expect(logarithmicTexts([2.4, 2.6])).toEqual(['2.4', '2.6'])
    expect(logarithmicTexts([8e-5, 1e-4, 1.2e-4])).toEqual(['8e-5', '1e-4', '1.2e-4'])
    // Each says its own value, wherever the axis lies.
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 5, noNaN: true }), fc.double({ min: 0.05, max: 9, noNaN: true }),
        (low, span) => {
          const values = roundTicks(low, Math.min(5, low + span), true).map(tick => 10 ** tick)
          logarithmicTexts(values).forEach((text, i) => {
            const read = Number(text.replace('K', 'e3'))
            expect(Math.abs(read / (values[i] ?? 0) - 1)).toBeLessThan(0.001)
          })
        },
      ),
    )
  })
  it('has more than one value along a logarithmic axis that spans less than a power of ten', () => {
    const values = roundTicks(Math.log10(0.07), Math.log10(0.15), true).map(tick => Number((10 ** tick).toPrecision(6)))
    expect(values).toEqual([0.08, 0.1, 0.12, 0.14])
    fc.assert(
      fc.property(
        fc.double({ min: -8, max: 8, noNaN: true }), fc.double({ min: 0.01, max: 9, noNaN: true }),
        (low, span) => {
          expect(roundTicks(low, low + span, true).length).toBeGreaterThanOrEqual(2)
        },
      ),
    )
  })
  it('sets powers of ten as powers, not as programs write them', () => {
    const drawn = lineChart(chart([line([1e-12, 1e-9, 1e-6, 1])]), 700)
    expect(drawn.replace(/ aria-label="[^"]*"/, '')).not.toMatch(/\de[+-]?\d/)
    expect(drawn).toContain('>10<tspan class="power" dy="-5">\u221212</tspan></text>')
    expect(numberMarkup('3e-6')).toBe('3 × 10<tspan class="power" dy="-5">\u22126</tspan>')
    expect(numberMarkup('0.02')).toBe('0.02')
  })

  it('has round values up to both its ends, each with as many digits as tell it from the next', () => {
    const along = (low: number, high: number, log = false) => {
      const ticks = roundTicks(low, high, log)
      const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
      return ticks.map(tick => (log ? numberText(10 ** tick, 10 ** Math.floor(tick + 1e-9)) : numberText(tick, step)))
    }
    // 3 * 0.2 and 11 * 0.1 are a little more than 0.6 and 1.1.
    expect(along(0, 0.6)).toEqual(['0.0', '0.2', '0.4', '0.6'])
    expect(along(1.1, 1.5)).toEqual(['1.1', '1.2', '1.3', '1.4', '1.5'])
    expect(along(Math.log10(0.02), Math.log10(0.5), true)).toEqual(['0.02', '0.05', '0.1', '0.2', '0.5'])
    expect(along(0, 200_000)).toEqual(['0', '50K', '100K', '150K', '200K'])
    expect(along(0.123451, 0.123455)).toEqual(['0.123451', '0.123452', '0.123453', '0.123454', '0.123455'])
    expect(along(1e-7, 5e-7)).toEqual(['1e-7', '2e-7', '3e-7', '4e-7', '5e-7'])
    expect(along(1.01e-7, 1.05e-7)).toEqual(['1.01e-7', '1.02e-7', '1.03e-7', '1.04e-7', '1.05e-7'])
    expect([numberText(5, 0), numberText(5, -2), numberText(NaN, 1)]).toEqual(['5', '5', 'not a number'])
    fc.assert(
      fc.property(
        fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const words = along(low, low + span)
          expect(new Set(words).size).toBe(words.length)
          expect(words.length).toBeGreaterThan(1)
        },
      ),
    )
  })

  it('stands beside what is the same of another part, accuracy drawn as error too, and beside the loss', () => {
    const share = { unit: '', format: 'percent' } as const
    const described: Metric[] = [
      { name: 'error', title: 'error', better: 'lower', quiet: true, ...share },
      { name: 'loss', title: 'loss', better: 'lower', unit: '', format: 'fixed' },
      { name: 'accuracy', title: 'accuracy', complement: 'error', better: 'higher', ...share },
    ]
    const measured = ['accuracy', 'error', 'loss'].flatMap(name => [`test/${name}`, `train/${name}`])
    const metrics = ['epoch/loss', 'learningRate', ...measured.filter(name => name !== 'train/error')]
    const beside = (metric: string) => besideOf({ metric, metrics, runs: [{ described }] })
    expect(beside('test/error')).toEqual(['train/accuracy', 'test/loss'])
    expect(beside('train/loss')).toEqual(['test/loss', 'train/accuracy'])
    expect(beside('learningRate')).toEqual([])
  })

  it('keeps its numbers for the cursor and the table, the last among them', () => {
    const long = chart([line(Array.from({ length: 500 }, (_, i) => i))])
    const {
      x,
      series: [first],
    } = chartData(long, 12)
    expect(x.length).toBeLessThanOrEqual(13)
    expect(x.at(-1)).toBe(500)
    expect(first?.y.at(-1)).toBe(499)
  })
})

describe('the colours', () => {
  const css = readFileSync(new URL('../packages/site/src/styles/tokens.css', import.meta.url), 'utf8')
  const pair = (name: string) => {
    const [, light = '', dark = ''] = new RegExp(`--${name}:\\s*light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css) ?? []
    return [light, dark] as const
  }
  const linear = (hex: string) =>
    [1, 3, 5]
      .map(at => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  const luminance = (hex: string) => linear(hex).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i]!, 0)
  const contrast = (a: string, b: string) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
    return (high + 0.05) / (low + 0.05)
  }
  /** Machado, Oliveira and Fernandes 2009, severity 1. */
  const SIGHTS = {
    normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  } as const
  const times = (matrix: readonly number[], v: readonly number[]) =>
    [0, 3, 6].map(row => v.reduce((sum, x, i) => sum + x * matrix[row + i]!, 0))
  /** Ottosson 2020. */
  const oklab = (rgb: readonly number[]) => {
    const lms = times(
      [
        0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376,
        0.6299787005,
      ],
      rgb,
    )
    return times(
      [
        0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371, 0.7827717662,
        -0.808675766,
      ],
      lms.map(x => Math.cbrt(Math.max(0, x))),
    )
  }
  const seen = (hex: string, sight: readonly number[]) =>
    oklab(times(sight, linear(hex)).map(c => Math.min(1, Math.max(0, c))))
  const distance = (a: string, b: string, sight: readonly number[]) =>
    100 * Math.hypot(...seen(a, sight).map((x, i) => x - seen(b, sight)[i]!))
  const [paper, series] = [pair('paper'), [1, 2, 3, 4, 5].map(i => pair(`series-${i}`))]

  it.each([0, 1] as const)('can be read on their paper (theme %i)', theme => {
    for (const name of ['ink', 'soft', 'vision', 'language', 'generation', 'good', 'bad'])
      expect(contrast(pair(name)[theme], paper[theme]), name).toBeGreaterThanOrEqual(4.5)
    for (const name of ['edge', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5'])
      expect(contrast(pair(name)[theme], paper[theme]), name).toBeGreaterThanOrEqual(3)
  })
  it('of the figures of reports stay apart in every sight', () => {
    for (const [sight, matrix] of Object.entries(SIGHTS))
      for (const [i, one] of SERIES_COLOURS.entries())
        for (const other of SERIES_COLOURS.slice(i + 1))
          expect(distance(one, other, matrix), `${one} ${other} ${sight}`).toBeGreaterThan(10)
  })
  it.each([0, 1] as const)('of five series stay apart in every sight (theme %i)', theme => {
    for (const [sight, matrix] of Object.entries(SIGHTS))
      for (const [i, one] of series.entries())
        for (const other of series.slice(i + 1))
          expect(distance(one[theme], other[theme], matrix), `${one[theme]} ${other[theme]} ${sight}`).toBeGreaterThan(
            10,
          )
  })
})
