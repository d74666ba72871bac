// Every experiment that tells classes apart can be handed on as ONNX with a free batch axis, before any training.
import { expect, test } from 'vitest'
import { experiments } from '@ddlf/course'
import { checkExport, exportMetadata, exportOnnx, parseSettings } from '@ddlf/lab'
import { parameterCount, withSeed } from '@ddlf/nn'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'

const classifiers = experiments.filter(({ task }) => task.name === 'classification')

test.each(classifiers.map(experiment => [experiment.name, experiment] as const))('%s', async (_, experiment) => {
  const settings = parseSettings(experiment, {
    ...(experiment.data.own && { classes: ['a', 'b', 'c'], data: '/home/someone' }),
    // What a training finds in its texts.
    ...((parseSettings(experiment, {}) as Record<string, unknown>)['vocabulary'] === 0 && { vocabulary: 11 }),
  })
  const model = withSeed(1, () => experiment.model(settings))
  const exported = { experiment, settings, model }
  // The largest ones have the same ops as the smaller ones.
  if (parameterCount(model) > 3_000_000) return
  const onnx = exportOnnx(exported)
  expect(await checkExport(exported, onnx, { runtime: onnxNodeRuntime(), run: runOnnxModel })).toBeLessThan(1e-5)
  const metadata = exportMetadata(exported)
  expect((JSON.parse(metadata['ddlf.classes'] ?? '[]') as string[]).length).toBeGreaterThan(1)
  expect(JSON.stringify(metadata)).not.toContain('/home/someone')
})
