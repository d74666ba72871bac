// Names, counts and loading of a model's state.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buffer, parameter, zeros, type Tensor } from '@ddlf/tensor'
import {
  BatchNorm1d, Linear, loadStateDict, namedBuffers, namedParameters, parameterCount, Sequential, stateDict, withSeed,
} from '../src/index.ts'

class Mlp {
  readonly hidden1 = new Linear(6, 4)
  readonly norm = new BatchNorm1d(4)
  readonly logits = new Linear(4, 2, { bias: false })
  readonly note = 'fields without state are passed over'
  readonly mask: Tensor = zeros([4])
}

describe('a model is any object', () => {
  it('names its state by path, as PyTorch does', () => {
    const model = new Mlp()
    expect([...namedParameters(model).keys()])
      .toEqual(['hidden1.weight', 'hidden1.bias', 'norm.weight', 'norm.bias', 'logits.weight'])
    expect([...namedBuffers(model).keys()])
      .toEqual(['norm.running_mean', 'norm.running_var', 'norm.num_batches_tracked'])
    expect(Object.keys(stateDict(model))).toEqual([
      'hidden1.weight', 'hidden1.bias', 'norm.weight', 'norm.bias', 'norm.running_mean', 'norm.running_var',
      'norm.num_batches_tracked', 'logits.weight',
    ])
    expect(parameterCount(model)).toBe(6 * 4 + 4 + 4 + 4 + 4 * 2)
  })

  it('follows arrays, maps, plain objects and Sequential', () => {
    const model = {
      layers: [new Linear(2, 2, { bias: false }), new Linear(2, 2, { bias: false })],
      heads: new Map([['a', new Linear(2, 1, { bias: false })]]),
      body: new Sequential(new Linear(2, 3), new Sequential(new Linear(3, 2))),
    }
    expect([...namedParameters(model).keys()]).toEqual([
      'layers.0.weight', 'layers.1.weight', 'heads.a.weight', 'body.0.weight', 'body.0.bias', 'body.1.0.weight',
      'body.1.0.bias',
    ])
  })

  it('lists tied weights once among the parameters and under both names in the state, and survives cycles', () => {
    const shared = new Linear(2, 2, { bias: false })
    const model: Record<string, unknown> = { encoder: shared, decoder: shared }
    model['self'] = model
    expect([...namedParameters(model).keys()]).toEqual(['encoder.weight'])
    expect(Object.keys(stateDict(model))).toEqual(['encoder.weight', 'decoder.weight'])
  })

  it('keeps names in the order of the fields for any tree of fields', () => {
    type Tree = { readonly leaf: true } | { readonly children: Readonly<Record<string, Tree>> }
    const key = fc.stringMatching(/^[a-z][a-zA-Z]{0,5}$/).filter(name => !(name in Object.prototype))
    const { tree } = fc.letrec<{ tree: Tree }>(tie => ({
      tree: fc.oneof(
        { depthSize: 'small' }, fc.constant({ leaf: true } as const),
        fc.record({ children: fc.dictionary(key, tie('tree'), { maxKeys: 3 }) })
      ),
    }))
    const build = (node: Tree): unknown =>
      'leaf' in node ? parameter(new Float32Array(1), [1])
        : Object.fromEntries(Object.entries(node.children).map(([name, child]) => [name, build(child)]))
    const paths = (node: Tree, prefix: string): string[] =>
      'leaf' in node ? [prefix]
        : Object.entries(node.children).flatMap(([name, child]) => paths(child, prefix ? `${prefix}.${name}` : name))
    fc.assert(fc.property(tree, node => {
      if ('leaf' in node) return
      expect([...namedParameters(build(node) as object).keys()]).toEqual(paths(node, ''))
    }))
  })
})

describe('loadStateDict', () => {
  it('restores what stateDict gave, and stateDict refers to the live data', () => {
    const [a, b] = [withSeed(1, () => new Mlp()), withSeed(2, () => new Mlp())]
    expect(stateDict(a)['hidden1.weight']?.data).not.toEqual(stateDict(b)['hidden1.weight']?.data)
    expect(loadStateDict(b, stateDict(a))).toEqual({ missing: [], unexpected: [] })
    expect(stateDict(b)).toEqual(stateDict(a))
    expect(stateDict(b)['hidden1.weight']?.data).toBe(b.hidden1.weight.leaf?.data)
  })

  it('names what is missing, what is unexpected and which name was perhaps meant', () => {
    const model = new Mlp()
    const { 'hidden1.weight': weight, ...rest } = stateDict(model)
    expect(() => loadStateDict(model, rest)).toThrow(/without 'hidden1.weight'/)
    expect(() => loadStateDict(model, { ...rest, 'hiden1.weight': weight! }))
      .toThrow(/'hiden1.weight'[^]*Did you mean 'hidden1.weight'/)
    expect(loadStateDict(model, { ...rest, extra: weight! }, { strict: false }))
      .toEqual({ missing: ['hidden1.weight'], unexpected: ['extra'] })
  })

  it('names both shapes, and changes nothing when something does not fit', () => {
    const model = new Mlp()
    const before = model.hidden1.weight.leaf!.data!.slice()
    const other = { ...stateDict(new Mlp()), 'logits.weight': {
      shape: [3, 4], dtype: 'float32' as const, data: new Float32Array(12),
    } }
    expect(() => loadStateDict(model, other)).toThrow(/'logits.weight' has the shape \[2, 4\][^]*\[3, 4\]/)
    expect(() => loadStateDict(
      model,
      { ...stateDict(model), 'norm.num_batches_tracked': { shape: [], dtype: 'float32', data: new Float32Array(1) } }
    )).toThrow(/int32 in the model[^]*float32/)
    expect(model.hidden1.weight.leaf!.data).toEqual(before)
  })

  it('keeps integer buffers', () => {
    const model = { counter: buffer(new Int32Array([0]), [], 'int32') }
    loadStateDict(model, { counter: { shape: [], dtype: 'int32', data: Int32Array.of(41) } })
    expect(model.counter.item()).toBe(41)
  })
})
