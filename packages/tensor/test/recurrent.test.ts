// Recurrent networks built on scan against PyTorch's nn.RNN, nn.GRU, nn.LSTM and a bidirectional LSTM: 20 steps of
// gradient descent.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  add,
  concat,
  differentiate,
  evaluate,
  graph,
  linear,
  matmul,
  mean,
  mul,
  parameter,
  scan,
  sigmoid,
  split,
  square,
  sub,
  sum,
  tanh,
  tensor,
  zeros,
  type StepProgram,
  type Tensor,
  type TypedArray,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import type { ReferenceArray } from '../src/ir/dtype.ts'

interface Run {
  losses: number[]
  final: number[][]
}
const golden = JSON.parse(readFileSync(new URL('golden/recurrent.json', import.meta.url), 'utf8')) as {
  length: number
  batch: number
  features: number
  size: number
  steps: number
  rate: number
  runs: Record<string, Run>
}
const { length: LENGTH, batch: BATCH, features: FEATURES, size: SIZE, steps: STEPS, rate: RATE } = golden

/** The numbers that recurrent.py makes too. */
const wave = (phase: number, shape: number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.4 * Math.sin(1.7 * i + phase))

/** Input weight, hidden weight, input bias, hidden bias: as PyTorch lays them out. */
type Weights = readonly [Tensor, Tensor, Tensor, Tensor]
type Cell = (x: Tensor, weights: Weights, reverse?: boolean) => { all: Tensor; last: Tensor }

const start = () => zeros([BATCH, SIZE])

const rnn: Cell = (xs, [wi, wh, bi, bh]) => {
  const {
    carry: [last],
    ys: [all],
  } = scan(
    ([h], [x]) => {
      const next = tanh(add(x, linear(h, wh, bh)))
      return { carry: [next], ys: [next] }
    },
    [start()],
    [linear(xs, wi, bi)],
  )
  return { all, last }
}

const gru: Cell = (xs, [wi, wh, bi, bh]) => {
  const sizes = [SIZE, SIZE, SIZE]
  const {
    carry: [last],
    ys: [all],
  } = scan(
    ([h], [x]) => {
      const [xr, xz, xn] = split(x, sizes, 1) as [Tensor, Tensor, Tensor]
      const [hr, hz, hn] = split(linear(h, wh, bh), sizes, 1) as [Tensor, Tensor, Tensor]
      const candidate = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)))
      const next = add(candidate, mul(sigmoid(add(xz, hz)), sub(h, candidate)))
      return { carry: [next], ys: [next] }
    },
    [start()],
    [linear(xs, wi, bi)],
  )
  return { all, last }
}

const lstm: Cell = (xs, [wi, wh, bi, bh], reverse = false) => {
  const {
    carry: [last],
    ys: [all],
  } = scan(
    ([h, c], [x]) => {
      const [i, f, g, o] = split(add(x, matmul(h, wh, { transposeB: true })), [SIZE, SIZE, SIZE, SIZE], 1) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ]
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
      const next = mul(sigmoid(o), tanh(cell))
      return { carry: [next, cell], ys: [next] }
    },
    [start(), start()],
    [linear(xs, wi, add(bi, bh))],
    { reverse },
  )
  return { all, last }
}

const networks: Record<
  string,
  { gates: number; directions: number; run: (x: Tensor, weights: readonly Tensor[]) => { all: Tensor; last: Tensor } }
> = {
  rnn: { gates: 1, directions: 1, run: (x, weights) => rnn(x, weights as unknown as Weights) },
  gru: { gates: 3, directions: 1, run: (x, weights) => gru(x, weights as unknown as Weights) },
  lstm: { gates: 4, directions: 1, run: (x, weights) => lstm(x, weights as unknown as Weights) },
  'bidirectional lstm': {
    gates: 4,
    directions: 2,
    run(x, weights) {
      const [there, back] = [
        lstm(x, weights.slice(0, 4) as unknown as Weights),
        lstm(x, weights.slice(4) as unknown as Weights, true),
      ]
      return { all: concat([there.all, back.all], 2), last: concat([there.last, back.last]) }
    },
  },
}

/** One step of gradient descent: weights in, weights and the loss out. */
function programOf(name: string): StepProgram {
  const { gates, directions, run } = networks[name]!
  const shapes = Array.from({ length: directions }, () => [
    [gates * SIZE, FEATURES],
    [gates * SIZE, SIZE],
    [gates * SIZE],
    [gates * SIZE],
  ]).flat()
  const weights = shapes.map((shape, k) => parameter(wave(k, shape), shape))
  const [x, target] = [
    [LENGTH, BATCH, FEATURES],
    [LENGTH, BATCH, directions * SIZE],
  ].map((shape, i) => tensor(wave(30 + 10 * i, shape), { shape })) as [Tensor, Tensor]
  const { all, last } = run(x, weights)
  const loss = add(mean(square(sub(all, target))), mul(sum(square(last)), 0.1))
  const next = differentiate(loss, weights).map((gradient, i) => sub(weights[i]!, mul(gradient, RATE)))
  return { graph: graph(name, weights, [...next, loss]), stateCount: weights.length }
}

const distance = (actual: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / Math.max(...expected.map(Math.abs))

describe.each(Object.entries(golden.runs))('%s', (name, { losses, final }) => {
  const program = programOf(name)
  const first = program.graph.inputs.map(({ leaf }) => leaf!.data!)

  it('trains as in PyTorch, to 1e-6 in double precision', () => {
    let state: ReferenceArray[] = first.map(data => Float64Array.from(data))
    const found: number[] = []
    for (let step = 0; step < STEPS; step++) {
      const results = evaluate(
        program.graph.outputs,
        new Map(program.graph.inputs.map((leaf, i) => [leaf, state[i]!])),
        'float64',
      )
      found.push(results.at(-1)![0]!)
      state = results.slice(0, -1)
    }
    // The learning rate and a factor of the loss are float32 numbers here.
    expect(distance(found, losses)).toBeLessThan(1e-6)
    final.forEach((weights, i) => expect(distance(state[i]!, weights)).toBeLessThan(1e-6))
  })

  it('trains as in PyTorch on native kernels, all steps in one run', async () => {
    const executable = await onnxNodeRuntime({ threads: 2 }).compileSteps(program)
    const next: TypedArray[] = first.map(data => data.slice())
    const [found] = await executable.run(first, next, [], STEPS)
    await executable.release()
    expect(distance(found!, losses)).toBeLessThan(1e-5)
    final.forEach((weights, i) => expect(distance(next[i]!, weights)).toBeLessThan(1e-5))
  })
})
