// The experiments of Days 23-24.
import { denoising, experiment, publishedSet, trainingSettings } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { Denoiser } from './denoiser.ts'

const base = trainingSettings.shape

export const denoisingOnFashion = experiment({
  name: 'denoising-on-fashion-mnist',
  title: 'A denoising autoencoder on Fashion-MNIST',
  question: 'Does an autoencoder remove noise better than a median filter, which needs no learning?',
  data: publishedSet('fashion-mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(3),
    batchSize: base.batchSize.default(64),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.002),
    schedule: base.schedule.default('cosine'),
    noise: z.number().min(0).max(1).default(0.2).describe('standard deviation of the noise; pixels are 0 to 1'),
    width: z.number().int().min(1).max(256).default(16).describe('channels of the first layer'),
  }),
  task: denoising(),
  model: ({ width }) => new Denoiser(width),
})

export const experiments = [denoisingOnFashion]
