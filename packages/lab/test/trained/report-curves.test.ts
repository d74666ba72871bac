// The curves of a report: every metric that lists show, also those that training itself does not measure.
import { expect, it } from 'vitest'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import type { Tensor } from '@ddlf/tensor'
import { Linear } from '@ddlf/nn'
import { z } from 'zod'
import { analyzeRun, denoising, experiment, parseSettings, publishedSet, trainingSettings } from '../../src/index.ts'
import { corners } from '../train/corners.ts'

it('show the headline of a denoiser, by evaluation where the budget is in steps', async () => {
  const made = experiment({
    name: 'made',
    title: 'Made',
    question: 'Is it drawn?',
    data: { ...publishedSet('made'), form: () => ({ columns: { images: { dtype: 'uint8', shape: [1, 2, 2] } } }) },
    config: z.strictObject({ ...trainingSettings.shape, noise: z.number().default(0.3) }),
    task: denoising(),
    model: () => {
      const layer = new Linear(4, 4)
      return { layer, forward: (x: Tensor) => layer.forward(x.flatten(1)).reshape([-1, 1, 2, 2]) }
    },
  })
  const settings = parseSettings(made, { steps: 20, evaluateEvery: 10 })
  const names = ['train/loss', 'test/loss', 'test/psnr', 'test/medianPsnr', 'test/noisyPsnr']
  const metrics = names.flatMap(name =>
    [1, 2].map(epoch => ({ name, epoch, step: 10 * epoch, value: 20 + epoch, wallTime: 0 })),
  )
  const { curves } = await analyzeRun({
    experiment: made,
    settings,
    model: made.model(settings),
    metrics,
    test: corners('test', 20, 1),
    runtime: onnxNodeRuntime({ threads: 1 }),
  })
  expect(curves!.map(({ title, series }) => [title, series.map(({ name }) => name)])).toEqual([
    ['Mean squared error', ['train', 'test']],
    ['PSNR', ['test']],
    ['PSNR of a median filter', ['test']],
  ])
  expect(curves!.map(({ options }) => options?.xLabel)).toEqual(['evaluation', 'evaluation', 'evaluation'])
})
