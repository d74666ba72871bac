// The whole step as one graph: what it holds, its order and names, its modes, its mistakes, and evaluation.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compile, input, matmul, mean, parameter, printGraph, referenceRuntime, relu, scan, square, sum, tensor,
  type Tensor, type TypedArray,
} from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { normals, randomKey } from '@ddlf/tensor/random'
import {
  adamW, BatchNorm1d, correctCount, crossEntropy, Dropout, evaluationStep, isTraining, Linear, namedParameters,
  randomNormal, randomUniform, sgd, trainingStep, updateBuffer,
  withMode, withSeed, type TrainingStep,
} from '../src/index.ts'

class Net {
  readonly hidden = new Linear(6, 5)
  readonly norm = new BatchNorm1d(5)
  readonly dropout = new Dropout(0.4)
  readonly logits = new Linear(5, 3)
  forward(x: Tensor): Tensor {
    return this.logits.forward(this.dropout.forward(relu(this.norm.forward(this.hidden.forward(x)))))
  }
}

const batch = { x: { shape: [8, 6] }, label: { shape: [8], dtype: 'int32' } } as const
const stepOf = (model: Net, options: Partial<Parameters<typeof trainingStep<Net, 'x' | 'label'>>[0]> = {}) =>
  trainingStep<Net, 'x' | 'label'>({
    model,
    batch,
    loss: (net, { x, label }) => {
      const logits = net.forward(x)
      return { loss: crossEntropy(logits, label), metrics: { correct: correctCount(logits, label) } }
    },
    optimizer: sgd({ momentum: 0.9 }),
    ...options,
  })

/** Runs a step program for some steps; the random keys come from a seed. */
async function run(
  program: TrainingStep, steps: number,
  { seed = 1, runtime = referenceRuntime, first = program.state.map(entry => entry.data.slice()), from = 0 } = {},
) {
  const executable = await runtime.compileSteps(program)
  const next = first.map(data => data.slice())
  const eachStep = Array.from({ length: steps }, (_, i) => from + i)
  const values: Record<string, TypedArray> = {
    x: Float32Array.from(eachStep.flatMap(i => [...normals(randomKey(seed, 'x', i), 48)])),
    label: Int32Array.from({ length: steps * 8 }, (_, i) => i % 3),
    learningRate: new Float32Array(steps).fill(0.1),
    step: Float32Array.from(eachStep, i => i + 1),
    randomKey: Int32Array.from(eachStep.flatMap(i => [...randomKey(seed, 'step', i)])),
  }
  const reported = await executable.run(first, next, program.fresh.map(({ name }) => values[name]!), steps)
  await executable.release()
  return { next, reported }
}

