// Weights of PyTorch's users: batch norm with and without its count, wrapped names, pickles, and hints that name what
// helps.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BatchNorm1d, Linear, Sequential, stateDict, withSeed, type StateDict } from '@ddlf/nn'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  decodeWeights,
  encodeSafetensors,
  evaluateModel,
  exportSafetensors,
  findExperiment,
  loadWeights,
  ownDataExperiments,
  parseSettings,
} from '../../src/index.ts'
import { importWeights } from '../../src/node.ts'

const bytes = readFileSync(new URL('golden/norms.safetensors', import.meta.url))
const { logits } = JSON.parse(readFileSync(new URL('golden/norms.json', import.meta.url), 'utf8')) as {
  logits: number[][]
}
const experiment = findExperiment(ownDataExperiments, 'image-folder')
const settings = parseSettings(experiment, { size: 8, width: 2, classes: ['a', 'b', 'c'] })
const images = Uint8Array.from({ length: 4 * 192 }, (_, k) => {
  const [i, p] = [Math.floor(k / 192), k % 192]
  return (7 * p * p + 13 * i * p + 31 * i) % 256
})
const dataset = {
  name: 'made',
  length: 4,
  columns: {
    images: { dtype: 'uint8', shape: [3, 8, 8], data: images },
    labels: { dtype: 'int32', shape: [], data: new Int32Array(4) },
  },
} as const

const network = (seed = 1) => withSeed(seed, () => experiment.model(settings))
const named = (state: StateDict, rename: (name: string) => string | undefined): StateDict =>
  Object.fromEntries(Object.entries(state).flatMap(([name, value]) => {
    const to = rename(name)
    return to === undefined ? [] : [[to, value]]
  }))
const weights = decodeWeights(bytes)
const messageOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  return 'no error'
}

async function expectLogits(state: StateDict): Promise<void> {
  const model = network()
  loadWeights(model, state)
  const { outputs } = await evaluateModel(experiment, settings, model, dataset, onnxNodeRuntime({ threads: 1 }))
  const differences = logits
    .flat()
    .map((value, i) => Math.abs(value - outputs['logits']!.data[i]!) / Math.max(1, Math.abs(value)))
  expect(Math.max(...differences)).toBeLessThan(1e-5)
}

describe("a network with batch norm that PyTorch wrote gives PyTorch's logits", () => {
  it('as it was saved', async () => {
    await expectLogits(weights)
    const model = network()
    loadWeights(model, weights)
    expect(stateDict(model)['1.num_batches_tracked']!.data[0]).toBe(3)
  })
  it('without num_batches_tracked', () =>
    expectLogits(named(weights, name => (name.endsWith('num_batches_tracked') ? undefined : name))))
  it('with num_batches_tracked as a float', () =>
    expectLogits({ ...weights, '1.num_batches_tracked': { shape: [1], dtype: 'float32', data: Float32Array.of(3) } }))
  it.each(['module.', '_orig_mod.', 'module._orig_mod.', '_orig_mod.module.'])('behind %s', prefix =>
    expectLogits(named(weights, name => prefix + name)),
  )
  it('with a part that was compiled alone', () =>
    expectLogits(named(weights, name => name.replace('.', '._orig_mod.'))))
})

it('what is exported comes back', async () => {
  const [first, second] = [network(1), network(2)]
  loadWeights(first, weights)
  loadWeights(second, decodeWeights(exportSafetensors({ experiment, settings, model: first })))
  expect(stateDict(second)).toEqual(stateDict(first))
  await expectLogits(decodeWeights(exportSafetensors({ experiment, settings, model: second })))
})

it("keeps names that are the model's own", () => {
  const wrapped = { module: new Linear(2, 2), forward: (x: never) => x }
  loadWeights(wrapped, {
    'module.weight': { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) },
    'module.bias': { shape: [2], dtype: 'float32', data: Float32Array.of(5, 6) },
  })
  expect([...wrapped.module.weight.leaf!.data!]).toEqual([1, 2, 3, 4])
})

describe('what does not fit is said with the option that helps', () => {
  const renamedPart = named(weights, name => name.replace(/^10\./, 'fc.').replace(/^4\./, 'conv2.'))
  it('suggests renamings by shape', () => {
    const message = messageOf(() => loadWeights(network(), renamedPart))
    expect(message).toMatch(/names that the model does not have[^]*'fc.bias', 'fc.weight', 'conv2.weight', where the model has '4.weight', '10.weight', '10.bias'/)
    expect(message).toMatch(/--rename fc=10 --rename conv2=4/)
    expect(message).not.toMatch(/strict/)
    const model = network()
    loadWeights(model, renamedPart, [['conv2', '4'], ['fc', '10']])
    expect(stateDict(model)['10.bias']!.data).toEqual(weights['10.bias']!.data)
  })
  it('names a part that is too much, missing, or of another size', () => {
    const small = withSeed(1, () => new Sequential(new Linear(4, 3)))
    const state = (model: object) => stateDict(model)
    expect(
      messageOf(() =>
        loadWeights(small, {
          ...state(small),
          'head.weight': { shape: [1], dtype: 'float32', data: new Float32Array(1) },
        }),
      ),
    ).toMatch(/names that the model does not have[^]*'head.weight'[^]*--set/)
    expect(messageOf(() => loadWeights(new Sequential(new Linear(4, 3), new BatchNorm1d(3)), state(small)))).toMatch(
      /a file without '1.weight', '1.bias', '1.running_mean', '1.running_var'[^]*--set/,
    )
    expect(messageOf(() => loadWeights(new Sequential(new Linear(4, 5)), state(small)))).toMatch(
      /'0.weight' has the shape \[5, 4\] in the model[^]*shape \[3, 4\][^]*--set/,
    )
    expect(messageOf(() => loadWeights(small, state(small), [['fc', '0']]))).toMatch(/no part of this name[^]*fc/)
    expect(messageOf(() => loadWeights(small, { ...state(small), 'module.0.bias': state(small)['0.bias']! }))).toMatch(
      /'0.bias' twice/,
    )
  })
})

