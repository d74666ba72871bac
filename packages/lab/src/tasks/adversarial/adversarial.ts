// The task of two networks against one another: a generator makes pictures of noise, and a discriminator tells them
// from those of the data.
import {
  add, cast, clamp, greater, less, matmul, mul, ones, sum, zeros, type Tensor,
} from '@ddlf/tensor'
import { normals, randomKey } from '@ddlf/tensor/random'
import { binaryCrossEntropyWithLogits, randomNormal, type Module } from '@ddlf/nn'
import { UserError } from '@ddlf/tensor/errors'
import type { Metric } from '../../experiment/metric.ts'
import { scaleImages } from '../classification/classification.ts'
import {
  total, type Ask, type MadePictures, type Metrics, type Phase, type PictureOptions, type Sums, type Task,
} from '../task.ts'
import { frechetDistance, gaussianOf, totalVariance } from './frechet-distance.ts'
import { regionMeans } from './region-means.ts'

/** Settings that the task reads. */
export interface AdversarialSettings {
  /** Numbers of noise that a picture is made of. */
  readonly latent: number
}

/** What plays. Its forward pass is the generator's. */
export interface Adversaries extends Module {
  /** From noise [N, latent] to pictures [N, C, H, W], their values from -1 to 1. */
  readonly generator: Module
  /** From such pictures to one logit each, [N, 1]: above 0 for those of the data. */
  readonly discriminator: Module
}

const frechet: Metric = {
  name: 'frechet', title: 'Fréchet distance', unit: '', better: 'lower', format: 'significant',
}
const spread: Metric = {
  name: 'spread', title: 'sample spread', unit: '', better: 'neither',
  format: 'significant',
}
const share = (name: string, title: string): Metric => ({
  name, title, unit: '%', better: 'neither', format: 'percent', quiet: true,
})
const cost = (name: string, title: string): Metric => ({
  name, title, unit: 'nats', better: 'neither', format: 'fixed',
})

/** The regions of a picture whose means are compared. */
const REGIONS = 7
/** Variance of the samples as a share of that of the data. Below this spread the samples are all alike. */
const ALIKE = 0.2
/** Pictures that must be judged for their variance to say something. */
const LEAST_SPREAD = 10

const noiseFor = (pictures: Tensor, latent: number): Tensor => randomNormal([pictures.shape[0] as number, latent])

/** The mean cost of taking pictures for those of the data, or for made ones. */
const costOf = (logits: Tensor, isReal: boolean): Tensor =>
  binaryCrossEntropyWithLogits(logits, isReal ? ones(logits.shape) : zeros(logits.shape))

const countWhere = (condition: Tensor): Tensor => sum(cast(condition, 'float32'))

/** @throws UserError where a model is none of two networks */
function playersOf(model: Partial<Adversaries>): Adversaries {
  const { generator, discriminator } = model
  if (generator && discriminator) return model as Adversaries
  throw new UserError({
    rule: 'An adversarial task trains a model with the fields generator and discriminator.',
    received: `a model with ${Object.keys(model).join(', ') || 'no field'}`,
    next: 'Give it two modules: from noise to pictures, and from pictures to one logit each.',
  })
}

/** The two updates of a step. Source: Goodfellow et al., "Generative adversarial nets", 2014, algorithm 1. */
function phasesOver(prepare: (images: Tensor) => Tensor): readonly Phase<AdversarialSettings, Adversaries>[] {
  return [
    {
      name: 'discriminator',
      columns: ['images'],
      trains: name => name.startsWith('discriminator.'),
      loss(model, { images }, { latent }) {
        const { generator, discriminator } = playersOf(model)
        const real = prepare(images as Tensor)
        const onReal = discriminator.forward(real)
        const onMade = discriminator.forward(generator.forward(noiseFor(real, latent)))
        return {
          loss: add(costOf(onReal, true), costOf(onMade, false)),
          metrics: { real: countWhere(greater(onReal, 0)), made: countWhere(less(onMade, 0)) },
        }
      },
    },
    {
      name: 'generator',
      columns: ['images'],
      trains: name => name.startsWith('generator.'),
      // It makes the discriminator say yes; section 3: stronger gradients early than from 1 minus its no.
      loss: ({ generator, discriminator }, { images }, { latent }) => ({
        loss: costOf(discriminator.forward(generator.forward(noiseFor(images as Tensor, latent))), true),
        metrics: {},
      }),
    },
  ]
}

