// Tables of numbers and categories: encodings, metrics and trained linear models beside scikit-learn's.
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import {
  analyzeRun,
  checkExport,
  encodeColumns,
  encodedNames,
  evaluateModel,
  exportMetadata,
  exportOnnx,
  fitColumns,
  imageFolder,
  memoryRunStore,
  parseSettings,
  regressionMetrics,
  tabular,
  textTable,
  train,
  trainedModel,
  type TrainEvent,
} from '../../src/index.ts'
import { oddValues } from '../../src/own-data/column-encoding.ts'
import { predictTable } from '../../src/trained/node/predict-table.ts'
import type { OwnTrainingData } from '../../src/data-source/node/loaded-data.ts'
import { loadTrainingData as loadAny } from '../../src/data-source/node/training-data.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const loadTrainingData = loadAny as (...given: Parameters<typeof loadAny>) => Promise<OwnTrainingData>

const golden = JSON.parse(fs.readFileSync(new URL('golden/tabular.json', import.meta.url), 'utf8')) as {
  readonly train: string
  readonly test: string
  readonly mean: readonly number[]
  readonly standardDeviation: readonly number[]
  readonly encodedTest: readonly number[]
  readonly prices: readonly number[]
  readonly predicted: readonly number[]
  readonly regression: { readonly mse: number; readonly mae: number; readonly r2: number }
  readonly accuracy: number
}
const runtime = onnxNodeRuntime({ threads: 1 })

function write(content: string, name = 'train.csv'): string {
  const file = path.join(temporaryFolder(), name)
  fs.writeFileSync(file, content)
  return file
}
const given = (more: Record<string, unknown>) =>
  parseSettings(tabular, { data: write(golden.train), testData: write(golden.test, 'test.csv'), ...more })
const ofSet = (text: Record<string, string[]>) => ({
  name: 'made',
  length: Object.values(text)[0]!.length,
  columns: {},
  text,
})
const fit = { categorical: [], maxCategories: 50 }

describe('columns', () => {
  it("become what scikit-learn's scaler and one-hot encoder make of them, by the training part alone", async () => {
    const { settings, test, notes } = await loadTrainingData(
      tabular,
      given({ target: 'price', features: ['size', 'age', 'colour'] }),
    )
    const { encoding, kind, targetMean } = settings as unknown as {
      encoding: { kind: string; mean: number; standardDeviation: number }[]
      kind: string
      targetMean: number
    }
    expect(kind).toBe('regression')
    expect(encodedNames(encoding as never)).toEqual([
      'size',
      'age',
      'age=(missing)',
      'colour=blue',
      'colour=green',
      'colour=red',
      'colour=(other)',
    ])
    ;[0, 1].forEach(k => {
      expect(encoding[k]!.mean).toBeCloseTo(golden.mean[k]!, 9)
      expect(encoding[k]!.standardDeviation).toBeCloseTo(golden.standardDeviation[k]!, 9)
    })
    const { data, shape } = test.columns['features']!
    expect([shape, data.length]).toEqual([[7], golden.encodedTest.length])
    golden.encodedTest.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5))
    expect(notes).toContain("column 'age': missing values become its mean, and are marked")
    expect(targetMean).toBeGreaterThan(200)
  })
  it('that say nothing are left out, and it is said', () => {
    const { encoding, notes } = fitColumns(
      ofSet({
        id: Array.from({ length: 200 }, (_, k) => `person ${k}`),
        same: Array.from({ length: 200 }, () => '7'),
        empty: Array.from({ length: 200 }, () => 'NA'),
        comma: Array.from({ length: 200 }, (_, k) => `${k},5`),
        mostly: Array.from({ length: 200 }, (_, k) => (k === 3 ? 'many' : String(k))),
        code: Array.from({ length: 200 }, (_, k) => String(k % 3)),
      }),
      { ...fit, categorical: ['code'] },
    )
    expect(encoding.map(({ name, kind }) => [name, kind])).toEqual([
      ['comma', 'number'],
      ['mostly', 'number'],
      ['code', 'category'],
    ])
    expect(encoding[0]).toMatchObject({ mean: 100, decimalComma: true })
    expect(notes.join('\n')).toMatch(
      /'id' left out: 200 different words in 200 rows; categorical=id keeps it\n.*'same' left out: all its numbers are equal\n.*'empty' left out: it is empty\n'comma' has commas before fractions: 0,5 is read as 0.5\n.*'mostly': 1 of 200 fields is no number \('many'\), taken as missing/,
    )
  })
  it('keep the most frequent categories, and give all others one place', () => {
    const { encoding } = fitColumns(ofSet({ c: ['a', 'a', 'b', 'b', 'c', 'd', 'a', 'b'] }), {
      ...fit,
      maxCategories: 2,
    })
    expect(encodedNames(encoding)).toEqual(['c=a', 'c=b', 'c=(other)'])
    expect([...encodeColumns({ c: ['a', 'd', 'new', ''] }, 4, encoding)]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1])
  })
})

