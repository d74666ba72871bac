// Recurrent layers against PyTorch: state names, outputs and gradients, packed sequences; cells; and 20 steps of three
// trainings (LSTM, bidirectional GRU with lengths, encoder-decoder with attention), natively and in WebAssembly.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  add, differentiate, graph, input, mul, ones, referenceRuntime, sum, tensor, UserError, zeros, type DType, type Tensor,
} from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey } from '@ddlf/tensor/random'
import {
  GRU,
  GRUCell,
  loadStateDict,
  LSTM,
  LSTMCell,
  namedParameters,
  RNN,
  RNNCell,
  stateDict,
  withMode,
  type RecurrentOptions,
} from '../src/index.ts'
import { expectClose } from './closeness.ts'
import { recurrentLosses, type TrainingName } from './recurrent-trainings.ts'

interface Packed {
  shape: number[]
  dtype: DType
  data: number[]
}
interface Case {
  kind: 'RNN' | 'GRU' | 'LSTM'
  options: RecurrentOptions
  lengths: number[] | null
  state: Record<string, Packed>
  inputs: Packed[]
  outputs: Packed[]
  seeds: Packed[]
  gradients: Record<string, Packed>
  inputGradients: Packed[]
}
interface Golden {
  layers: Case[]
  cells: {
    kind: 'RNNCell' | 'GRUCell' | 'LSTMCell'
    state: Record<string, Packed>
    inputs: Packed[]
    outputs: Packed[]
  }[]
  trainings: Record<TrainingName, number[]>
}
const golden = JSON.parse(readFileSync(new URL('golden/recurrent.json', import.meta.url), 'utf8')) as Golden
const native = onnxNodeRuntime({ threads: 1 })

const floats = ({ data }: Packed) => Float32Array.from(data)
const load = (layer: object, state: Record<string, Packed>) =>
  loadStateDict(
    layer,
    Object.fromEntries(
      Object.entries(state).map(([key, packed]) => [
        key,
        { shape: packed.shape, dtype: packed.dtype, data: floats(packed) },
      ]),
    ),
  )
const namesOf = (state: Readonly<Record<string, { readonly shape: readonly number[] }>>) =>
  Object.entries(state).map(([key, { shape }]) => [key, shape])

function apply(layer: RNN | GRU | LSTM, [x, hidden, cell]: readonly Tensor[], lengths: Tensor | undefined): Tensor[] {
  if (layer instanceof LSTM) {
    const results = layer.forward(x!, { hidden, cell, lengths })
    return [results.output, results.hidden, results.cell]
  }
  const results = layer.forward(x!, { hidden, lengths })
  return [results.output, results.hidden]
}

describe('recurrent layers against PyTorch', () => {
  it.each(
    golden.layers.map(
      given => [`${given.kind} ${JSON.stringify(given.options)} ${given.lengths?.join() ?? ''}`, given] as const,
    ),
  )('%s', async (_name, given) => {
    const layer = new { RNN, GRU, LSTM }[given.kind](3, 4, given.options)
    expect(namesOf(stateDict(layer))).toEqual(namesOf(given.state))
    load(layer, given.state)
    const leaves = given.inputs.map(({ shape }, i) => input(`x${i}`, { shape, dtype: 'float32' }))
    const lengths = given.lengths ? input('lengths', { shape: [given.lengths.length], dtype: 'int32' }) : undefined
    const outputs = apply(layer, leaves, lengths)
    expect(outputs.map(({ shape }) => shape)).toEqual(given.outputs.map(({ shape }) => shape))
    const loss = outputs
      .map((y, i) => sum(mul(y, tensor(floats(given.seeds[i]!), { shape: y.shape }))))
      .reduce((a, b) => add(a, b))
    const parameters = namedParameters(layer)
    const wanted = [...outputs, ...differentiate(loss, [...parameters.values(), ...leaves])]
    const expected = [
      ...given.outputs,
      ...[...parameters.keys()].map(key => given.gradients[key]!),
      ...given.inputGradients,
    ]
    const closed = graph('recurrent', [...leaves, ...(lengths ? [lengths] : [])], wanted)
    const own = given.lengths ? [Int32Array.from(given.lengths)] : []
    const state = closed.inputs.slice(leaves.length + own.length).map(({ leaf }) => leaf!.data!)
    for (const runtime of [referenceRuntime, native]) {
      const executable = await runtime.compile(closed)
      const values = await executable.run([...given.inputs.map(floats), ...own, ...state])
      await executable.release()
      expected.forEach((packed, i) => expectClose(values[i]!, packed.data, 1e-5, `${runtime.name}, value ${i}`))
    }
  })

  it.each(golden.cells.map(given => [given.kind, given] as const))('%s', (kind, given) => {
    const [x, hidden, cell] = given.inputs.map(packed => tensor(floats(packed), { shape: packed.shape })) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const layer = new { RNNCell, GRUCell, LSTMCell }[kind](3, 4)
    expect(namesOf(stateDict(layer))).toEqual(namesOf(given.state))
    load(layer, given.state)
    const made =
      layer instanceof LSTMCell ? Object.values(layer.forward(x, { hidden, cell })) : [layer.forward(x, hidden)]
    made.forEach((value, i) => expectClose(value.toTypedArray(), given.outputs[i]!.data, 1e-6, `state ${i}`))
  })
})

