// Depth without pictures: dense nets of 5 to 50 layers on a tenth of MNIST, in seconds.
import { classification, classificationSettings, experiment, publishedSet } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { HighwayNet } from './highway-net.ts'
import { highwayPublished } from './published.ts'

const base = classificationSettings.shape

/** Plain, residual and highway nets, with the settings of the Schmidhuber problems' highway-networks. */
export const highwayOnMnist = experiment({
  name: 'highway-on-mnist',
  title: 'Plain, residual and highway nets on digits',
  question: 'How deep can a net of tanh units be before it no longer learns, and what does a way around its layers ' +
    'change?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(12),
    batchSize: base.batchSize.default(128),
    trainExamples: base.trainExamples.default(6000),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.005),
    clipNorm: base.clipNorm.default(5),
    depth: z.number().int().min(1).max(200).default(30).describe('blocks between the first layer and the last'),
    passage: z
      .enum(['plain', 'shortcut', 'gate'])
      .default('gate')
      .describe('what leads around a block: nothing, its input as it is, or a gate'),
  }),
  task: classification(),
  model: ({ depth, passage }) => new HighwayNet({ depth, passage }),
  published: highwayPublished,
})
