// The figures of a study and its report: well-formed, complete, the same each time, and true to the trials.
import { DOMParser } from 'linkedom'
import { describe, expect, it } from 'vitest'
import {
  createStudy,
  floatRange,
  intRange,
  oneOf,
  randomSampler,
  searchSpace,
  successiveHalvingPruner,
  when,
} from '../../src/index.ts'
import type { Direction, Study } from '../../src/index.ts'
import { figureDocument } from '../../src/plots/figure-document-node.ts'
import {
  brushedTrials,
  parallelAxes,
  parallelText,
  studyContourFigure,
  studyFigures,
  studyHistoryFigure,
  studyImportanceFigure,
  studyIntermediateFigure,
  studyParallelFigure,
  studyParetoFigure,
  studyReport,
  studySliceFigure,
  type FiguredStudy,
} from '../../src/plots/index.ts'

const document = figureDocument()
const space = searchSpace({
  rate: floatRange(1e-4, 1, { log: true }),
  width: intRange(8, 256, { log: true }),
  optimizer: oneOf(['sgd', 'adam']),
  momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
})

async function made(
  trials: number,
  directions: readonly Direction[] = ['minimize'],
): Promise<FiguredStudy & Pick<Study, 'best'>> {
  const study = createStudy({
    name: 'made',
    space,
    sampler: randomSampler(),
    directions,
    seed: 5,
    ...(directions.length === 1 && { pruner: successiveHalvingPruner({ minResource: 1 }) }),
  })
  await study.optimize(
    trial => {
      const { params, number } = trial
      const loss =
        (Math.log10(Number(params['rate'])) + 2) ** 2 / 4 +
        (params['optimizer'] === 'sgd' ? 0.3 : 0) +
        4 / Number(params['width'])
      if (number === 7) return 'failed'
      for (let step = 1; step <= 5; step++) {
        trial.report(step, loss + 1 / step)
        if (trial.shouldPrune()) return 'pruned'
      }
      return directions.length > 1 ? [loss, Number(params['width'])] : loss
    },
    { trials },
  )
  return {
    name: study.name,
    directions: study.directions,
    trials: study.trials,
    space,
    objectives: directions.length > 1 ? ['loss', 'parameters'] : ['loss'],
    best: study.best,
  }
}

/** What these tests ask of a parsed figure. */
interface Parsed {
  readonly tagName: string
  querySelectorAll(selector: string): { readonly length: number }
}

const parsed = (svg: string): Parsed => {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement as unknown as Parsed
  expect(root.tagName.toLowerCase()).toBe('svg')
  expect(svg).not.toMatch(/NaN|undefined|Infinity|<script|https?:\/\/(?!www\.w3\.org)/)
  return root
}
const circles = (svg: string) => parsed(svg).querySelectorAll('circle').length

describe('figures of a study', () => {
  it('show every trial that has a value: complete ones as dots, pruned ones as rings', async () => {
    const study = await made(40)
    const count = (state: string) => study.trials.filter(trial => trial.state === state).length
    expect(count('pruned')).toBeGreaterThan(3)
    const history = studyHistoryFigure(study, { document })
    expect(circles(history)).toBe(count('complete') + count('pruned'))
    expect(history).toContain(`the best complete one has ${Number(study.best!.values![0]!.toPrecision(3))}`)
    expect(circles(studySliceFigure(study, 'momentum', { document }))).toBe(
      study.trials.filter(({ state, params }) => (state === 'complete' || state === 'pruned') && 'momentum' in params)
        .length,
    )
    expect(circles(studyContourFigure(study, 'rate', 'width', { document }))).toBe(count('complete'))
    expect(circles(studyIntermediateFigure(study, { document }))).toBe(count('pruned'))
    expect(history).toBe(studyHistoryFigure(study, { document }))
  })

  it('draws more reported values than a call takes arguments', async () => {
    const study = await made(2)
    const [trial] = study.trials
    const intermediateValues = new Map(Array.from({ length: 200_000 }, (_, step) => [step, step % 7]))
    const long = { ...study, trials: trial ? [{ ...trial, intermediateValues }] : [] }
    expect(studyIntermediateFigure(long, { document }).includes('>180,000<')).toBe(true)
  })

  it('parallel coordinates draw a line a complete trial, and dim those outside what was brushed', async () => {
    const study = await made(40)
    const complete = study.trials.filter(({ state }) => state === 'complete').length
    const whole = parsed(studyParallelFigure(study, { document })).querySelectorAll('path[stroke-opacity]')
    expect(whole.length).toBeGreaterThanOrEqual(complete)
    const brushed = studyParallelFigure(study, { document, within: { width: [0, 0.3] } })
    const outside = study.trials.filter(
      ({ state, params }) => state === 'complete' && Math.log(Number(params['width']) / 8) / Math.log(32) > 0.3,
    ).length
    expect(parsed(brushed).querySelectorAll('g[data-mark="line"] path[stroke-opacity="0.06"]').length).toBe(outside)
  })

  it('the front of two objectives is drawn on top of what it beats', async () => {
    const study = await made(30, ['minimize', 'minimize'])
    expect(circles(studyParetoFigure(study, { document }))).toBe(29)
    expect(studyFigures(study, { document }).map(({ title }) => title)).toEqual([
      'Front',
      'History',
      'Intermediate values',
      'Importance',
      'Parallel coordinates',
      'Slices',
      'Contours',
    ])
    const one = await made(12)
    expect(() => studyParetoFigure(one, { document })).toThrow(/at least two objectives/)
  })

  it('importance has a bar a method and parameter', () => {
    const svg = studyImportanceFigure(
      { 'PED-ANOVA': { rate: 0.7, width: 0.3 }, 'fANOVA': { width: 0.6, rate: 0.4 } },
      { document },
    )
    expect(parsed(svg).querySelectorAll('g[data-mark="bar"] rect').length).toBe(4)
    expect(svg).toContain('70.0 %')
    expect(() => studyImportanceFigure({}, { document })).toThrow(/at least two complete trials/)
  })

  it('a study without a complete trial has none, and a mistake says why', async () => {
    const empty = await made(0)
    expect(studyFigures(empty, { document })).toEqual([])
    expect(() => studyHistoryFigure(empty, { document })).toThrow(/needs a complete trial/)
    expect(studyReport(empty, { document }).html).toContain('No trial is complete yet.')
    const study = await made(12)
    const words = studyFigures(study, { document }).filter(({ text }) => text.includes('This says little yet'))
    expect(words.map(({ title }) => title)).toEqual(['Importance', 'Parallel coordinates'])
    expect(words[0]?.text).toMatch(/\d+ finished trials over 4 axes, the best tenth [^;]+; from about 40 on/)
    expect(() => studySliceFigure(study, 'speed', { document })).toThrow(
      /no such parameter[^]*rate, width, optimizer, momentum/,
    )
  })
})

