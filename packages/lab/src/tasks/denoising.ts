// The task of a denoiser: to give a picture back without the noise that was laid over it.
import {
  add,
  clamp,
  div,
  log,
  maximum,
  mean,
  minimum,
  mul,
  padImages,
  slice,
  square,
  sub,
  sum,
  type Tensor,
} from '@ddlf/tensor'
import { randomNormal, type Module } from '@ddlf/nn'
import type { Metric } from '../experiment/metric.ts'
import { scaleImages } from './classification/classification.ts'
import { total, type Answer, type AskedOutputs, type KeptOutputs, type Task, type TaskFigure } from './task.ts'

/** Settings that the task reads. */
export interface DenoisingSettings {
  /** Standard deviation of the noise; pixels are 0 to 1. */
  readonly noise: number
}

/** Peak signal-to-noise ratio. */
const psnrMetric = (name: string, title: string): Metric => ({
  name,
  title,
  unit: 'dB',
  better: 'higher',
  format: 'fixed',
})
const psnr = psnrMetric('psnr', 'PSNR')
const loss: Metric = { name: 'loss', title: 'mean squared error', unit: '', better: 'lower', format: 'significant' }

/** The least mean squared error that is told from none, 100 dB: a picture given back exactly has no finite ratio. */
const LEAST_ERROR = 1e-10

/**
 * Peak signal-to-noise ratio of each picture in decibels, 10 log10(1 / mean squared error), for pixels from 0 to 1,
 * and at most 100: [N].
 */
export const peakSignalToNoise = (pictures: Tensor, clean: Tensor): Tensor =>
  mul(log(maximum(mean(square(sub(pictures, clean)), { axes: [1, 2, 3] }), LEAST_ERROR)), -10 / Math.LN10)

/**
 * Pairs of nine values to be put in order, after which the fifth is the median. Source: Devillard, "Fast median
 * search", 1998.
 */
const MEDIAN_OF_NINE = [
  [1, 2],
  [4, 5],
  [7, 8],
  [0, 1],
  [3, 4],
  [6, 7],
  [1, 2],
  [4, 5],
  [7, 8],
  [0, 3],
  [5, 8],
  [4, 7],
  [3, 6],
  [1, 4],
  [2, 5],
  [4, 7],
  [4, 2],
  [6, 4],
  [4, 2],
] as const

/**
 * The median of each pixel and its eight neighbours, the edge mirrored: what needs no learning.
 * @param images [N, C, H, W]
 */
export function medianFilter(images: Tensor): Tensor {
  const [, , height = 0, width = 0] = images.shape
  const padded = padImages(images, 1, 'reflect')
  const moved = [0, 1, 2].flatMap(top =>
    [0, 1, 2].map(left =>
      slice(slice(padded, { axis: 2, start: top, end: top + height }), { axis: 3, start: left, end: left + width }),
    ),
  )
  for (const [a, b] of MEDIAN_OF_NINE) {
    const [one, other] = [moved[a] as Tensor, moved[b] as Tensor]
    moved[a] = minimum(one, other)
    moved[b] = maximum(one, other)
  }
  return moved[4] as Tensor
}

/** Denoising of the column `images`, uint8 [C, H, W]; the model reads and gives pixels from 0 to 1. */
export function denoising(): Task<DenoisingSettings> {
  const prepare = (images: Tensor) => scaleImages(images, [0], [1])
  /** Pixels from 0 to 1 with noise over them, which may lie outside. */
  const noisyOf = (clean: Tensor, { noise }: DenoisingSettings) => add(clean, mul(randomNormal(clean.shape), noise))
  const restore = (model: Module, noisy: Tensor) => clamp(model.forward(noisy), 0, 1)
  return {
    name: 'denoising',
    phases: () => [
      {
        name: 'squared error',
        columns: ['images'],
        loss(model, { images }, settings) {
          const clean = prepare(images as Tensor)
          const restored = model.forward(noisyOf(clean, settings))
          return { loss: mean(square(sub(restored, clean))), metrics: {} }
        },
      },
    ],
    inputs: ['images'],
    prepare,
    outputs: (model, { images }) => ({ restored: restore(model, prepare(images as Tensor)) }),
    evaluate: {
      columns: ['images'],
      compute(model, { images }, settings) {
        const clean = prepare(images as Tensor)
        const noisy = noisyOf(clean, settings)
        const restored = restore(model, noisy)
        const over = (pictures: Tensor) => sum(peakSignalToNoise(clamp(pictures, 0, 1), clean))
        return {
          sums: {
            loss: div(sum(square(sub(restored, clean))), clean.size / (clean.shape[0] ?? 1)),
            psnr: over(restored),
            noisy: over(noisy),
            median: over(medianFilter(noisy)),
          },
          outputs: { noisy: clamp(noisy, 0, 1), restored, filtered: clamp(medianFilter(noisy), 0, 1), clean },
        }
      },
      metrics: (sums, examples) => ({
        loss: total(sums, 'loss') / examples,
        psnr: total(sums, 'psnr') / examples,
        noisyPsnr: total(sums, 'noisy') / examples,
        medianPsnr: total(sums, 'median') / examples,
      }),
    },
    metrics: [
      psnr,
      psnrMetric('medianPsnr', 'PSNR of a median filter'),
      loss,
      { ...psnrMetric('noisyPsnr', 'PSNR of the noisy pictures'), quiet: true },
    ],
    monitor: psnr,
    views: {
      answers: restoredPictures,
      answersInPictures: true,
      figures: async ({ evaluated }) => [inRows(await evaluated(SHOWN, ROWS))],
    },
  }
}

/** Each picture as the model gives it back. */
function restoredPictures({ restored }: AskedOutputs): Answer[] {
  const [examples = 0, channels = 1, height = 0, width = 0] = restored?.shape ?? []
  const size = channels * height * width
  const shape = [channels, height, width] as const
  return Array.from({ length: examples }, (_, i) => {
    const data = restored?.data.slice(i * size, (i + 1) * size) ?? new Float32Array()
    return { kind: 'picture', picture: { data, shape } }
  })
}

/** Pictures in a row of the figure, and its rows. */
const SHOWN = 8
const ROWS = ['noisy', 'restored', 'filtered', 'clean'] as const

/** The same pictures in four rows. */
function inRows(kept: KeptOutputs): TaskFigure {
  const rows = ROWS.map(name => kept[name])
  const [channels = 1, height = 0, width = 0] = rows[0]?.shape ?? []
  const data = Float32Array.from(rows.flatMap(row => [...(row?.data ?? [])]))
  return {
    title: 'Noise and what is left of it',
    text:
      'The same pictures in four rows: with noise, as the model gives them back, behind a median filter, and as they ' +
      'are.',
    pictures: { data, shape: [channels, height, width] },
    columns: SHOWN,
  }
}
