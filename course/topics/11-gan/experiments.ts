// The experiments of Days 25-26.
import { adversarial, experiment, publishedSet, trainingSettings } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { Dcgan } from './dcgan.ts'

const base = trainingSettings.shape

export const dcganOnMnist = experiment({
  name: 'dcgan-on-mnist',
  title: 'A DCGAN on MNIST',
  question: 'Do two small networks against one another learn to draw all ten digits?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(3),
    batchSize: base.batchSize.default(64),
    dropLast: base.dropLast.default(true),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.0002),
    beta1: base.beta1.default(0.5),
    latent: z.number().int().min(1).max(4096).default(100).describe('numbers of noise that a picture is made of'),
    width: z.number().int().min(1).max(256).default(16).describe('channels of the first layer of the discriminator'),
  }),
  task: adversarial(),
  model: settings => new Dcgan(settings),
})

export const experiments = [dcganOnMnist]