describe('parallel coordinates', () => {
  it('of few trials mark each value, name every choice, and are dotted where a trial has no value', async () => {
    const study = await made(12)
    const complete = study.trials.filter(({ state }) => state === 'complete')
    const svg = studyParallelFigure(study, { document })
    // Which end of the loss is the better one stands there.
    expect(svg).toContain(`>best ${parallelText(study, 'loss', 1)}<`)
    const values = complete.reduce((sum, { params }) => sum + Object.keys(params).length + 1, 0)
    expect(circles(svg)).toBe(values)
    // Momentum belongs to sgd alone: the lines of adam pass its axis without a value.
    const without = complete.filter(({ params }) => !('momentum' in params)).length
    expect(without).toBeGreaterThan(0)
    expect(parsed(svg).querySelectorAll('g[data-mark="link"] path').length).toBe(without)
    expect(svg).toMatch(/>sgd<[^]*>adam</)
    expect(circles(studyParallelFigure(await made(150), { document }))).toBe(0)
  })

  it('of trials that are all alike have no better and no worse end', () => {
    const study = createStudy({ name: 'alike', space, sampler: randomSampler() })
    for (let i = 0; i < 3; i++) study.tell(study.ask().number, 0.25)
    const { directions, trials } = study
    const svg = studyParallelFigure({ name: 'alike', directions, trials, space, objectives: ['loss'] }, { document })
    expect(svg.match(/>0\.25</g)).toHaveLength(1)
  })

  it('say the best exactly where another trial exploded', () => {
    const study = createStudy({ name: 'exploded', space, sampler: randomSampler() })
    for (const loss of [0.25, 1e30]) study.tell(study.ask().number, loss)
    const { directions, trials } = study
    const figured = { name: 'exploded', directions, trials, space, objectives: ['loss'] }
    expect([0, 1].map(share => Number(parallelText(figured, 'loss', share)))).toEqual([1e30, 0.25])
  })
})

