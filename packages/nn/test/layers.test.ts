// Every layer against PyTorch: names and shapes of the state, output, gradients and running statistics.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { differentiate, mul, sum, tensor, type DType, type Tensor, type TypedArray } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import {
  BatchNorm1d, BatchNorm2d, Dropout, Embedding, Flatten, GELU, LayerNorm, LeakyReLU, Linear, loadStateDict,
  namedBuffers, namedParameters, ReLU, Sequential,
  Sigmoid, stateDict, Tanh, withMode, type Module,
} from '../src/index.ts'
import { expectClose } from './closeness.ts'

interface Packed { shape: number[]; dtype: DType; data: number[] }
interface Case {
  name: string
  training: boolean
  state: Record<string, Packed>
  x: Packed
  seed: Packed
  y: Packed
  gradients: Record<string, Packed>
  after: Record<string, Packed>
  xGradient?: Packed
}

const cases = JSON.parse(readFileSync(new URL('golden/layers.json', import.meta.url), 'utf8')) as Case[]

const arrayOf = ({ dtype, data }: Packed): TypedArray =>
  (dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data))
const unpack = (packed: Packed) => tensor(arrayOf(packed), { shape: packed.shape })
const stateOf = (state: Record<string, Packed>) =>
  Object.fromEntries(Object.entries(state)
    .map(([name, packed]) => [name, { shape: packed.shape, dtype: packed.dtype, data: arrayOf(packed) }]))

const LAYERS: Record<string, () => Module> = {
  'BatchNorm1d': () => new BatchNorm1d(3),
  'BatchNorm1d of sequences': () => new BatchNorm1d(3),
  'BatchNorm1d with options': () => new BatchNorm1d(3, { eps: 1e-2, momentum: 0.3, affine: false }),
  'BatchNorm1d cumulative': () => new BatchNorm1d(3, { momentum: null }),
  'BatchNorm2d': () => new BatchNorm2d(2),
  'Linear': () => new Linear(5, 3),
  'Linear without bias': () => new Linear(5, 3, { bias: false }),
  'Linear of sequences': () => new Linear(5, 3),
  'LayerNorm': () => new LayerNorm(6),
  'LayerNorm over two axes': () => new LayerNorm([2, 3], { eps: 1e-3 }),
  'LayerNorm without affine': () => new LayerNorm(6, { affine: false }),
  'Embedding': () => new Embedding(7, 3),
  'ReLU': () => new ReLU(),
  'Tanh': () => new Tanh(),
  'Sigmoid': () => new Sigmoid(),
  'GELU': () => new GELU(),
  'GELU by tanh': () => new GELU({ approximate: 'tanh' }),
  'LeakyReLU': () => new LeakyReLU(0.2),
  'Flatten': () => new Flatten(),
  'Sequential': () => new Sequential(
    new Flatten(), new Linear(6, 4), new BatchNorm1d(4), new ReLU(), new Sequential(new Linear(4, 2)),
  ),
}

describe('layers against PyTorch', () => {
  it.each(cases.map(given => [given.name, given] as const))('%s', (name, given) => {
    const layer = LAYERS[name.replace(', evaluation', '')]!()
    expect(Object.entries(stateDict(layer)).map(([key, { shape, dtype }]) => [key, shape, dtype])).toEqual(
      Object.entries(given.state).map(([key, { shape, dtype }]) => [key, shape, dtype]))
    loadStateDict(layer, stateOf(given.state))
    const x = unpack(given.x)
    const { output, bufferUpdates } = withMode({ training: given.training }, () => layer.forward(x))
    expect(output.shape).toEqual(given.y.shape)
    expectClose(output.toTypedArray(), given.y.data, 2e-6, 'output')
    const parameters = namedParameters(layer)
    const inputs = [...parameters.values(), ...(given.xGradient ? [x] : [])]
    const gradients = differentiate(sum(mul(output, unpack(given.seed))), inputs)
    ;[...Object.values(given.gradients), ...(given.xGradient ? [given.xGradient] : [])].forEach((expected, i) => {
      expectClose(gradients[i]!.toTypedArray(), expected.data, 1e-5, `gradient of ${[...parameters.keys(), 'x'][i]}`)
    })
    for (const [key, buffer] of namedBuffers(layer)) {
      expectClose((bufferUpdates.get(buffer) ?? buffer).toTypedArray(), given.after[key]!.data, 1e-6, key)
    }
    expect(bufferUpdates.size).toBe(given.training ? Object.keys(given.after).length : 0)
  })

  it('covers every case of the golden file', () => {
    expect(new Set(cases.map(given => given.name.replace(', evaluation', '')))).toEqual(new Set(Object.keys(LAYERS)))
  })
})

