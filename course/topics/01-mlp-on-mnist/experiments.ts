// The experiments of Days 1-2.
import { classification, experiment, trainingSettings } from '@ddlf/lab'
import { z } from 'zod'
import { Mlp } from './mlp.ts'
import { published } from './published.ts'

const share = z.number().min(0).lt(1)

/** The author's four-layer perceptron, with everything about it as a setting. */
export const mlpOnMnist = experiment({
  name: 'mlp-on-mnist',
  title: 'Multilayer perceptron on MNIST',
  question: 'How well does a small multilayer perceptron read handwritten digits, and what does each choice change?',
  dataset: 'mnist',
  config: z.strictObject({
    ...trainingSettings.shape,
    epochs: trainingSettings.shape.epochs.default(12),
    learningRate: trainingSettings.shape.learningRate.default(0.05),
    schedule: trainingSettings.shape.schedule.default('cosine'),
    hidden: z.array(z.number().int().min(1).max(100_000)).max(20).default([128, 32]).describe('units in each hidden layer; empty: softmax regression'),
    activation: z.enum(['relu', 'tanh', 'sigmoid', 'gelu']).default('relu').describe('function after each hidden layer'),
    dropout: share.default(0).describe('share of hidden units dropped in training'),
    inputDropout: share.default(0).describe('share of input pixels dropped in training'),
    batchNorm: z.boolean().default(false).describe('normalise each hidden layer over the batch'),
  }),
  task: classification(),
  model: settings => new Mlp(784, 10, settings),
  published,
})

export const experiments = [mlpOnMnist]