/** Sums of points [N, n] and of their outer products. */
const momentsOf = (name: string, points: Tensor): Record<string, Tensor> => ({
  [`${name}Sum`]: sum(points, { axes: 0 }),
  [`${name}Products`]: matmul(points, points, { transposeA: true }),
})

function metricsOf(sums: Sums, examples: number): Metrics {
  const of = (name: string) => gaussianOf({
    count: examples, sum: sums[`${name}Sum`] ?? [], products: sums[`${name}Products`] ?? [],
  })
  const [data, made] = [of('data'), of('made')]
  return {
    frechet: frechetDistance(data, made),
    ...(examples >= LEAST_SPREAD && { spread: totalVariance(made) / totalVariance(data) }),
    real: total(sums, 'real') / examples,
    made: total(sums, 'madeKnown') / examples,
  }
}

/**
 * Generative adversarial training on the column `images`, uint8 [C, H, W]: the model reads and makes pictures from -1
 * to 1, and is asked for pictures from 0 to 1. It is judged by the Fréchet distance between as many pictures as there
 * are in the data that judge it: of the means of 7 x 7 regions, where FID takes the features of a network. Of
 * fewer than ten pictures it tells no spread.
 */
export function adversarial(): Task<AdversarialSettings, Adversaries> {
  const prepare = (images: Tensor) => scaleImages(images, [0.5], [0.5])
  // The tanh of a fast kernel may leave its range by a rounding.
  const toPixels = (pictures: Tensor) => clamp(mul(add(pictures, 1), 0.5), 0, 1)
  return {
    name: 'adversarial',
    phases: () => phasesOver(prepare),
    inputs: ['noise'],
    made: ({ latent }) => ({ noise: { dtype: 'float32', shape: [latent] } }),
    prepare,
    outputs: (model, { noise }) => ({ pictures: toPixels(model.generator.forward(noise as Tensor)) }),
    evaluate: {
      columns: ['images'],
      compute({ generator, discriminator }, { images }, { latent }) {
        const real = prepare(images as Tensor)
        const made = generator.forward(noiseFor(real, latent))
        return {
          sums: {
            ...momentsOf('data', regionMeans(toPixels(real), REGIONS)),
            ...momentsOf('made', regionMeans(toPixels(made), REGIONS)),
            real: countWhere(greater(discriminator.forward(real), 0)),
            madeKnown: countWhere(less(discriminator.forward(made), 0)),
          },
        }
      },
      metrics: metricsOf,
    },
    adviceOn: ({ spread: found = Number.NaN }) =>
      found < ALIKE
        ? 'Its pictures are nearly all alike, whatever the noise: the generator has found one that passes. Lower the ' +
          'learning rate, or beta1 (0.5), and train it longer.'
        : undefined,
    metrics: [
      frechet,
      spread,
      cost('discriminator.loss', 'loss of the discriminator'),
      cost('generator.loss', 'loss of the generator'),
      share('real', 'pictures of the data that the discriminator knows'),
      share('made', 'made pictures that the discriminator knows'),
      share('discriminator.real', 'pictures of the data that the discriminator knows'),
      share('discriminator.made', 'made pictures that the discriminator knows'),
    ],
    monitor: frechet,
    views: {
      pictures,
      figures: async ({ ask, settings }) => [{
        title: 'Pictures that it makes',
        text: 'Each is made of other noise; none is chosen. They are those of seed 1.',
        pictures: await pictures(ask, settings, { count: SHOWN, seed: 1, from: 0 }),
        columns: COLUMNS,
      }],
    },
  }
}

/** Pictures of the figure, and those in a row. */
const SHOWN = 40
const COLUMNS = 10

/** Pictures by their numbers: each follows from the seed and its number alone. */
async function pictures(
  ask: Ask,
  { latent }: AdversarialSettings,
  { count, seed, from }: PictureOptions & { readonly from: number },
): Promise<MadePictures> {
  const noise = new Float32Array(count * latent)
  for (let i = 0; i < count; i++) noise.set(normals(randomKey(seed, 'sample', from + i), latent), i * latent)
  const { pictures: made } = await ask({ noise })
  const [, channels = 1, height = 0, width = 0] = made?.shape ?? []
  return { data: made?.data ?? new Float32Array(), shape: [channels, height, width] }
}
