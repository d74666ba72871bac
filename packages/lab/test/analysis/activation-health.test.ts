// Dead and saturated units of models whose weights are known.
import { describe, expect, it } from 'vitest'
import {
  Conv2d,
  Flatten,
  LeakyReLU,
  Linear,
  loadStateDict,
  ReLU,
  Sequential,
  Sigmoid,
  stateDict,
  Tanh,
  type Module,
} from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { normals, randomKey } from '@ddlf/tensor/random'
import { activationHealth } from '../../src/analysis/index.ts'

const runtime = onnxNodeRuntime({ threads: 1 })

function withState<M extends Module>(model: M, values: Readonly<Record<string, readonly number[]>>): M {
  const state = stateDict(model)
  loadStateDict(
    model,
    Object.fromEntries(
      Object.entries(state).map(([name, value]) => [name, { ...value, data: Float32Array.from(values[name] ?? []) }]),
    ),
  )
  return model
}

describe('activation health', () => {
  it('counts units that are zero for every item, and values that are zero', async () => {
    // Units: always on, never on, on for positive inputs.
    const model = withState(new Sequential(new Linear(1, 3), new ReLU(), new Linear(3, 1)), {
      '0.weight': [0, 0, 1], '0.bias': [1, -1, 0], '2.weight': [1, 1, 1], '2.bias': [0],
    })
    const [layer, ...others] = await activationHealth(
      model,
      Float32Array.of(1, 2, -1, -2),
      { shape: [1], dtype: 'float32' },
      { runtime },
    )
    expect(others).toEqual([])
    expect(layer).toMatchObject({ layer: '0', kind: 'relu', units: 3 })
    expect(layer!.dead).toBeCloseTo(1 / 3, 6)
    expect(layer!.zero).toBeCloseTo((4 + 2) / 12, 6)
  })

  it('leaves leaky units out: they pass a gradient wherever they are', async () => {
    const model = new Sequential(new Linear(1, 3), new LeakyReLU(), new Linear(3, 2), new ReLU(), new Linear(2, 1))
    expect(
      (await activationHealth(model, Float32Array.of(1, 2), { shape: [1], dtype: 'float32' }, { runtime })).map(
        ({ layer }) => layer,
      ),
    ).toEqual(['2'])
  })

  it('finds nothing where there is nothing', async () => {
    expect(
      await activationHealth(
        new Sequential(new Linear(1, 3), new LeakyReLU(), new Linear(3, 1)),
        Float32Array.of(1, 2),
        { shape: [1], dtype: 'float32' },
        { runtime },
      ),
    ).toEqual([])
  })

  it('looks at channels of feature maps, in more batches than one, and names the layer before', async () => {
    const model = withState(new Sequential(new Conv2d(1, 2, 1), new ReLU(), new Flatten(), new Linear(8, 1)), {
      '0.weight': [1, 0], '0.bias': [0, -0.5], '3.weight': Array<number>(8).fill(1), '3.bias': [0],
    })
    // Channel 0 is above zero at one place of the last item alone.
    const data = new Float32Array(4 * 600).fill(-1)
    data[4 * 599 + 2] = 1
    const [layer] = await activationHealth(model, data, { shape: [1, 2, 2], dtype: 'float32' }, { runtime })
    expect(layer).toMatchObject({ layer: '0', kind: 'relu', units: 2, dead: 0.5 })
    expect(layer!.zero).toBeCloseTo(1 - 1 / (2 * 4 * 600), 6)
  })

  it('finds squashing units at the end of their range: a slope below a hundredth of the largest', async () => {
    const values = normals(randomKey(1), 2000).map(value => 4 * value)
    const one = { '0.weight': [1], '0.bias': [0], '2.weight': [1], '2.bias': [0] }
    const health = async (squash: Module) =>
      (
        await activationHealth(
          withState(new Sequential(new Linear(1, 1), squash, new Linear(1, 1)), one),
          values,
          { shape: [1], dtype: 'float32' },
          { runtime },
        )
      )[0]
    const share = (slope: (x: number) => number) =>
      values.filter(x => slope(x) < 0.01 * slope(0)).length / values.length
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    expect(await health(new Tanh())).toMatchObject({
      kind: 'tanh',
      saturated: expect.closeTo(
        share(x => 1 - Math.tanh(x) ** 2),
        3,
      ) as number,
    })
    expect(await health(new Sigmoid())).toMatchObject({
      kind: 'sigmoid',
      saturated: expect.closeTo(
        share(x => sigmoid(x) * (1 - sigmoid(x))),
        3,
      ) as number,
    })
  })
})
