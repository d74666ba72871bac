// The task of telling classes apart: cross-entropy in training, loss, accuracy and error over a data set.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  add,
  argmax,
  cast,
  div,
  equal,
  flip,
  mean as meanOf,
  mul,
  oneHot,
  padImages,
  slice,
  sub,
  sum,
  tensor,
  type Tensor,
} from '@ddlf/tensor'
import { correctCount, crossEntropy, type Module } from '@ddlf/nn'
import { z } from 'zod'
import type { TrainingSettings } from '../../experiment/experiment.ts'
import { trainingSettings } from '../../experiment/training-settings.ts'
import type { BatchTensors, LossContext, Phase, Task } from '../task.ts'
import { total } from '../task.ts'
import { adviceAtChance } from '../chance.ts'
import { classAnswers } from './class-answers.ts'
import { classificationDetails } from './details.ts'
import { accuracy, classificationMetrics } from './metrics.ts'

/** Settings that the classification task reads, all of which may be left out; `seed` says that these are settings. */
export interface ClassificationSettings extends Partial<Pick<TrainingSettings, 'seed'>> {
  /** Share of the target spread over all classes; default 0. */
  readonly labelSmoothing?: number
  /** Evaluate images and their mirror images, and take the mean of the logits; default no. */
  readonly testTimeFlip?: boolean
  /**
   * Also evaluate images moved by one pixel up and left, and down and right: half of the mean is theirs; default no.
   */
  readonly testTimeShift?: boolean
}

/** The settings of a training that tells classes apart. */
export const classificationSettings = trainingSettings.extend({
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('share of the target spread over all classes'),
})

/** How images become the numbers a model sees. */
export interface ClassificationOptions {
  /** Column of inputs; default `images`. */
  readonly input?: string
  /** Column of int32 class numbers; default `labels`. */
  readonly target?: string
  /** Mean subtracted from each channel after division by 255; default 0. */
  readonly mean?: readonly number[]
  /** Standard deviation each channel is divided by afterwards; default 1. */
  readonly standardDeviation?: readonly number[]
}

/** Scales uint8 images [N, C, H, W] to float32, inside the graph: (x / 255 - mean) / standardDeviation per channel. */
export function scaleImages(images: Tensor, mean: readonly number[], standardDeviation: readonly number[]): Tensor {
  const scaled = cast(images, 'float32')
  // One multiplication and one addition a pixel: x * (1 / (255 s)) - m / s.
  const factor = perChannel(standardDeviation.map(s => 1 / (255 * s)))
  const shifted = mul(scaled, factor)
  return mean.every(m => m === 0)
    ? shifted
    : shifted.sub(perChannel(mean.map((m, i) => m / (standardDeviation[i] ?? 1))))
}

/** A value for each channel as [C, 1, 1], or one number for all. */
function perChannel(values: readonly number[]): Tensor | number {
  const [first] = values
  return values.length === 1 && first !== undefined ? first : tensor(values.map(value => [[value]]))
}

/** The mean of the logits of several views of images [N, C, H, W], as the settings ask. */
function logitsOfViews(
  model: Module,
  images: Tensor,
  { testTimeFlip = false, testTimeShift = false }: ClassificationSettings,
): Tensor {
  const both = (x: Tensor) =>
    testTimeFlip ? mul(add(model.forward(x), model.forward(flip(x, 3))), 0.5) : model.forward(x)
  if (!testTimeShift) return both(images)
  const [, , height = 0, width = 0] = images.shape
  const padded = padImages(images, 1, 'reflect')
  const moved = (by: number) =>
    both(slice(slice(padded, { axis: 2, start: by, end: by + height }), { axis: 3, start: by, end: by + width }))
  return add(mul(both(images), 0.5), mul(add(moved(0), moved(2)), 0.25))
}

/** A weight for every class of the logits, 1 each where none are given. */
const weightsFor = (logits: Tensor, { classWeights }: LossContext): { weight?: Tensor } =>
  classWeights
    ? { weight: tensor(Array.from({ length: logits.shape.at(-1) ?? 0 }, (_, k) => classWeights[k] ?? 0)) }
    : {}

/**
 * Loss and right answers of examples that show two classes: lambda (float32 [N]) of one and 1 - lambda of the other.
 */
