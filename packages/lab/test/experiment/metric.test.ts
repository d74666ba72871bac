// Metrics as records: what a logged name means, how its values are written and ordered, and that a run keeps them.
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Linear } from '@ddlf/nn'
import {
  classification,
  classificationMetrics,
  experiment,
  formatMetric,
  metricOf,
  publishedSet,
  trainingSettings,
  type Metric,
} from '../../src/index.ts'
import { byBest, isBetter, isLogarithmic } from '../../src/experiment/metric.ts'
import { metricsOfRun, parseRunSummary } from '../../src/runs/index.ts'
import { listRuns, readRunRecord, startRun } from '../../src/runs/node.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

const psnr: Metric = {
  name: 'psnr',
  title: 'peak signal-to-noise ratio',
  unit: 'dB',
  better: 'higher',
  format: 'fixed',
}

describe('a logged name', () => {
  it('of a part that is called like what every object has keeps it', () => {
    expect(metricOf([psnr], 'constructor/psnr').title).toBe('constructor peak signal-to-noise ratio')
  })
  it('of one of a family is described by it', () => {
    const wide: Metric = { ...psnr, name: 'beam' }
    expect(metricOf([wide], 'test/beam/8')).toMatchObject({ title: 'test peak signal-to-noise ratio', format: 'fixed' })
    expect(metricOf([wide], 'test/beams/8').better).toBe('neither')
  })
  it('is that of a metric of the task with a part of the data in front', () => {
    expect(metricOf(classificationMetrics, 'test/error')).toMatchObject({
      title: 'test error',
      better: 'lower',
      format: 'percent',
    })
    expect(metricOf(classificationMetrics, 'epoch/accuracy')).toMatchObject({
      title: 'training accuracy',
      better: 'higher',
    })
    expect(metricOf([psnr], 'validation/psnr')).toMatchObject({
      title: 'validation peak signal-to-noise ratio',
      unit: 'dB',
    })
  })
  it('says nothing of its direction where nobody described it, whatever it looks like', () => {
    for (const name of ['test/top5-accuracy', 'f1', 'test/error', 'activations/dead/hidden.0']) {
      expect(metricOf([psnr], name)).toMatchObject({ title: name, better: 'neither' })
    }
  })
})

it('values are written as the metric says', () => {
  const [error] = classificationMetrics as [Metric]
  expect([
    formatMetric(error, 0.0182),
    formatMetric(psnr, 23.456_78),
    formatMetric({ format: 'significant' }, 123_456_789),
  ]).toEqual(['1.82 %', '23.4568', '1.23e8'])
  expect(formatMetric(error, Number.NaN)).toBe('NaN')
})

it('the best comes first, in the direction of the metric; what is missing or no number last', () => {
  const values = [20, undefined, 30, Number.NaN, 25, null]
  expect([...values].sort(byBest(psnr)).slice(0, 3)).toEqual([30, 25, 20])
  expect([...values].sort(byBest({ better: 'lower' })).slice(0, 3)).toEqual([20, 25, 30])
  expect([
    isBetter(psnr, 2, 1),
    isBetter(psnr, 1, 2),
    isBetter(psnr, 1, Number.NaN),
    isBetter({ better: 'lower' }, 1, 2),
  ]).toEqual([true, false, true, true])
  expect([
    isLogarithmic(psnr),
    isLogarithmic({ better: 'lower', format: 'fixed' }),
    isLogarithmic({ better: 'lower', format: 'percent' }),
  ]).toEqual([false, true, false])
})

it('the better of two is the one that comes first, for every pair of numbers and of none', () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, Number.NaN, 0))
  const better = fc.constantFrom('higher' as const, 'lower' as const)
  fc.assert(
    fc.property(better, value, value, (way, a, b) => {
      expect(isBetter({ better: way }, a, b)).toBe(byBest({ better: way })(a, b) < 0)
      expect(isBetter({ better: 'neither' }, a, b)).toBe(false)
    }),
  )
  expect([isBetter(psnr, 30, Infinity), isBetter(psnr, Infinity, 30), isBetter(psnr, -Infinity, Number.NaN)]).toEqual([
    false,
    true,
    true,
  ])
  const loss = { better: 'lower' } as const
  expect([isBetter(loss, 1, Infinity), isBetter(loss, Infinity, 1)]).toEqual([true, false])
  expect([Number.NaN, 2, Infinity, 1].sort(byBest({ better: 'lower' }))).toEqual([1, 2, Infinity, Number.NaN])
})

it('an experiment whose monitor has no best is refused', () => {
  const task = { ...classification(), monitor: { ...psnr, better: 'neither' as const } }
  const made = { name: 'made', title: 'Made', question: '', data: publishedSet('made'), config: trainingSettings }
  expect(() => experiment({ ...made, task, model: () => new Linear(1, 1) })).toThrow(/one way is better[^]*'psnr'/)
})

describe('a run', () => {
  it('keeps what its metrics mean', () => {
    const root = temporaryFolder()
    const run = startRun({ root, experiment: 'made', config: {}, seed: 1, provenance: noProvenance, metrics: [psnr] })
    run.finish({ status: 'completed', summary: { metrics: { test: { psnr: 21 } } } })
    expect(metricsOfRun(readRunRecord(run))).toEqual([psnr])
    expect(listRuns({ root, summaries: true }).runs[0]?.summary?.metrics).toEqual({ test: { psnr: 21 } })
  })
  it('of a newer version, with a direction and a form that are not known here, is read', () => {
    const root = temporaryFolder()
    const run = startRun({ root, experiment: 'made', config: {}, seed: 1, provenance: noProvenance })
    run.finish({ status: 'stopped', summary: {} })
    const file = path.join(run.folder, 'run.json')
    const record = JSON.parse(fs.readFileSync(file, 'utf8')) as object
    fs.writeFileSync(
      file,
      JSON.stringify({
        ...record,
        metrics: [{ name: 'x', title: 'x', unit: '', better: 'nearer to 1', format: 'roman', since: 2 }],
      }),
    )
    expect(readRunRecord(run).metrics).toEqual([
      { name: 'x', title: 'x', unit: '', better: 'neither', format: 'significant', since: 2 },
    ])
  })
})

it('a summary of an earlier or a foreign version is read as far as it goes', () => {
  expect(parseRunSummary('{}')).toEqual({ metrics: {}, best: null, chosenBy: 'test' })
  expect(
    parseRunSummary('{"metrics":{"test":{"error":0.5,"note":"odd"},"train":7},"seconds":"long","best":3}'),
  ).toMatchObject({ metrics: { test: { error: 0.5 }, train: {} }, best: null, seconds: undefined })
  expect(() => parseRunSummary('[1]')).toThrow(/must hold an object/)
})
