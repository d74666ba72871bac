// The models of Days 19-20: what each arm of the ablation costs, what a position may see, and what the parts are.
import { describe, expect, it } from 'vitest'
import {
  decodeWeights, exportOnnx, exportSafetensors, findExperiment, loadWeights, parseSettings, stepGraph,
} from '@ddlf/lab'
import { namedParameters, withMode, withSeed, type Module } from '@ddlf/nn'
import { flopOf, tensor, type Tensor } from '@ddlf/tensor'
import { experiments } from '../topics/08-transformer-and-gpt/experiments.ts'
import { parameters } from '../topics/08-transformer-and-gpt/exercises/answers/gpt2-parameters.ts'
import { Gpt } from '../topics/08-transformer-and-gpt/gpt.ts'
import { recordings } from '../topics/08-transformer-and-gpt/recordings.ts'

const ablation = findExperiment(experiments, 'modern-gpt-on-shakespeare')
const arms = recordings.find(({ experiment }) => experiment === ablation.name)?.arms ?? []

it('every arm of the ablation spends as many floating-point operations', () => {
  const spent = arms.map(({ settings }) => {
    const parsed = parseSettings(ablation, settings)
    return flopOf(stepGraph(ablation, parsed)) * parsed.steps
  })
  spent.forEach((flop, i) => expect(flop / spent[0]!, arms[i]!.id).toBeCloseTo(1, 2))
})

describe.each([
  ...arms.map(({ id, settings }) => [ablation.name, id, settings] as const),
  ...['one-head', 'heads', 'feed-forward', 'blocks'].map(rung => ['attention-on-shakespeare', rung, { rung }] as const),
])('%s, %s', (name, _id, given) => {
  const experiment = findExperiment(experiments, name)
  const settings = parseSettings(experiment, { ...given, blockSize: 8, layers: 1, width: 16, heads: 2 })
  const model: Module = withSeed(1, () => experiment.model(settings))
  const logits = (ids: number[]) => withMode({ training: false }, () =>
    model.forward(tensor([ids], { dtype: 'int32' }))).output.toArray() as number[][][]

  it('says of a position what the letters up to it decide, and nothing else', () => {
    const [one, other] = [logits([3, 1, 4, 1, 5]), logits([3, 1, 4, 2, 6])]
    expect(one[0]!.slice(0, 3)).toEqual(other[0]!.slice(0, 3))
    expect(one[0]![3]).not.toEqual(other[0]![3])
    expect(one.flat(2).every(Number.isFinite)).toBe(true)
  })
})

describe('positions', () => {
  const settings = (positions: string) =>
    parseSettings(ablation, { positions, blockSize: 8, layers: 1, width: 16, heads: 2 })
  const last = (positions: string, ids: number[]) => {
    const model: Module = withSeed(1, () => ablation.model(settings(positions)))
    return (model.forward(tensor([ids], { dtype: 'int32' })).toArray() as number[][][])[0]!.at(-1)!
  }
  it('without them one layer cannot tell the order of what came before', () => {
    const [one, other] = [last('none', [1, 2, 3, 4]), last('none', [3, 1, 2, 4])]
    one.forEach((logit, i) => expect(logit).toBeCloseTo(other[i]!, 5))
  })
  it.each(['learned', 'sinusoidal', 'rotary', 'alibi'])('%s ones tell it', positions => {
    const [one, other] = [last(positions, [1, 2, 3, 4]), last(positions, [3, 1, 2, 4])]
    expect(Math.max(...one.map((logit, i) => Math.abs(logit - other[i]!)))).toBeGreaterThan(1e-4)
  })
})

it("GPT-2's first weights are smaller where they add to the residual stream", () => {
  const sizes = { vocabulary: 65, blockSize: 8, layers: 8, heads: 4, width: 64, dropout: 0 }
  const gpt = withSeed(1, () => new Gpt({ ...sizes, start: 'gpt-2' }))
  const deviation = (weight: Tensor | undefined) => {
    const values = [...(weight?.leaf?.data ?? [])]
    return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
  }
  const [layer] = gpt.layers
  expect(deviation(layer?.linear1.weight)).toBeCloseTo(0.02, 3)
  expect(deviation(layer?.self_attn.in_proj_weight)).toBeCloseTo(0.02, 3)
  expect(deviation(layer?.linear2.weight)).toBeCloseTo(0.005, 3)
  expect(deviation(layer?.self_attn.out_proj.weight)).toBeCloseTo(0.005, 3)
})

const countOf = (model: object) => [...namedParameters(model)].reduce((sum, [, { size }]) => sum + size, 0)

it('the count of GPT-2 is that of the model itself', () => {
  const sizes = { vocabulary: 65, layers: 3, width: 16 }
  const gpt = new Gpt({ ...sizes, blockSize: 8, heads: 4, dropout: 0, tied: true })
  expect(parameters({ ...sizes, context: 8 })).toBe(countOf(gpt))
})

describe('a model whose last layer is its table of tokens', () => {
  const experiment = findExperiment(experiments, 'gpt-on-shakespeare')
  const settings = parseSettings(experiment, { tied: true, blockSize: 8, layers: 1, width: 16 })
  const made = (seed: number): Gpt => {
    const model = withSeed(seed, () => experiment.model(settings))
    if (!(model instanceof Gpt)) throw new Error('the experiment makes another model')
    return model
  }
  const [model, other] = [made(1), made(2)]
  const ids = tensor([[3, 1, 4]], { dtype: 'int32' })
  const width16 = (65 + 8 + 12 * 16 + 3) * 16

  it('keeps one parameter through a file, and says the same', () => {
    const state = decodeWeights(exportSafetensors({ experiment, settings, model }))
    loadWeights(other, state)
    expect(other.logits.weight).toBe(other.tokens.weight)
    expect(countOf(other)).toBe(width16)
    expect(other.forward(ids).toTypedArray()).toEqual(model.forward(ids).toTypedArray())
  })
  it('is written once into an ONNX model', () => {
    // float32, and what the graph itself takes.
    const { bytes } = exportOnnx({ experiment, settings, model })
    const untied = parseSettings(experiment, { ...settings, tied: false })
    const free = withSeed(1, () => experiment.model(untied))
    const twice = exportOnnx({ experiment, settings: untied, model: free }).bytes
    expect(twice.length - bytes.length).toBeGreaterThan(4 * 65 * 16 - 200)
  })
})