function mixedLoss(
  logits: Tensor,
  labels: Tensor,
  mixedLabels: Tensor,
  lambda: Tensor,
  { labelSmoothing = 0 }: ClassificationSettings,
  context: LossContext,
): { loss: Tensor; correct: Tensor } {
  const { weight } = weightsFor(logits, context)
  const both = (of: (target: Tensor) => Tensor) => add(mul(lambda, of(labels)), mul(sub(1, lambda), of(mixedLabels)))
  const losses = both(target =>
    crossEntropy(logits, target, { labelSmoothing, ignoreIndex: null, reduction: 'none', ...(weight && { weight }) }),
  )
  return {
    // As in the weighted mean of the cross-entropy of one label: divided by the weights of the examples.
    loss: weight
      ? div(sum(losses), sum(both(target => sum(mul(oneHot(target, logits.shape.at(-1) ?? 0), weight), { axes: -1 }))))
      : meanOf(losses),
    correct: sum(both(target => cast(equal(argmax(logits), target), 'float32'))),
  }
}

/**
 * The classification task over a data set of inputs and class numbers. Where mixup or cutmix has added the columns
 * `mixedLabels` and `lambda`, an example counts as lambda of its label and 1 - lambda of the other, in the loss and
 * among the
 * right answers.
 */
export function classification(options: ClassificationOptions = {}): Task<ClassificationSettings> {
  checkOptions('classification', options, ['input', 'target', 'mean', 'standardDeviation'])
  const { input = 'images', target = 'labels', mean = [0], standardDeviation = [1] } = options
  const prepare = (x: Tensor) => (x.dtype === 'uint8' ? scaleImages(x, mean, standardDeviation) : x)
  const column = (batch: Readonly<Record<string, Tensor>>, name: string) => {
    const found = batch[name]
    if (!found)
      throw new UserError({
        rule: `Classification reads the columns '${input}' and '${target}'.`,
        received: Object.keys(batch).join(', '),
      })
    return found
  }
  const phase: Phase<ClassificationSettings> = {
    name: 'classification',
    columns: [input, target],
    optionalColumns: ['mixedLabels', 'lambda'],
    loss(model, batch, settings, context = {}) {
      const logits = model.forward(prepare(column(batch, input)))
      const labels = column(batch, target)
      const { mixedLabels, lambda } = batch
      if (mixedLabels && lambda) {
        const { loss, correct } = mixedLoss(logits, labels, mixedLabels, lambda, settings, context)
        return { loss, metrics: { accuracy: correct } }
      }
      return {
        loss: crossEntropy(logits, labels, {
          labelSmoothing: settings.labelSmoothing ?? 0,
          ignoreIndex: null,
          ...weightsFor(logits, context),
        }),
        metrics: { accuracy: correctCount(logits, labels) },
      }
    },
  }
  const outputs = (model: Module, inputs: BatchTensors, settings: ClassificationSettings) => ({
    logits: logitsOfViews(model, prepare(column(inputs, input)), settings),
  })
  return {
    name: 'classification',
    phases: () => [phase],
    classColumn: target,
    inputs: [input],
    prepare,
    outputs,
    evaluate: {
      columns: [input, target],
      compute(model, batch, settings) {
        const { logits } = outputs(model, batch, settings)
        return { sums: sumsOf(logits, column(batch, target)), outputs: { logits } }
      },
      metrics(sums, examples) {
        const correct = total(sums, 'correct')
        return { loss: total(sums, 'loss') / examples, accuracy: correct / examples, error: 1 - correct / examples }
      },
      keep: ['logits'],
      answers: [target],
      between: { testTimeFlip: false, testTimeShift: false },
    },
    adviceOn: adviceAtChance,
    metrics: classificationMetrics,
    monitor: accuracy,
    views: { answers: classAnswers, details: (kept, dataset) => classificationDetails(kept, dataset, target) },
  }
}

/** Over the examples of a batch: losses, right answers, and how often each class is the answer. */
function sumsOf(logits: Tensor, labels: Tensor): BatchTensors {
  if (logits.rank !== 2)
    throw new UserError({
      rule: 'Classification judges logits with one axis of classes.',
      received: `shape [${logits.shape.join(', ')}]`,
    })
  return {
    loss: crossEntropy(logits, labels, { ignoreIndex: null, reduction: 'sum' }),
    correct: correctCount(logits, labels),
    answers: sum(oneHot(argmax(logits), logits.shape[1] ?? 0), { axes: 0 }),
  }
}