describe('figures of a study of thousands of trials', () => {
  it('draw the best and an even share of the others, say so, and keep the line of the best so far exact', () => {
    const study = createStudy({ name: 'many', space, sampler: randomSampler(), seed: 2 })
    for (let i = 0; i < 2500; i++) study.tell(study.ask().number, i === 1234 ? -5 : ((i * 7919) % 2500) / 2500)
    const figured = { name: 'many', directions: study.directions, trials: study.trials, space, objectives: ['loss'] }
    const history = studyHistoryFigure(figured, { document })
    expect(circles(history)).toBe(1000)
    expect(history).toContain('loss of 2500 trials by number; the best complete one has -5.')
    expect(history).toContain('Of 2500 trials 1000 are drawn: the best, and an even share of the others.')
    expect(circles(studySliceFigure(figured, 'rate', { document }))).toBe(1000)
    expect(circles(studyContourFigure(figured, 'rate', 'width', { document }))).toBe(1000)
    const parallel = studyParallelFigure(figured, { document })
    expect(parsed(parallel).querySelectorAll('g[data-mark="line"] path').length).toBe(400)
    expect(parallel).toContain('2500 complete trials as lines')
  })

  it('the front of many trials is the one that comparing all pairs finds', () => {
    const values = Array.from({ length: 400 }, (_, i) => [(i * 37) % 101, (i * 53) % 89, (i * 29) % 13])
    const directions = ['minimize', 'maximize', 'minimize'] as const
    const study = createStudy({ name: 'front', space, sampler: randomSampler(), directions, seed: 3 })
    for (const value of values) study.tell(study.ask().number, value)
    const losses = values.map(([a = 0, b = 0, c = 0]) => [a, -b, c])
    const beaten = (i: number) =>
      losses.some(other => {
        const own = losses[i]!
        return other.every((value, k) => value <= own[k]!) && other.some((value, k) => value < own[k]!)
      })
    expect(study.front.map(({ number }) => number)).toEqual(values.flatMap((_, i) => (beaten(i) ? [] : [i])))
  })
})

describe('what was brushed', () => {
  it('names the trials within the limits, by the place of the pointer', async () => {
    const study = await made(40)
    const axes = parallelAxes(study)
    expect(axes).toEqual(['rate', 'width', 'optimizer', 'momentum', 'loss'])
    const kept = brushedTrials(study, { width: [0, 0.7], optimizer: [0, 0.5] })
    expect([...kept].sort((a, b) => a - b)).toEqual(
      study.trials.flatMap(({ number, state, params }) =>
        state === 'complete' && params['optimizer'] === 'sgd' && Math.log2(Number(params['width']) / 8) / 5 <= 0.7
          ? [number]
          : [],
      ),
    )
    expect(kept.size).toBeGreaterThan(0)
    expect(parallelText(study, 'width', 1)).toBe('256')
    expect(parallelText(study, 'optimizer', 0.9)).toBe('adam')
    expect(parallelText(study, 'loss', 1)).toBe(String(Number(study.best!.values![0]!.toPrecision(3))))
  })

  it('has an axis for each objective, with its own best end', async () => {
    const study = await made(30, ['minimize', 'maximize'])
    const complete = study.trials.filter(({ state }) => state === 'complete')
    const [, second = 'value'] = study.objectives
    expect(parallelAxes(study)).toEqual(['rate', 'width', 'optimizer', 'momentum', ...study.objectives])
    const values = complete.map(trial => trial.values?.[1] ?? Number.NaN)
    const [best, worst] = [Math.max(...values), Math.min(...values)]
    expect([0, 1].map(share => Number(parallelText(study, second, share)))).toEqual(
      [worst, best].map(value => Number(value.toPrecision(3))))
    const better = complete.filter((_, i) => (values[i] ?? 0) >= (best + worst) / 2).map(({ number }) => number)
    expect([...brushedTrials(study, { [second]: [0.5, 1] })].sort((a, b) => a - b)).toEqual(better)
    expect(circles(studyParallelFigure(await made(12, ['minimize', 'maximize']), { document }))).toBeGreaterThan(0)
    expect(studyParallelFigure(study, { document })).toContain(`to ${study.objectives.join(' and ')}, whose best`)
  })
})

describe('an objective that is nowhere finite', () => {
  it('has an axis that says so', () => {
    const study = createStudy({
      name: 'endless', space, directions: ['minimize', 'minimize'], sampler: randomSampler(),
    })
    study.tell(study.ask().number, [0.5, Infinity])
    const figured = {
      name: 'endless', directions: study.directions, trials: study.trials, space, objectives: ['loss', 'seconds'],
    }
    expect(studyParallelFigure(figured, { document })).toMatch(/>no finite value</)
    expect(parallelText(figured, 'seconds', 0.5)).toBe('-')
  })
})

describe('the report of a study', () => {
  it('is one page with every figure and every trial, and asks nobody for anything', async () => {
    const study = await made(40)
    const { html, figures } = studyReport(study, { document })
    expect(figures.map(({ name }) => name)).toEqual([
      'history',
      'intermediate-values',
      'importance',
      'parallel-coordinates',
      'slice-rate',
      'slice-width',
      'slice-optimizer',
      'slice-momentum',
      ...figures.map(({ name }) => name).filter(name => name.startsWith('contour-')),
    ])
    expect(figures.some(({ name }) => /^contour-(rate-width|width-rate)$/.test(name))).toBe(true)
    expect(html.match(/<tr>/g)).toHaveLength(41)
    expect(html).not.toMatch(/<script|src="http|href="http/)
    expect(html).toContain("default-src 'none'")
  })

  it("escapes names that are anybody's", async () => {
    const study = { ...(await made(12)), name: '<img src=x>' }
    expect(studyReport(study, { document }).html).not.toContain('<img src=x>')
  })
})