describe('a training step', () => {
  it('lists its state, its inputs and its reports in a stable order', () => {
    const program = stepOf(withSeed(1, () => new Net()), { ema: 0.99, clipNorm: 1 })
    expect(program.state.map(({ name, kind }) => `${kind} ${name}`)).toMatchInlineSnapshot(`
      [
        "parameter hidden.weight",
        "parameter hidden.bias",
        "parameter norm.weight",
        "parameter norm.bias",
        "parameter logits.weight",
        "parameter logits.bias",
        "buffer norm.running_mean",
        "buffer norm.running_var",
        "buffer norm.num_batches_tracked",
        "slot momentum/hidden.weight",
        "slot momentum/hidden.bias",
        "slot momentum/norm.weight",
        "slot momentum/norm.bias",
        "slot momentum/logits.weight",
        "slot momentum/logits.bias",
        "ema ema/hidden.weight",
        "ema ema/hidden.bias",
        "ema ema/norm.weight",
        "ema ema/norm.bias",
        "ema ema/logits.weight",
        "ema ema/logits.bias",
      ]
    `)
    expect(program.fresh).toEqual([
      { name: 'x', shape: [8, 6], dtype: 'float32' },
      { name: 'label', shape: [8], dtype: 'int32' },
      { name: 'learningRate', shape: [], dtype: 'float32' },
      { name: 'step', shape: [], dtype: 'float32' },
      { name: 'randomKey', shape: [2], dtype: 'int32' },
    ])
    expect(program.reported).toEqual(['loss', 'correct', 'gradientNorm'])
    expect(program.graph.inputs).toHaveLength(program.stateCount + program.fresh.length)
    expect(program.graph.outputs).toHaveLength(program.stateCount + program.reported.length)
    program.state.forEach(({ shape, dtype }, i) => expect(program.graph.outputs[i]).toMatchObject({ shape, dtype }))
  })

  it('is the same on the reference and on the native runtime, with dropout and batch norm', async () => {
    const program = stepOf(withSeed(1, () => new Net()), { ema: 0.9, clipNorm: 1, maxNorm: 1, optimizer: adamW() })
    const [a, b] = await Promise.all([run(program, 6), run(program, 6, { runtime: onnxNodeRuntime({ threads: 1 }) })])
    a.reported.forEach((values, i) => values.forEach((value, k) => expect(b.reported[i]![k]).toBeCloseTo(value, 4)))
    expect(a.next[8]).toEqual(Int32Array.of(6))
    expect(b.next[8]).toEqual(Int32Array.of(6))
  })

  it('continues bit for bit when its state is kept in between', async () => {
    const runtime = onnxNodeRuntime({ threads: 1 })
    const program = stepOf(withSeed(1, () => new Net()), { optimizer: adamW(), ema: 0.9 })
    // The labels repeat by position with period 3, so three steps of eight end a round.
    const [three, six] = [await run(program, 3, { runtime }), await run(program, 6, { runtime })]
    const resumed = await run(program, 3, { runtime, first: three.next, from: 3 })
    expect(resumed.next).toEqual(six.next)
  })

  it('draws other dropout masks with another key', async () => {
    const program = stepOf(withSeed(1, () => new Net()))
    const [a, again, b] = await Promise.all([
      run(program, 2, { seed: 1 }), run(program, 2, { seed: 1 }), run(program, 2, { seed: 2 }),
    ])
    expect(again.next).toEqual(a.next)
    expect(b.next).not.toEqual(a.next)
  })

  it('leaves parameters alone that are not trained, and keeps no slots for them', async () => {
    const program = stepOf(withSeed(1, () => new Net()), { trainable: name => name.startsWith('logits.') })
    expect(program.state.filter(entry => entry.kind === 'slot').map(entry => entry.name))
      .toEqual(['momentum/logits.weight', 'momentum/logits.bias'])
    const { next } = await run(program, 3)
    program.state.forEach((entry, i) => {
      if (entry.kind !== 'parameter') return
      if (entry.name.startsWith('logits.')) expect(next[i]).not.toEqual(entry.data)
      else expect(next[i]).toEqual(entry.data)
    })
  })

  it('never changes the model while it runs', async () => {
    const model = withSeed(1, () => new Net())
    const before = [...namedParameters(model).values()].map(p => p.toTypedArray())
    await run(stepOf(model), 2)
    expect([...namedParameters(model).values()].map(p => p.toTypedArray())).toEqual(before)
  })

  it('keeps every row within max-norm for any weights', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0.05, max: 2, noNaN: true }),
      async (seed, limit) => {
      const program = stepOf(withSeed(seed, () => new Net()), { maxNorm: limit })
      const { next } = await run(program, 1, { seed })
      const weight = next[0]!
      for (let row = 0; row < 5; row++) expect(Math.hypot(...weight.subarray(row * 6, row * 6 + 6)))
        .toBeLessThan(limit * (1 + 1e-5))
    }), { numRuns: 15 })
  })

  it('keeps the rows of a group within a max-norm of its own, and no others', async () => {
    const model = withSeed(1, () => new Net())
    const [name, ...others] = [...namedParameters(model)].filter(([, { rank }]) => rank > 1).map(([path]) => path)
    const groups = [{ parameters: [name!], maxNorm: 0.05 }]
    const [bounded, free] = await Promise.all([{ groups }, {}].map(given => run(stepOf(model, given), 1, { seed: 1 })))
    const [there, here] = [free!, bounded!].map(({ next }) => next)
    const names = stepOf(model).state.map(entry => entry.name)
    const at = names.indexOf(name!)
    for (let row = 0; row < 5; row++) {
      const ends = [there![at]!, here![at]!].map(values => Math.hypot(...values.subarray(row * 6, row * 6 + 6)))
      expect(ends[0]).toBeGreaterThan(0.05)
      expect(ends[1]).toBeLessThan(0.05 * (1 + 1e-5))
    }
    for (const other of others) expect([...here![names.indexOf(other)]!]).toEqual([...there![names.indexOf(other)]!])
  })

  it('prints with the names of the parameters and of what is fed', () => {
    const model = { layer: { weight: parameter(new Float32Array(2), [2, 1]) } }
    const program = trainingStep({
      model,
      batch: { x: { shape: [3, 2] } },
      loss: ({ layer }, { x }) => ({ loss: sum(square(matmul(x, layer.weight))) }),
      optimizer: sgd(),
    })
    const printed = printGraph(program.graph)
    expect(printed).toContain('graph trainingStep(layer.weight: float32[2, 1], x: float32[3, 2], learningRate: ' +
      'float32[], step: float32[], randomKey: int32[2]) {')
    expect(printed).toContain('matmul(x, layer.weight)')
  })
})

describe('mistakes', () => {
  const model = withSeed(1, () => new Net())

  it('say what is wrong and what to do', () => {
    expect(() => trainingStep({ model: {}, batch: {}, loss: () => ({ loss: tensor(1) }), optimizer: sgd() }))
      .toThrow(/must have a parameter to train[^]*field with a layer/)
    expect(() => stepOf(model, { trainable: () => false })).toThrow(/6 parameters, none of them trained/)
    expect(() => trainingStep({
      model, batch: { step: { shape: [] } }, loss: (_net, { step }) => ({ loss: step }), optimizer: sgd(),
    })).toThrow(/column named 'step'/)
    expect(() => trainingStep({
      model, batch: { x: batch.x }, loss: (net, { x }) => ({ loss: net.forward(x) }), optimizer: sgd(),
    })).toThrow(/must be one float32 number[^]*float32\[8, 3\]/)
    expect(() => stepOf(
      model, { loss: (net, { x }) => ({ loss: mean(net.forward(x)), metrics: { logits: net.forward(x) } }) },
    )).toThrow(/metric 'logits' must be one number/)
    const biases = [...namedParameters(model)].filter(([, { rank }]) => rank < 2).map(([path]) => path)
    expect(() => stepOf(model, { groups: [{ parameters: biases, maxNorm: 1 }] }))
      .toThrow(/two axes or more[^]*bias[^]*Name the weights/)
    const forgotten = new Linear(6, 1)
    expect(() => stepOf(model, { loss: (_net, { x }) => ({ loss: mean(forgotten.forward(x)) }) }))
      .toThrow(/must be a field of the model/)
  })
})

