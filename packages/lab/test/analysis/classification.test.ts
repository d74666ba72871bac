// Confusion matrices, reports, top losses and calibration against scikit-learn, and their terminal rendering.
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  argmax,
  calibration,
  classificationReport,
  confusionMatrix,
  formatConfusionMatrix,
  formatReport,
  mostConfusedPairs,
  softmaxRows,
  topLosses,
} from '../../src/analysis/index.ts'
import golden from './golden/classification.json' with { type: 'json' }

const CIFAR = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12) {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!), `element ${i}`).toBeLessThanOrEqual(tolerance)
}

describe.each(golden.map((one, index) => ({ index, one })))('scikit-learn case $index', ({ one }) => {
  const matrix = confusionMatrix(one.labels, one.predicted, one.classes)

  it('counts the same confusion matrix', () => {
    expect([...matrix.counts]).toEqual(one.confusion)
    expect(matrix.total).toBe(one.labels.length)
  })

  it('gives the same precision, recall and F1 with every average', () => {
    const report = classificationReport(matrix)
    for (const key of ['precision', 'recall', 'f1', 'support'] as const) {
      expectClose(report.classes.map(scores => scores[key]), one.scores.classes[key])
    }
    for (const average of ['macro', 'micro', 'weighted'] as const) {
      for (const key of ['precision', 'recall', 'f1'] as const)
        expect(report[average][key]).toBeCloseTo(one.scores[average][key], 12)
    }
    expect(report.errors).toBe(one.labels.filter((label, i) => label !== one.predicted[i]).length)
  })

  it.each(['logits', 'probabilities'] as const)(
    'gives the same calibration, Brier score and log loss from %s',
    from => {
      const scores = from === 'logits' ? one.logits : softmaxRows(one.logits, one.classes)
      const result = calibration(scores, one.labels, { from })
      expect(result.bins).toHaveLength(15)
      expect(result.expectedCalibrationError).toBeCloseTo(one.ece, 12)
      expect(result.maximumCalibrationError).toBeCloseTo(one.mce, 12)
      expect(result.brierScore).toBeCloseTo(one.brier, 12)
      expect(result.logLoss).toBeCloseTo(one.logLoss, 12)
      const filled = result.bins.filter(bin => bin.count > 0)
      expectClose(
        filled.map(bin => bin.accuracy),
        one.binAccuracy,
      )
      expectClose(
        filled.map(bin => bin.confidence),
        one.binConfidence,
      )
      if (one.binaryBrier !== undefined) expect(result.brierScore).toBeCloseTo(2 * one.binaryBrier, 12)
    },
  )

  it('finds the same top losses', () => {
    const losses = topLosses(one.logits, one.labels, 5, { from: 'logits' })
    expect(losses.map(item => item.index)).toEqual(one.topLosses)
    expectClose(losses.map(item => item.loss), one.topLossValues)
    for (const item of losses) {
      expect(item.label).toBe(one.labels[item.index])
      expect(item.prediction).toBe(one.predicted[item.index])
      expect(-Math.log(item.labelProbability)).toBeCloseTo(item.loss, 9)
      expect(item.probability).toBeGreaterThanOrEqual(item.labelProbability)
    }
  })
})

describe('classes that do not occur', () => {
  // scikit-learn 1.9.1: classification_report([0, 0, 2, 2, 2, 0, 4, 4], [0, 2, 2, 2, 0, 0, 3, 4], zero_division=0)
  const matrix = confusionMatrix(
    [0, 0, 2, 2, 2, 0, 4, 4],
    [0, 2, 2, 2, 0, 0, 3, 4],
    ['zero', 'one', 'two', 'three', 'four'],
  )
  const report = classificationReport(matrix)
  it('have no scores and are outside the macro mean', () => {
    expect(report.classes[1]).toEqual({ name: 'one', precision: NaN, recall: NaN, f1: NaN, support: 0 })
    expect(report.classes[3]).toEqual({ name: 'three', precision: 0, recall: 0, f1: 0, support: 0 })
    expectClose([report.macro.precision, report.macro.recall, report.macro.f1], [7 / 12, 11 / 24, 0.5])
    expectClose([report.weighted.precision, report.weighted.recall, report.weighted.f1], [0.75, 0.625, 2 / 3])
  })
  it('show a dash', () => {
    expect(formatReport(report).split('\n')[2]).toMatch(/^one +- +- +- +0$/)
    expect(formatConfusionMatrix(matrix).split('\n')[2]).toMatch(/^one .*-$/)
    expect(JSON.parse(JSON.stringify(report.classes[1]))).toMatchObject({ f1: null })
  })
})

describe('most confused pairs', () => {
  it('are the off-diagonal cells, largest first', () => {
    const matrix = confusionMatrix([0, 0, 0, 1, 1, 2, 2, 2], [1, 1, 0, 0, 1, 1, 1, 1], ['a', 'b', 'c'])
    expect(mostConfusedPairs(matrix, 2)).toEqual([
      { truth: 2, prediction: 1, truthName: 'c', predictionName: 'b', count: 3, share: 1 },
      { truth: 0, prediction: 1, truthName: 'a', predictionName: 'b', count: 2, share: 2 / 3 },
    ])
  })

  it('cover every error exactly once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4))), items => {
        const matrix = confusionMatrix(items.map(([truth]) => truth), items.map(([, prediction]) => prediction), 5)
        const confused = mostConfusedPairs(matrix, Infinity).reduce((sum, pair) => sum + pair.count, 0)
        expect(confused).toBe(classificationReport(matrix).errors)
      }),
    )
  })
})