it.each([
  ['zip', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0)],
  ['pickle', Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20)],
])('a %s that torch.save wrote is refused with what to do', (_kind, file) => {
  const message = messageOf(() => decodeWeights(file, 'nets/resnet.pth'))
  expect(message).toMatch(/A pickle can run any program[^]*nets\/resnet.pth/)
  expect(message).toMatch(
    /import torch; from safetensors.torch import save_file\n.*torch.load\("nets\/resnet.pth", map_location="cpu", weights_only=True\)\n.*"state_dict", "model_state_dict".*\n.*torch.is_tensor.*"nets\/resnet.safetensors"\)/,
  )
})

it('a model of ONNX is refused with what to export instead', () => {
  // Version 8, the producer's name '30ddlf'.
  const file = Uint8Array.of(0x08, 8, 0x12, 6, 0x33, 0x30, 0x64, 0x64, 0x6c, 0x66, 0x3a, 0xaa)
  expect(messageOf(() => decodeWeights(file, 'net.onnx'))).toMatch(
    /a model of ONNX is a graph[^]*net\.onnx[^]*export '<run>' --format safetensors/,
  )
})

it('a file of any other kind is refused as no safetensors file', () => {
  expect(() => decodeWeights(new TextEncoder().encode('weights?'))).toThrow(/Not a valid safetensors file/)
  expect(
    Object.keys(decodeWeights(encodeSafetensors({ a: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } }))),
  ).toEqual(['a'])
})

it('a tensor named like a property of every object is a name as any other', () => {
  const model = network()
  const hostile = Object.fromEntries([
    ...Object.entries(stateDict(model)),
    ['__proto__', { dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const],
  ])
  expect(messageOf(() => { loadWeights(model, hostile) })).toMatch(/names that the model does not have[^]*'__proto__'/)
})

it('many names of one part are told apart without comparing each with each', () => {
  const empty = { dtype: 'float32', shape: [0], data: new Float32Array() } as const
  const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, empty]))
  expect(messageOf(() => { loadWeights(network(), many) })).toMatch(/'k0', 'k1'[^]*and 199994 more/)
})

it('a file with NaN is refused before data are read, with advice that fits a file', async () => {
  const [name, value] = Object.entries(stateDict(network())).find(([, { dtype }]) => dtype === 'float32')!
  const broken = encodeSafetensors({ [name]: { ...value, data: Float32Array.from(value.data, () => Number.NaN) } })
  const runtime = onnxNodeRuntime({ threads: 1 })
  const common = { experiment, settings, bytes: broken, root: '/nowhere', command: [], runtime }
  await expect(importWeights({ ...common, file: 'nets/late.safetensors' })).rejects.toThrow(
    /weights are not finite numbers[^]*nets\/late\.safetensors holds a model that diverged: save the weights of an earlier step/,
  )
})

it('two names of the file never become one by renaming', () => {
  const whole = stateDict(network())
  const [first = ''] = Object.keys(whole)
  const top = first.slice(0, first.indexOf('.'))
  const doubled = { ...whole, ...named(whole, name => (name.startsWith(`${top}.`) ? `enc.${name}` : undefined)) }
  expect(messageOf(() => loadWeights(network(), doubled, [[`enc.${top}`, top]]))).toMatch(
    new RegExp(`'${top}\\.[^']+' and 'enc\\.${top}\\.[^']+', which both become '${top}\\.`),
  )
  // Exchanged names are no collision.
  const pair = () => new Sequential(new Linear(2, 2), new Linear(2, 2))
  const [a, b] = [pair(), pair()]
  loadWeights(b, stateDict(a), [['0', '1'], ['1', '0']])
  expect(stateDict(b)['0.weight']!.data).toEqual(stateDict(a)['1.weight']!.data)
})

describe('weights in several files', () => {
  const join = /Join the files into one in Python[^]*load_file[^]*"model-\*-of-\*\.safetensors"[^]*"model-whole\.safe/
  it('by their index are refused with what joins them', () => {
    const [a, b] = [1, 2].map(k => `model-0000${k}-of-00002.safetensors`)
    const index = { metadata: {}, weight_map: { a, b } }
    const message = messageOf(() =>
      decodeWeights(new TextEncoder().encode(JSON.stringify(index)), 'model.safetensors.index.json'))
    expect(message).toMatch(/the index of weights in 2 files \('model-00001-of-00002\.safetensors', /)
    expect(message).toMatch(join)
    expect(messageOf(() => decodeWeights(new TextEncoder().encode('{"hidden_size": 4}'), 'config.json'))).toMatch(
      /config\.json, which is JSON/,
    )
  })
  it('by one of them are refused alike', () => {
    const part = named(stateDict(network()), name => (name.startsWith('0.') ? name : undefined))
    const message = messageOf(() =>
      loadWeights(network(), part, [], state => state, 'model-00001-of-00002.safetensors'))
    expect(message).toMatch(/lacks parameters[^]*Next: Join/)
    expect(message).toMatch(join)
  })
})
