// The charts of a study's page, for studies as they really are: values of any size, none, alike, or very many.
import { describe, expect, it } from 'vitest'
import { floatRange, intRange, oneOf, searchSpace, type Trial } from '../packages/lab/src/studies/index.ts'
import { shownSections, type FiguredStudy } from '../packages/lab/src/plots/study-data.ts'
import { planeChart } from '../packages/site/src/charts/plane-chart.ts'
import { numberText } from '../packages/site/src/charts/ticks.ts'
import { parallelChart } from '../packages/site/src/charts/study/parallel-chart.ts'
import { studyChart } from '../packages/site/src/charts/study/study-charts.ts'

const space = searchSpace({
  rate: floatRange(1e-5, 1, { log: true }), layers: intRange(1, 4), kind: oneOf(['a', 'b']), single: intRange(3, 3),
})

interface Made {
  readonly state?: Trial['state']
  readonly reports?: readonly (readonly [step: number, value: number])[]
}

const trial = (number: number, value: number, { state = 'complete', reports = [] }: Made = {}): Trial => ({
  number, state, values: [value], intermediateValues: new Map(reports), systemAttributes: {}, userAttributes: {},
  distributions: space, startedAt: null, completedAt: null,
  params: { rate: 10 ** -(number % 5), layers: 1 + (number % 4), kind: number % 2 === 0 ? 'a' : 'b', single: 3 },
})

const studyOf = (trials: readonly Trial[]): FiguredStudy =>
  ({ name: 'made', directions: ['minimize'], trials, space, objectives: ['loss'] })
const importance = [{ 'PED-ANOVA': { rate: 0.6, layers: 0.4, kind: 0 } }]

/** Every figure that the page shows, by name. */
function drawn(study: FiguredStudy): ReadonlyMap<string, string> {
  return new Map(shownSections(study, importance).flatMap(({ figures }) => figures.map(({ name, shown }) => {
    if (shown.kind === 'parallel') return [name, parallelChart(study, {}, 600)] as const
    const { chart } = studyChart(study, shown)
    return [name, 'dots' in chart ? planeChart(chart, 600) : ''] as const
  })))
}

const twelve = (valueOf: (i: number) => number) => Array.from({ length: 12 }, (_, i) => trial(i, valueOf(i)))

describe('the charts of a study', () => {
  it.each([
    ['one trial', [trial(0, 1)], 1],
    ['alike', twelve(() => 0.5), 7],
    ['all zero', twelve(() => 0), 7],
    ['below zero', twelve(i => -1e9 * i), 7],
    ['some without a finite value', [trial(0, NaN), trial(1, Infinity), trial(2, 0.4)], 1],
    ['a loss that exploded', twelve(i => (i % 3 === 0 ? 1e30 : i / 10)), 7],
    ['the largest number of all', twelve(i => (i % 3 === 0 ? Number.MAX_VALUE : i / 10)), 7],
    ['both ends of the numbers', twelve(i => (i % 2 === 0 ? 1 : -1) * Number.MAX_VALUE), 7],
    ['reports that are no numbers', [0, 1].map(i => trial(i, i, { reports: [[1, NaN], [2, NaN]] })), 7],
  ])('are drawn whole: %s', (_, trials, figures) => {
    const charts = drawn(studyOf(trials))
    expect(charts.size).toBe(figures)
    for (const [name, svg] of charts) expect(svg, name).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('are drawn of hundreds of trials that reported hundreds of steps', () => {
    const reports = Array.from({ length: 400 }, (_, step) => [step, step] as const)
    const study = studyOf(Array.from({ length: 450 }, (_, i) => trial(i, i, { reports })))
    const svg = drawn(study).get('intermediate-values')
    expect(svg?.match(/<path class="curve/g)?.length).toBeGreaterThan(400)
  })

  it('call no trial the best that was stopped early', () => {
    const reports = (...values: number[]) => ({ reports: values.map((value, i) => [i + 1, value] as const) })
    const study = studyOf([
      trial(0, 0.5, reports(1, 0.5)), trial(1, 0.1, { state: 'pruned', ...reports(0.2, 0.1) }),
      trial(2, 0.6, reports(2, 0.6)),
    ])
    expect(drawn(study).get('intermediate-values')).toContain('trial 0, the best')
  })

  it('name numbers that have no short word by their power', () => {
    expect([1e5, 2.5e12, 1e15, 1e30, -3.4e38].map(value => numberText(value, 1))).toEqual(
      ['100K', '2.5T', '1e15', '1e30', '-3.4e38'],
    )
  })
})