describe.each(Object.keys(golden.trainings) as TrainingName[])('20 steps of %s against PyTorch', name => {
  const farthest = (losses: readonly number[]) =>
    Math.max(...losses.map((loss, i) => Math.abs(loss / golden.trainings[name][i]! - 1)))
  it('natively: the loss within 1e-5 relative', async () =>
    expect(farthest(await recurrentLosses(name, native, 20))).toBeLessThan(1e-5))
  it('in WebAssembly: the loss within 1e-5 relative', async () =>
    expect(farthest(await recurrentLosses(name, onnxWebRuntime(), 20))).toBeLessThan(1e-5))
})

describe('between layers', () => {
  it('values are dropped in training and not in evaluation', () => {
    const layer = new GRU(2, 3, { numLayers: 2, dropout: 0.5 })
    const x = ones([4, 2, 2])
    const randomKeyOf = (seed: number) => tensor(Int32Array.from(randomKey(seed)), { shape: [2] })
    const outputOf = (seed: number) =>
      withMode({ training: true, randomKey: randomKeyOf(seed) }, () => layer.forward(x).output).output.toArray()
    expect(outputOf(1)).not.toEqual(outputOf(2))
    expect(outputOf(1)).toEqual(outputOf(1))
    expect(layer.forward(x).output.toArray()).toEqual(layer.forward(x).output.toArray())
  })
})

describe('mistakes name the layer and what it received', () => {
  const x = ones([4, 2, 3])
  it.each([
    ['another size', () => new LSTM(5, 4).forward(x), /LSTM: inputs are \[L, B, 5\][^]*\[4, 2, 3\]/],
    [
      'a state of another shape',
      () => new GRU(3, 4).forward(x, { hidden: ones([2, 4]) }),
      /a first state is \[1, 2, 4\][^]*\[2, 4\]/,
    ],
    ['lengths that are fractions', () => new RNN(3, 4).forward(x, { lengths: ones([2]) }), /lengths are int32 \[2\]/],
    [
      'lengths of another batch',
      () => new RNN(3, 4).forward(x, { lengths: zeros([3], 'int32') }),
      /lengths are int32 \[2\][^]*\[3\]/,
    ],
    ['no layers', () => new GRU(3, 4, { numLayers: 0 }), /GRU: numLayers must be a whole number from 1 to 1000/],
    ['an unknown nonlinearity', () => new RNN(3, 4, { nonlinearity: 'elu' as 'relu' }), /'tanh' or 'relu'[^]*elu/],
    ["PyTorch's spelling", () => new LSTM(3, 4, { batch_first: true } as never), /Did you mean batchFirst/],
  ] as [string, () => unknown, RegExp][])('%s', (_name, f, message) => {
    expect(f).toThrow(message)
    expect(f).toThrow(UserError)
  })
})