it("the metrics of a regression are scikit-learn's", () => {
  const { mse, rmse, mae, r2 } = regressionMetrics(golden.predicted, golden.prices)
  expect(
    [mse, mae, r2].map((value, k) => value / [golden.regression.mse, golden.regression.mae, golden.regression.r2][k]!),
  ).toEqual([1, 1, 1].map(one => expect.closeTo(one, 9) as number))
  expect(rmse ** 2).toBeCloseTo(mse, 9)
  expect(regressionMetrics([1, 2], [3, 3]).r2).toBeNaN()
})

/** What of loaded data a training takes. */
const asked = ({ settings, train: part, test, validation, notes }: OwnTrainingData) => ({
  settings,
  train: part,
  test,
  ...(validation && { validation }),
  ...(notes && { notes }),
})

async function trained(more: Record<string, unknown>) {
  const data = await loadTrainingData(
    tabular,
    given({ hidden: [], weightDecay: 0, epochs: 60, learningRate: 0.05, ...more }),
  )
  const store = memoryRunStore('tabular/1')
  const events: TrainEvent[] = []
  for await (const event of train({ experiment: tabular, ...asked(data), runtime, store, createLoader }))
    events.push(event)
  const model = trainedModel(tabular, data.settings, store.loadCheckpoint('last')!)
  return { ...data, events, model, store }
}

describe('a linear model', () => {
  it('predicts as well as least squares, is analysed and exported with its columns', async () => {
    const { settings, test, model, events } = await trained({ target: 'price', features: ['size', 'age', 'colour'] })
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    const { metrics, outputs } = await evaluateModel(tabular, settings, model, test, runtime)
    expect(metrics['r2']).toBeGreaterThan(golden.regression.r2 - 0.01)
    expect(metrics['mae']! / golden.regression.mae).toBeLessThan(1.1)
    // Of a colour that training never saw nothing can be known.
    const known = golden.predicted.flatMap((value, i) =>
      test.columns['features']!.data[7 * i + 6] === 0 ? [outputs['prediction']!.data[i]! - value] : [],
    )
    expect(known.length).toBeGreaterThan(50)
    expect(Math.max(...known.map(Math.abs))).toBeLessThan(3)
    const analysis = await analyzeRun({ experiment: tabular, settings, model, metrics: [], test, runtime })
    expect(analysis.metrics!.map(({ name }) => name)).toEqual([
      'Parameters',
      'R2',
      'Mean absolute error',
      'Root mean squared error',
    ])
    expect(analysis.regression).toMatchObject({
      target: 'price',
      predicted: outputs['prediction']!.data,
      targets: test.columns['targets']!.data,
    })
    const exported = { experiment: tabular, settings, model }
    const onnx = exportOnnx(exported)
    expect(await checkExport(exported, onnx, { runtime, run: runOnnxModel })).toBeLessThan(1e-5)
    const told = exportMetadata(exported)
    expect(JSON.parse(told['ddlf.features']!)).toContain('colour=(other)')
    expect(JSON.parse(told['ddlf.columns']!)).toMatchObject([
      { name: 'size', kind: 'number' },
      { name: 'age', missing: true },
      { name: 'colour', values: ['blue', 'green', 'red'] },
    ])
    expect(JSON.stringify(told)).not.toContain(path.dirname((settings as unknown as { data: string }).data))
    const [alone] = await runOnnxModel(onnx.bytes, [
      { features: { dtype: 'float32', shape: [test.length, 7], data: test.columns['features']!.data } },
    ])
    golden.prices.forEach((_, i) =>
      expect(alone!['prediction']!.data[i]).toBeCloseTo(outputs['prediction']!.data[i]!, 2),
    )
  })
  it('tells classes apart as well as logistic regression', async () => {
    const { settings, test, model, events } = await trained({
      target: 'kind',
      features: ['size', 'age', 'colour'],
      classWeights: 'balanced',
    })
    expect(events[0]).toMatchObject({
      kind: 'start',
      notes: [
        expect.stringMatching(/^320 rows used, none left out; commas between fields; 'kind' is predicted as a class/),
        expect.anything(),
        "read as categories: 'colour' (3)",
        expect.stringMatching(/^test part, column 'colour': 18 of 80 .* \('grey'\)/),
        expect.stringMatching(/weights of the classes: cheap/),
      ],
    })
    expect((settings as unknown as { classes: string[] }).classes).toEqual(['cheap', 'dear'])
    const { metrics } = await evaluateModel(tabular, settings, model, test, runtime)
    expect(metrics['accuracy']).toBeGreaterThan(golden.accuracy - 0.03)
  })
})