describe('Dropout', () => {
  const key = (seed: number) => tensor(Int32Array.from(randomKey(seed)), { shape: [2] })
  const ones = tensor(new Float32Array(40_000).fill(1), { shape: [200, 200] })
  const drop = (p: number, seed = 1) =>
    withMode({ training: true, randomKey: key(seed) }, () => new Dropout(p).forward(ones)).output.toTypedArray()

  it.each([0.1, 0.5, 0.8])('drops a share of p = %f and keeps the mean', p => {
    const values = drop(p)
    const dropped = values.filter(value => value === 0).length / values.length
    // Five standard deviations of a binomial share.
    expect(Math.abs(dropped - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / values.length))
    const kept = Math.fround(1 / (1 - p))
    expect(values.every(value => value === 0 || value === kept)).toBe(true)
  })

  it('drops the same elements for the same key and others for another, and differs from place to place', () => {
    expect(drop(0.5)).toEqual(drop(0.5))
    expect(drop(0.5)).not.toEqual(drop(0.5, 2))
    const twice = withMode({ training: true, randomKey: key(1) }, () => [
      new Dropout().forward(ones), new Dropout().forward(ones),
    ]).output.map(x => x.toTypedArray())
    const both = twice[0]!.filter((value, i) => value > 0 && twice[1]![i]! > 0).length / ones.size
    expect(Math.abs(both - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / ones.size))
  })

  it('passes x on in evaluation, with p = 0, and gives zeros with p = 1', () => {
    expect(new Dropout().forward(ones)).toBe(ones)
    expect(withMode({ training: true }, () => new Dropout(0).forward(ones)).output).toBe(ones)
    expect(drop(1).every(value => value === 0)).toBe(true)
  })

  it('sends gradients through the kept elements only', () => {
    const { output } = withMode({ training: true, randomKey: key(3) }, () => new Dropout(0.3).forward(ones))
    const [gradient] = differentiate(sum(output), [ones])
    expect(gradient!.toTypedArray()).toEqual(output.toTypedArray())
  })

  it('says what is missing without a key, and refuses a p that is no probability', () => {
    expect(() => withMode({ training: true }, () => new Dropout().forward(ones))).toThrow(/needs a random key/)
    expect(() => new Dropout(1.5)).toThrow(/p must be a number from 0 to 1[^]*1.5/)
  })
})

describe('mistakes', () => {
  it('name the layer and what it received', () => {
    const x = tensor(new Float32Array(12), { shape: [3, 4] })
    expect(() => new Linear(5, 2).forward(x)).toThrow(/linear[^]*\[3, 4\]/)
    expect(() => new Linear(0, 2)).toThrow(/inFeatures must be a whole number of at least 1[^]*0/)
    expect(() => new BatchNorm1d(3).forward(x)).toThrow(/BatchNorm1d[^]*3 channels[^]*\[3, 4\]/)
    expect(() => withMode({ training: true }, () => new BatchNorm1d(4).forward(tensor([[1, 2, 3, 4]]))))
      .toThrow(/more than one value/)
    expect(() => new LayerNorm(5).forward(x)).toThrow(/\[5\][^]*\[3, 4\]/)
    expect(() => new Embedding(4, 2).forward(x)).toThrow(/indices must be int32/)
  })
})

describe('a batch norm used twice in one pass', () => {
  it('moves its running statistics twice', () => {
    const norm = new BatchNorm1d(1)
    const x = tensor([[1], [3]])
    const { bufferUpdates } = withMode({ training: true }, () => norm.forward(norm.forward(x)))
    expect(bufferUpdates.get(norm.num_batches_tracked)?.item()).toBe(2)
    // 0.9 (0.1 * 2) + 0.1 * 0
    expect((bufferUpdates.get(norm.running_mean) as Tensor).item()).toBeCloseTo(0.18, 6)
  })
})
