// What the answers of a classifier depend on, where a model of the same form with first weights says nothing.
import { describe, expect, it } from 'vitest'
import { normals, randomKey } from '@ddlf/tensor/random'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { Flatten, init, Linear, Sequential, withSeed } from '@ddlf/nn'
import { explainClasses } from '../../src/analysis/classification/explain-classes.ts'
import { classification, classificationSettings, experiment, parseSettings, publishedSet } from '../../src/index.ts'

const ITEMS = 12
const CLASSES = Array.from({ length: 10 }, (_, k) => String(k))
const net = (start?: typeof init.zeros) => new Sequential(new Flatten(), new Linear(784, 10, start && { init: start }))

const explained = (first?: typeof init.zeros, learned?: typeof init.zeros) => {
  const made = experiment({
    name: 'made',
    title: 'Made',
    question: 'Which pixels count?',
    data: publishedSet('mnist'),
    config: classificationSettings,
    task: classification(),
    model: () => net(first),
  })
  const images = Uint8Array.from(normals(randomKey(1, 'pictures'), ITEMS * 784), x => Math.abs(40 * x) % 256)
  const test = {
    name: 'made/test', length: ITEMS, classes: CLASSES,
    columns: {
      images: { dtype: 'uint8' as const, shape: [1, 28, 28], data: images },
      labels: { dtype: 'int32' as const, shape: [], data: Int32Array.from({ length: ITEMS }, (_, i) => i % 10) },
    },
  }
  return explainClasses(
    {
      experiment: made, settings: parseSettings(made), model: withSeed(5, () => net(learned)), metrics: [], test,
      runtime: onnxNodeRuntime(),
    },
    normals(randomKey(3, 'logits'), ITEMS * 10),
    Int32Array.from({ length: ITEMS }, (_, i) => i % 10),
    CLASSES,
  )
}

describe('what the classes depend on', () => {
  it('is held against a model with first weights', async () => {
    const [saliency] = (await explained())!
    expect(saliency).toMatchObject({ method: 'saliency', check: { constantMaps: 0, passed: true } })
  })

  it.each([
    ['the first weights', init.zeros, undefined],
    ['the learned weights', undefined, init.zeros],
    ['both', init.zeros, init.zeros],
  ])('is shown without a check where %s are zeros', async (_, first, learned) => {
    const [saliency] = (await explained(first, learned))!
    expect(saliency?.tiles).toHaveLength(18)
    expect(saliency).not.toHaveProperty('check')
  })
})