describe('a table', () => {
  it('says what it leaves out, and is refused for it on request', async () => {
    const file = write(
      `size,price\n${Array.from({ length: 40 }, (_, k) => `${k},${k % 10 === 0 ? '' : 3.5 * k}`).join('\n')}\n`,
    )
    const { train: part, test } = await loadTrainingData(
      tabular,
      parseSettings(tabular, { data: file, target: 'price' }),
    )
    expect(part.intake).toMatchObject({
      used: 36,
      leftOut: [{
        reason: "with a blank 'price'", count: 4, first: [1, 11, 21, 31].map(row => `row ${row} on line ${row + 1}`),
      }],
    })
    expect([part.length, test.length]).toEqual([29, 7])
    await expect(
      loadTrainingData(tabular, parseSettings(tabular, { data: file, target: 'price', strict: true })),
    ).rejects.toThrow(/--strict[^]*4 that would be left out/)
  })
  it('of thousands with commas is read so in features and target, and it is said', async () => {
    const file = write(
      `area;price\n${Array.from({ length: 30 }, (_, k) => `${k + 1},${k % 2}00;${k + 1},500`).join('\n')}\n`,
    )
    const {
      settings,
      train: part,
      test,
      notes,
    } = await loadTrainingData(tabular, parseSettings(tabular, { data: file, target: 'price' }))
    const told = settings as unknown as {
      readonly encoding: readonly { readonly mean: number }[]
      readonly targetMean: number
    }
    const prices = [...part.columns['targets']!.data, ...test.columns['targets']!.data].sort((a, b) => a - b)
    expect(prices).toEqual(Array.from({ length: 30 }, (_, k) => 1000 * (k + 1) + 500))
    expect(told.encoding[0]!.mean).toBeGreaterThan(5000)
    expect(told.targetMean).toBeGreaterThan(5000)
    expect(part.intake!.notes).toContainEqual(
      expect.stringMatching(/'price' has commas between thousands: 1,500 is read as 1500/),
    )
    expect(notes).toContainEqual(expect.stringMatching(/'area' has commas between thousands/))
    const row = (field: string) => encodeColumns({ area: [field] }, 1, told.encoding as never)[0]
    expect(row('7,000')).toBe(row('7000'))
  })
  it('is asked about as it was stated for the run, or otherwise on request', async () => {
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, k) => `${from + k}~${3 * (from + k)}`).join('\n')
    const stated = {
      data: write(rows(1, 41)),
      header: false,
      delimiter: '~',
      target: 'column2',
      kind: 'regression',
      epochs: 1,
    }
    const data = await loadTrainingData(tabular, parseSettings(tabular, stated))
    const model = tabular.model(data.settings)
    const run = { experiment: tabular, settings: data.settings, model }
    const inputs = async (...given: [string, object?]) =>
      (await predictTable(run, given[0], runtime, given[1])).predictions.map(({ input }) => input)
    expect(await inputs(write(rows(1, 4)))).toEqual(['row 1', 'row 2', 'row 3'])
    expect(await inputs(write('column1;x\n1;2\n'), { header: true, delimiter: ';' })).toEqual(['row 1'])
  })
  it('says which fields of new rows its columns do not know', () => {
    const { encoding } = fitColumns(
      { name: 'flats', length: 3, columns: {}, text: { area: ['50', '60', '70'], city: ['Bonn', 'Ulm', 'Ulm'] } },
      { categorical: [], maxCategories: 10 },
    )
    expect(oddValues({ area: ['55', 'big'], city: ['Paris', 'Ulm', ''] }, encoding)).toEqual([
      expect.stringMatching(/^column 'area': 1 of 2 .*'big'/),
      expect.stringMatching(/^column 'city': 1 of 2 fields .* no place from training \('Paris'\)/),
    ])
  })
  it('is found by names however their accents are coded', () => {
    const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
    const names = { target: decomposed, classes: [decomposed], features: [decomposed], categorical: [decomposed] }
    expect(parseSettings(tabular, names)).toMatchObject({
      target: composed,
      classes: [composed],
      features: [composed],
      categorical: [composed],
    })
    expect(parseSettings(textTable, { text: decomposed, label: decomposed })).toMatchObject({
      text: composed,
      label: composed,
    })
    expect(parseSettings(imageFolder, { classes: [decomposed] })).toMatchObject({ classes: [composed] })
  })
  it('keeps the encoding of its run, whatever part it is', async () => {
    const first = await loadTrainingData(tabular, given({ target: 'price', validation: 0.2 }))
    const again = await loadTrainingData(tabular, first.settings)
    expect(again.settings).toEqual(first.settings)
    // Without the held-out rows the statistics are others.
    const whole = await loadTrainingData(tabular, given({ target: 'price' }))
    expect((first.settings as unknown as { targetMean: number }).targetMean).not.toBe(
      (whole.settings as unknown as { targetMean: number }).targetMean,
    )
  })
  it.each([
    ['no target', {}, /--set target=<column>, one of: size, age, colour, price, kind/],
    ['an unknown target', { target: 'prize' }, /did you mean 'price'/],
    [
      'categories in a column that is not there',
      { target: 'price', categorical: ['colr'] },
      /no column named 'colr'[^]*did you mean 'colour'/,
    ],
    [
      'weights of classes for a number',
      { target: 'price', classWeights: 'balanced' },
      /column of numbers named 'labels'/,
    ],
    [
      'a second table that is not there',
      { target: 'price', testData: '/nowhere/test.csv' },
      /testData[^]*does not exist/,
    ],
  ])('refuses %s', async (_, more, message) => {
    const told = async () => {
      const data = await loadTrainingData(tabular, given({ epochs: 1, ...more }))
      for await (const event of train({
        experiment: tabular,
        ...asked(data),
        runtime,
        store: memoryRunStore('tabular/1'),
        createLoader,
      }))
        if (event.kind === 'failed') throw new Error(event.message)
    }
    await expect(told()).rejects.toThrow(message)
  })
})

it('a number beyond float32 among the features counts as missing: nothing infinite is learned from', () => {
  const text = { size: [...Array.from({ length: 30 }, (_, i) => String(i)), '1e300'] }
  const { encoding } = fitColumns(
    { name: 'made', length: 31, columns: {}, text },
    { categorical: [], maxCategories: 9 },
  )
  const data = encodeColumns(text, 31, encoding)
  expect([...data].every(value => Number.isFinite(value))).toBe(true)
  expect(encodedNames(encoding)).toEqual(['size', 'size=(missing)'])
  expect([...data.slice(-2)]).toEqual([0, 1])
})
