// NB-SVM beside scikit-learn's LIBLINEAR: as runs, on texts of different lengths, of two classes and of three.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createLoader, raggedColumn, type Dataset } from '@ddlf/data'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  evaluateModel, experiment, memoryRunStore, NbSvm, nbSvm, parseSettings, train, trainedModel, trainingSettings,
  type DataSource,
} from '../../src/index.ts'

const golden = JSON.parse(readFileSync(new URL('golden/linear-texts.json', import.meta.url), 'utf8')) as {
  texts: number[][]
  labels: number[]
  held: number
  nbSvm: number[][]
  nbSvmWithoutBias: number[][]
  svm: number[][]
  two: number[]
  logistic: number[]
  logisticWithBias: number[]
  counts: number[][]
}
const TOKENS = 24

function partsOf(labels: readonly number[], hasCounts: boolean) {
  const part = (name: string, from: number, to?: number): Dataset => {
    const texts = golden.texts.slice(from, to)
    const data = Int32Array.from(labels.slice(from, to))
    return {
      name,
      length: texts.length,
      columns: {
        tokens: raggedColumn('int32', texts),
        ...(hasCounts && { counts: raggedColumn('int32', golden.counts.slice(from, to)) }),
        labels: { dtype: 'int32', shape: [], data },
      },
    }
  }
  return { train: part('train', 0, -golden.held), test: part('test', labels.length - golden.held) }
}

/** The logits of a run, a row a text. */
async function logitsOf(
  labels: readonly number[], classes: number, given: Readonly<Record<string, unknown>> = {}, hasCounts = false,
) {
  const source: DataSource<unknown> = {
    name: 'made',
    parts: ['train', 'test'],
    form: () => ({ columns: { tokens: { dtype: 'int32', shape: [TOKENS] }, labels: { dtype: 'int32', shape: [] } } }),
    load: () => Promise.reject(new Error('given')),
  }
  const made = experiment({
    name: 'made',
    title: 'Made',
    question: 'Is the plane the same?',
    data: source,
    config: z.strictObject({
      ...trainingSettings.shape,
      smoothing: z.number().default(1),
      cost: z.number().default(1),
      interpolation: z.number().default(0.25),
      logOdds: z.boolean().default(true),
      bias: z.boolean().default(true),
      loss: z.enum(['squaredHinge', 'logistic']).default('squaredHinge'),
      tolerance: z.number().default(1e-9),
    }),
    task: nbSvm(),
    model: () => new NbSvm(TOKENS, classes),
  })
  const settings = parseSettings(made, given)
  const parts = partsOf(labels, hasCounts)
  const runtime = onnxNodeRuntime({ threads: 1 })
  const store = memoryRunStore('made/1')
  const events = train({ experiment: made, settings, ...parts, runtime, store, createLoader })
  for await (const { kind } of events) expect(kind).not.toBe('failed')
  const model = trainedModel(made, settings, store.loadCheckpoint('best')!)
  const { outputs } = await evaluateModel(made, settings, model, parts.test, runtime)
  const { data } = outputs['logits']!
  return Array.from({ length: golden.held }, (_, i) => Array.from(data.slice(classes * i, classes * (i + 1))))
}

const near = (rows: readonly (readonly number[])[], expected: readonly (readonly number[])[]) => {
  for (const [i, row] of rows.entries())
    for (const [k, value] of row.entries()) expect(value).toBeCloseTo(expected[i]![k]!, 4)
}

it('finds the planes of LIBLINEAR for each class, with log-odds and without, with a bias and without', async () => {
  near(await logitsOf(golden.labels, 3), golden.nbSvm)
  near(await logitsOf(golden.labels, 3, { logOdds: false }), golden.svm)
  near(await logitsOf(golden.labels, 3, { bias: false }), golden.nbSvmWithoutBias)
})

it('needs one plane for two classes, half of it for each', async () => {
  const isClass = golden.labels.map(label => Number(label === 1))
  near(await logitsOf(isClass, 2), golden.two.map(score => [-score / 2, score / 2]))
})

it('finds the planes of logistic regression, with log-odds of how often a token stands there', async () => {
  const isClass = golden.labels.map(label => Number(label === 1))
  const halves = (scores: readonly number[]) => scores.map(score => [-score / 2, score / 2])
  const loss = { loss: 'logistic' }
  near(await logitsOf(isClass, 2, { ...loss, bias: false, interpolation: 1 }, true), halves(golden.logistic))
  near(await logitsOf(isClass, 2, { ...loss, logOdds: false }), halves(golden.logisticWithBias))
})
