// The experiments of Days 7-10.
import { classification, experiment, trainingSettings } from '@ddlf/lab'
import { z } from 'zod'
import { augmentSetting, cifarScaling, cifarTransforms } from '../02-intro-level-cnn/experiments.ts'
import { resnetPublished } from './published.ts'
import { CifarResNet } from './resnet-cifar.ts'

const base = trainingSettings.shape

/** The residual networks of He et al. for CIFAR-10, and their plain counterparts. */
export const resnetOnCifar10 = experiment({
  name: 'resnet-on-cifar-10',
  title: 'ResNet-20 and plain networks on CIFAR-10',
  question: 'Why does a plain network get worse with depth, and what do shortcuts and batch norm change?',
  dataset: 'cifar-10',
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(45),
    batchSize: base.batchSize.default(128),
    learningRate: base.learningRate.default(0.1),
    schedule: base.schedule.default('oneCycle'),
    weightDecay: base.weightDecay.default(5e-4),
    nesterov: base.nesterov.default(true),
    depth: z.union([z.literal(20), z.literal(32), z.literal(44), z.literal(56), z.literal(110)]).default(20).describe('layers: 20, 32, 44, 56 or 110'),
    residual: z.boolean().default(true).describe('shortcuts; off: the plain network'),
    batchNorm: z.boolean().default(true).describe('normalise after each convolution'),
    augment: augmentSetting,
  }),
  task: classification(cifarScaling),
  model: ({ depth, residual, batchNorm }) => new CifarResNet(10, { depth, residual, batchNorm }),
  transforms: cifarTransforms,
  published: resnetPublished,
})

export const experiments = [resnetOnCifar10]
