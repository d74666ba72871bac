// The analyses that need a model, on small models of the real engine.
import { crossEntropy, Linear, Sequential, Tanh, withSeed } from '@ddlf/nn'
import { referenceRuntime, reshape } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { normals, randomKey } from '@ddlf/tensor/random'
import { describe, expect, it } from 'vitest'
import {
  classGradients,
  filterNormalisedDirection,
  firstLayerFilters,
  lossSlice,
  modelObjective,
  randomisedWeightsCheck,
  saliency,
  sharpness,
} from '../../src/analysis/index.ts'

const ITEMS = 24
const inputs = normals(randomKey(1, 'inputs'), ITEMS * 16)
const labels = Int32Array.from({ length: ITEMS }, (_, i) => i % 3)
// Smooth, so that finite differences meet no kink.
const network = (seed: number) => withSeed(seed, () => new Sequential(new Linear(16, 8), new Tanh(), new Linear(8, 3)))
const specs = [{ shape: [null, 16] }, { shape: [null], dtype: 'int32' as const }]
// Two batches of different size, so that a plain mean of means would be wrong.
const batches = [
  [inputs.slice(0, 16 * 16), labels.slice(0, 16)],
  [inputs.slice(16 * 16), labels.slice(16)],
]

describe.each([
  ['reference', referenceRuntime],
  ['onnx-node', onnxNodeRuntime()],
] as const)('on the %s runtime', (_, runtime) => {
  const objectiveOf = (model: Sequential) =>
    modelObjective(model, (x, y) => crossEntropy(model.forward(x), y), specs, batches, { runtime })

  it('an objective is the mean over all items, and puts the model back', async () => {
    const model = network(1)
    const objective = objectiveOf(model)
    const whole = modelObjective(model, (x, y) => crossEntropy(model.forward(x), y), specs, [[inputs, labels]], {
      runtime,
    })
    expect(await objective.loss(objective.parameters)).toBeCloseTo(await whole.loss(objective.parameters), 5)
    expect(objective.blocks.map(({ shape }) => shape)).toEqual([[8, 16], [8], [3, 8], [3]])
    await objective.loss(objective.parameters.map(() => 0))
    expect(objectiveOf(model).parameters).toEqual(objective.parameters)
    // Without weights every class is equally likely.
    expect(await objective.loss(objective.parameters.map(() => 0))).toBeCloseTo(Math.log(3), 5)
    await Promise.all([objective.release(), whole.release()])
  })

  it('its gradient agrees with finite differences', async () => {
    const objective = objectiveOf(network(2))
    const { loss, gradient } = await objective.lossAndGradient(objective.parameters)
    expect(loss).toBeCloseTo(await objective.loss(objective.parameters), 5)
    for (const i of [0, 17, 100, 130, 140, 150, 162]) {
      const shifted = (by: number) =>
        objective.loss(objective.parameters.map((value, j) => (j === i ? value + by : value)))
      expect(gradient[i]).toBeCloseTo(((await shifted(1e-2)) - (await shifted(-1e-2))) / 2e-2, 3)
    }
    await objective.release()
  })

  it('sharpness and a loss slice follow from it', async () => {
    const objective = objectiveOf(network(3))
    const full = await sharpness(objective.lossAndGradient, objective.parameters)
    const subspace = await sharpness(objective.lossAndGradient, objective.parameters, { subspace: 10 })
    expect(full.sharpness).toBeGreaterThan(0)
    expect(subspace.sharpness).toBeGreaterThan(0)
    // The corner along the signs of the gradient is in the box, so the maximum is at least nearly as high.
    const { gradient } = await objective.lossAndGradient(objective.parameters)
    const corner = objective.parameters.map(
      (value, i) => value + Math.sign(gradient[i]!) * 1e-3 * (Math.abs(value) + 1),
    )
    expect(full.largestLoss).toBeGreaterThan((await objective.loss(corner)) - 1e-5)
    const slice = await lossSlice(
      objective.loss,
      objective.parameters,
      filterNormalisedDirection(objective.parameters, objective.blocks),
      { points: 5 },
    )
    expect(slice.losses[2]).toBeCloseTo(full.loss, 5)
    await objective.release()
  })

  it('saliency of a linear model is its weights, and depends on them', async () => {
    const model = withSeed(4, () => new Linear(16, 3))
    const explain = async (linear: Linear) => {
      const { gradients, shape } = await classGradients(
        x => linear.forward(reshape(x, [ITEMS, 16])),
        inputs,
        [1, 4, 4],
        labels,
        { runtime },
      )
      return saliency(gradients, shape)
    }
    const maps = await explain(model)
    const { weights, shape } = firstLayerFilters({
      values: model.weight.leaf?.data as Float32Array,
      shape: model.weight.shape,
    })
    expect(shape).toEqual([3, 1, 4, 4])
    for (const item of [0, 1, 5]) {
      const row = labels[item]! * 16
      for (let p = 0; p < 16; p++) expect(maps.maps[item * 16 + p]).toBeCloseTo(Math.abs(weights[row + p]!), 6)
    }
    const untrained = await explain(withSeed(5, () => new Linear(16, 3)))
    expect(randomisedWeightsCheck(maps, untrained).correlation.estimate).toBeLessThan(0.5)
  })
})
