// The task of predicting the next token of a text at every position.
import { cast, greaterEqual, sum, type Tensor } from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { crossEntropy, type Module } from '@ddlf/nn'
import type { Metric } from '../experiment/metric.ts'
import { total, type BatchTensors, type Task } from './task.ts'
import { textFigures } from './text-figure.ts'

/** Settings that the task reads. */
export interface LanguageModelSettings {
  /** Tokens that the model sees at once. */
  readonly blockSize: number
}

const loss: Metric = { name: 'loss', title: 'loss', unit: 'nats per token', better: 'lower', format: 'fixed' }
const bits: Metric = {
  name: 'bits', title: 'bits per token', unit: 'bits', better: 'lower', format: 'fixed', quiet: true,
}
const perplexity: Metric = { name: 'perplexity', title: 'perplexity', unit: '', better: 'lower', format: 'fixed' }

/** What {@link languageModel} is told. */
export interface LanguageModelOptions {
  /** Positions whose target is this number count nowhere: -1 where texts are filled up. Default: all count. */
  readonly ignoreIndex?: number
}

/**
 * Language modelling over the columns `tokens` and `targets`, int32 [blockSize]: the mean cross-entropy of the next
 * token, over all positions that count.
 */
export function languageModel(options: LanguageModelOptions = {}): Task<LanguageModelSettings> {
  const { ignoreIndex = null } = checkOptions('languageModel', options, { ignoreIndex: kinds.whole(-100, -1) })
  const outputs = (model: Module, { tokens }: BatchTensors) => ({ logits: model.forward(tokens as Tensor) })
  return {
    name: 'language model',
    phases: () => [
      {
        name: 'next token',
        columns: ['tokens', 'targets'],
        loss: (model, { tokens, targets }) => ({
          loss: crossEntropy(model.forward(tokens as Tensor), targets as Tensor, { ignoreIndex }),
          metrics: {},
        }),
      },
    ],
    inputs: ['tokens'],
    outputs,
    evaluate: {
      columns: ['tokens', 'targets'],
      compute(model, { tokens, targets }) {
        const { logits } = outputs(model, { tokens } as BatchTensors)
        return {
          sums: {
            loss: crossEntropy(logits, targets as Tensor, { ignoreIndex, reduction: 'sum' }),
            tokens: sum(cast(greaterEqual(targets as Tensor, 0), 'float32')),
          },
        }
      },
      metrics(sums) {
        const mean = total(sums, 'loss') / total(sums, 'tokens')
        return { loss: mean, perplexity: Math.exp(mean), bits: mean / Math.LN2 }
      },
    },
    metrics: [loss, perplexity, bits],
    monitor: loss,
    views: {
      text: {
        logits: (model, tokens) => model.forward(tokens),
        capacity: ({ blockSize }) => blockSize,
      },
      figures: textFigures,
    },
  }
}