describe('calibration', () => {
  it('is zero for a model that is always sure and right', () => {
    const perfect = calibration([1, 0, 0, 1], [0, 1])
    expect(perfect.expectedCalibrationError).toBe(0)
    expect(perfect.brierScore).toBe(0)
    expect(perfect.bins[14]).toMatchObject({ count: 2, accuracy: 1, confidence: 1 })
  })

  it('puts a confidence on an edge into the lower bin', () => {
    for (let edge = 1; edge <= 10; edge++) {
      const p = edge / 10
      const { bins } = calibration(p >= 0.5 ? [p, 1 - p] : [p, 0.5, 0.5 - p], [0], { bins: 10 })
      const expected = p >= 0.5 ? edge - 1 : 4
      expect(bins.findIndex(bin => bin.count === 1)).toBe(expected)
    }
  })

  it('survives extreme logits', () => {
    const result = calibration([1000, -1000, -1000, 1000], [0, 0], { from: 'logits' })
    expect(result.logLoss).toBe(1000)
    expect(Number.isFinite(result.expectedCalibrationError)).toBe(true)
  })
})

describe('mistakes are explained', () => {
  it.each([
    ['lengths that differ', () => confusionMatrix([0, 1], [0], 2), /one prediction for every label/],
    ['a label outside the classes', () => confusionMatrix([0, 2], [0, 1], 2), /integer class index from 0 to 1/],
    ['a table of the wrong size', () => calibration([0.5, 0.5, 1], [0, 1]), /one row an item/],
    ['logits passed as probabilities', () => topLosses([3, -1], [0], 1), /from: 'logits'/],
    ['scores that are not finite', () => calibration([NaN, 1], [0]), /finite/],
    ['no bins', () => calibration([1, 0], [0], { bins: 0 }), /positive integer/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(UserError)
    expect(act).toThrow(message)
  })
})

describe('terminal rendering', () => {
  // A made-up but lifelike table: 1000 items a class, cats and dogs confused.
  const labels: number[] = []
  const predictions: number[] = []
  for (let truth = 0; truth < 10; truth++) {
    for (let i = 0; i < 1000; i++) {
      labels.push(truth)
      predictions.push(i < 900 ? truth : i < 960 && (truth === 3 || truth === 5) ? 8 - truth : (truth * 7 + i) % 10)
    }
  }
  const matrix = confusionMatrix(labels, predictions, CIFAR)

  it('fits ten classes into 80 columns', () => {
    const text = formatConfusionMatrix(matrix)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
    expect(text).toMatchInlineSnapshot(`
      "true       airp… auto…  bird   cat  deer   dog  frog horse  ship truck  recall
      airplane     910    10    10    10    10    10    10    10    10    10   91.0%
      automobile    10   910    10    10    10    10    10    10    10    10   91.0%
      bird          10    10   910    10    10    10    10    10    10    10   91.0%
      cat            4     4     4   904     4    64     4     4     4     4   90.4%
      deer          10    10    10    10   910    10    10    10    10    10   91.0%
      dog            4     4     4    64     4   904     4     4     4     4   90.4%
      frog          10    10    10    10    10    10   910    10    10    10   91.0%
      horse         10    10    10    10    10    10    10   910    10    10   91.0%
      ship          10    10    10    10    10    10    10    10   910    10   91.0%
      truck         10    10    10    10    10    10    10    10    10   910   91.0%"
    `)
  })

  it('keeps the worst classes of a hundred', () => {
    const many = confusionMatrix([3, 3, 97, 5], [97, 97, 3, 5], 100)
    const text = formatConfusionMatrix(many)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
    expect(text).toContain('of 100 classes with most errors')
    expect(text).toMatch(/^97 /m)
  })

  it('prints the report as aligned columns', () => {
    expect(formatReport(classificationReport(matrix))).toMatchInlineSnapshot(`
      "class         precision    recall        f1   support
      airplane         0.9211    0.9100    0.9155      1000
      automobile       0.9211    0.9100    0.9155      1000
      bird             0.9211    0.9100    0.9155      1000
      cat              0.8626    0.9040    0.8828      1000
      deer             0.9211    0.9100    0.9155      1000
      dog              0.8626    0.9040    0.8828      1000
      frog             0.9211    0.9100    0.9155      1000
      horse            0.9211    0.9100    0.9155      1000
      ship             0.9211    0.9100    0.9155      1000
      truck            0.9211    0.9100    0.9155      1000

      accuracy                             0.9088     10000
      macro avg        0.9094    0.9088    0.9090     10000
      weighted avg     0.9094    0.9088    0.9090     10000"
    `)
  })
})

describe('argmax and softmax', () => {
  it('take the first of equal values', () => expect(argmax([1, 3, 3, 2])).toBe(1))
  it('give rows that sum to one whatever the logits', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 4, maxLength: 4 }), logits => {
        const p = softmaxRows(logits, 4)
        expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12)
        expect(p[argmax(logits)]).toBe(Math.max(...p))
      }),
    )
  })
})