describe('evaluation', () => {
  it('runs in evaluation mode, for any batch size, and sees the present weights', async () => {
    const model = withSeed(1, () => new Net())
    const evaluate = evaluationStep({
      model,
      batch: { x: { shape: [null, 6] }, label: { shape: [null], dtype: 'int32' } },
      compute: (net, { x, label }) => ({ logits: net.forward(x), correct: correctCount(net.forward(x), label) }),
      runtime: referenceRuntime,
    })
    const x = normals(randomKey(1), 24)
    const first = await evaluate(x, new Int32Array(4))
    expect(first.logits.shape).toEqual([4, 3])
    expect((await evaluate(x, new Int32Array(4))).logits.data).toEqual(first.logits.data)
    expect((await evaluate(x.subarray(0, 6), new Int32Array(1))).logits.data).toEqual(first.logits.data.slice(0, 3))
    model.logits.bias!.leaf!.data![0]! += 1
    expect((await evaluate(x, new Int32Array(4))).logits.data[0]).toBeCloseTo(first.logits.data[0]! + 1, 5)
  })
})

describe('the mode', () => {
  it('is evaluation outside, lasts for one call and may be nested', () => {
    expect(isTraining()).toBe(false)
    const { output } = withMode({ training: true }, () => [
      isTraining(), withMode({ training: false }, isTraining).output, isTraining(),
    ])
    expect(output).toEqual([true, false, true])
    expect(() => withMode({ training: true }, () => { throw new Error('no') })).toThrow('no')
    expect(isTraining()).toBe(false)
  })

  it('gives every place that draws random numbers its own', async () => {
    const key = input('key', { shape: [2], dtype: 'int32' })
    const draw = compile(k => withMode({ training: true, randomKey: k }, () => [
      randomUniform([500]), randomNormal([500]), randomUniform([500]), randomNormal([500]),
    ]).output, [key], { runtime: referenceRuntime })
    const values = (await draw(Int32Array.from(randomKey(4)))).map(value => value.data)
    const correlation = (a: TypedArray, b: TypedArray) => {
      const centered = (x: TypedArray) => {
        const average = [...x].reduce((total, value) => total + value, 0) / x.length
        return [...x].map(value => value - average)
      }
      const [p, q] = [centered(a), centered(b)]
      return p.reduce((total, value, i) => total + value * q[i]!, 0) / (Math.hypot(...p) * Math.hypot(...q))
    }
    for (let i = 0; i < 4; i++) for (let j = 0; j < i; j++) expect(Math.abs(correlation(values[i]!, values[j]!)))
      .toBeLessThan(4 / Math.sqrt(500))
  })

  it('refuses a new value of another shape for a buffer', () => {
    const { running_mean: mean } = new BatchNorm1d(3)
    expect(() => withMode({ training: true }, () => updateBuffer(mean, sum(mean))))
      .toThrow(/keep its shape and dtype: float32\[3\][^]*float32\[\]/)
  })
})

describe('the body of a scan', () => {
  it('cannot update a buffer, and draws the same mask at every step', async () => {
    const norm = new BatchNorm1d(3)
    const xs = input('xs', { shape: [4, 2, 3], dtype: 'float32' })
    expect(() => withMode({ training: true }, () => scan((_, [x]) => ({ carry: [], ys: [norm.forward(x)] }), [], [xs])))
      .toThrow(/cannot be updated inside the body of a scan[^]*Carry the value/)
    // Nothing of the failed body is left behind.
    const x = input('x', { shape: [2, 3], dtype: 'float32' })
    expect(() => withMode({ training: true }, () => norm.forward(x))).not.toThrow()
    const dropout = new Dropout(0.5)
    const dropped = (all: Tensor) => scan((_, [each]) => ({ carry: [], ys: [dropout.forward(each)] }), [], [all]).ys[0]
    const masks = compile((key, all) => withMode({ training: true, randomKey: key }, () => dropped(all)).output,
      [{ shape: [2], dtype: 'int32' }, { shape: [4, 2, 3] }], { runtime: referenceRuntime })
    const { data } = await masks(Int32Array.of(3, 4), new Float32Array(24).fill(1))
    for (let step = 1; step < 4; step++) expect(data.slice(6 * step, 6 * step + 6)).toEqual(data.slice(0, 6))
  })
})
