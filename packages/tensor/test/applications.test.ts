// What several outputs, passes and the inputs of step programs have to keep: which output is which, what a gradient is
// where it is zero or does not exist, and what is captured by the loop of steps.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  abs,
  add,
  batchNorm,
  checkGraph,
  clamp,
  concat,
  conv2d,
  defineMultiOp,
  differentiate,
  evaluate,
  floor,
  full,
  graph,
  input,
  linear,
  lowerGraph,
  lowerSteps,
  max,
  maximum,
  maxPool2d,
  mean,
  mul,
  parameter,
  printGraph,
  referenceRuntime,
  relu,
  sign,
  simplify,
  split,
  square,
  sub,
  substitute,
  sum,
  tanh,
  tensor,
  Tensor,
  topologicalOrder,
  UserError,
  where,
  zeros,
  type Graph,
  type Runtime,
  type TypedArray,
} from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { decompose } from '../src/passes/decompose.ts'
import { rebuildGraph } from '../src/passes/rebuild.ts'
import { randomKey, uniforms } from '../src/random.ts'

const known = (name: string, ...shape: number[]) =>
  tensor(
    uniforms(
      randomKey(3, name),
      shape.reduce((a, b) => a * b, 1),
      -1,
      1,
    ),
    { shape },
  )
const weight = (name: string, ...shape: number[]) =>
  parameter(
    uniforms(
      randomKey(3, name),
      shape.reduce((a, b) => a * b, 1),
      -1,
      1,
    ),
    shape,
  )

describe('an application with several outputs', () => {
  it('is one node whose gradient is one concatenation, zeros for pieces that the loss does not read', () => {
    const x = known('x', 5, 2)
    const [first, , last] = split(x, [2, 1, 2]) as [Tensor, Tensor, Tensor]
    expect(first.origin!.application).toBe(last.origin!.application)
    const [gradient] = differentiate(add(sum(square(first)), sum(last)), [x]) as [Tensor]
    expect(gradient.op!.name).toBe('concat')
    expect([...evaluate([gradient])[0]!]).toEqual([
      ...[...evaluate([x])[0]!].slice(0, 4).map(value => Math.fround(2 * value)),
      0,
      0,
      1,
      1,
      1,
      1,
    ])
  })

  it('has its gradient taken when all of its outputs have theirs, whatever the order in which they are read', () => {
    const x = known('x', 4)
    const of = (swap: boolean) => {
      const [a, b] = split(x, [2, 2]) as [Tensor, Tensor]
      // b is read by what a's reader reads, and the other way round.
      const [near, far] = swap ? [b, a] : [a, b]
      return differentiate(sum(mul(tanh(near), tanh(add(far, tanh(near))))), [x])[0]!
    }
    const [a, b] = split(x, [2, 2]) as [Tensor, Tensor]
    const apart = (swap: boolean) => {
      const [near, far] = swap ? [b, a] : [a, b]
      const [p, q] = [
        parameter(evaluate([near])[0] as Float32Array, [2]),
        parameter(evaluate([far])[0] as Float32Array, [2]),
      ]
      const [gp, gq] = differentiate(sum(mul(tanh(p), tanh(add(q, tanh(p))))), [p, q]) as [Tensor, Tensor]
      return concat(swap ? [gq, gp] : [gp, gq])
    }
    for (const swap of [false, true]) {
      const [actual, expected] = evaluate([of(swap), apart(swap)])
      actual!.forEach((value, i) => expect(value).toBeCloseTo(expected![i]!, 6))
    }
  })

  it('is cut into any pieces on every runtime, read whole or in part', async () => {
    const native = onnxNodeRuntime({ threads: 1 })
    const pieces = fc.array(fc.nat(3), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(2), fc.nat(15), async (sizes, axis, mask) => {
        const whole = sizes.reduce((a, b) => a + b, 0)
        const x = input('x', { shape: [2, 3, 2].with(axis, whole), dtype: 'float32' })
        const read = split(x, sizes, axis).filter((_, i) => (mask >> i) % 2 === 1)
        fc.pre(read.length > 0)
        const data = Float32Array.from({ length: x.size }, (_, i) => i)
        const executable = await native.compile(graph('pieces', [x], read))
        const actual = await executable.run([data])
        await executable.release()
        expect(actual.map(list => [...list])).toEqual(evaluate(read, new Map([[x, data]])).map(list => [...list]))
      }),
      { numRuns: 40, seed: 1 },
    )
  })

  it('refuses pieces that do not add up', () => {
    expect(() => split(zeros([5]), [2, 2])).toThrow(/split: the sizes must add up to 5[^]*\[2, 2\]/)
    expect(() => split(zeros([5]), [6, -1])).toThrow(UserError)
  })
})

describe('a gradient that is zero almost everywhere', () => {
  // What a gradient penalty does: the slope of a network depends on a bias only through which units are on.
  const penalty = (network: (x: Tensor, bias: Tensor) => Tensor) => {
    const [x, w, bias] = [known('x', 3, 4), weight('w', 4, 4), weight('bias', 4)]
    const [slope] = differentiate(sum(network(linear(x, w), bias)), [x]) as [Tensor]
    return { w, bias, loss: sum(square(slope)) }
  }

  it.each<[string, (x: Tensor, bias: Tensor) => Tensor]>([
    ['relu', (x, bias) => relu(add(x, bias))],
    ['abs', (x, bias) => abs(add(x, bias))],
    ['clamp', (x, bias) => clamp(add(x, bias), -0.5, 0.5)],
    ['maximum', (x, bias) => maximum(x, mul(bias, 0.5))],
    ['max', (x, bias) => max(add(x, bias), { axes: 1 })],
    ['where', (x, bias) => where(add(x, bias).greater(0), x, 0)],
    ['max pooling', (x, bias) => maxPool2d(add(x, bias).reshape([1, 1, 3, 4]), { kernel: 2, stride: 1 })],
    ['relu with a gradient that may be infinite', (x, bias) => relu(add(x, bias)).sqrt()],
  ])('is zero for a bias behind %s, and flows to the weight', (_, network) => {
    const { w, bias, loss } = penalty(network)
    const [forWeight, forBias] = evaluate(differentiate(loss, [w, bias]))
    if (_ !== 'relu with a gradient that may be infinite') expect([...forBias!].map(Math.abs)).toEqual([0, 0, 0, 0])
    expect(forWeight!.some(value => value !== 0)).toBe(true)
  })

  it('is zero for sign, floor and detach, and refused for what is not differentiable', () => {
    const [x, y] = [weight('x', 3), weight('y', 3)]
    for (const constant of [sign(x), floor(x), x.detach()])
      expect(evaluate(differentiate(sum(constant), [x]))[0]).toEqual(new Float32Array(3))
    const counted = sum(x.greater(0).cast('float32'))
    expect(() => differentiate(counted, [x])).toThrow(/only through cast, which has no gradient/)
    // A way that is known to be zero does not hide another one.
    expect(() => differentiate(add(counted, sum(floor(x))), [x])).toThrow(/only through cast, which has no gradient/)
    expect(() => differentiate(add(sum(floor(x)), counted), [x])).toThrow(/only through cast, which has no gradient/)
    // A differentiable way decides.
    expect(evaluate(differentiate(add(counted, sum(x)), [x]))[0]).toEqual(new Float32Array(3).fill(1))
    // What the loss does not depend on is not blamed for what blocks others.
    const [forX, forY] = evaluate(differentiate(sum(mul(x, add(x.greater(0).cast('float32'), 1))), [x, y]))
    expect(forX!.every(value => value >= 1)).toBe(true)
    expect(forY).toEqual(new Float32Array(3))
  })
})

describe('passes', () => {
  const wide = (x: Tensor) => {
    const [a, b] = split(batchNorm(conv2d(x, known('kernel', 4, 2, 3, 3)), full([4], 1), full([4], 0)), [1, 3], 1) as [
      Tensor,
      Tensor,
    ]
    return add(sum(tanh(a)), sum(square(b)))
  }

  it('keep the inputs, the values and the types, also where nothing changes', () => {
    const x = input('x', { shape: [2, 2, 5, 5], dtype: 'float32' })
    const whole = graph('wide', [x], [wide(x)])
    const data = uniforms(randomKey(4, 'x'), x.size, -1, 1)
    const [expected] = evaluate(whole.outputs, new Map([[x, data]]))
    for (const pass of [decompose, simplify, (g: Graph) => rebuildGraph(g, {})]) {
      const changed = pass(whole)
      checkGraph(changed)
      expect(changed.inputs).toEqual(whole.inputs)
      expect(evaluate(changed.outputs, new Map([[x, data]]))[0]![0]).toBeCloseTo(expected![0]!, 4)
    }
    expect(rebuildGraph(whole, {}).outputs).toEqual(whole.outputs)
    expect(printGraph(decompose(whole))).not.toContain('batchNorm')
  })

  it('refuse what has another type, and leaves that nobody feeds', () => {
    const x = input('x', { shape: [2], dtype: 'float32' })
    const whole = graph('sum', [x], [sum(x)])
    expect(() => rebuildGraph(whole, { leaf: () => zeros([3]) })).toThrow(
      /float32\[3\] cannot take the place of float32\[2\]/,
    )
    expect(() => rebuildGraph(whole, { leaf: () => input('other', x) })).toThrow(
      /'sum' depends on a leaf that it does not list[^]*other/,
    )
    const lying = defineMultiOp<Readonly<Record<string, never>>>({
      name: 'lying',
      gradient: null,
      samples: [],
      onnx: () => [],
      reference: () => undefined,
      infer: ([a]) => [{ shape: lies++ === 0 ? a!.shape : [7], dtype: 'float32' }],
    })
    let lies = 0
    expect(() => {
      checkGraph(graph('lie', [x], [Tensor.apply(lying, [x], {})]))
    }).toThrow(/lying yields float32\[7\]/)
  })

  it('call a computation with other tensors: what replaces is not looked into', () => {
    const [x, y] = [weight('x', 3), weight('y', 3)]
    const f = (a: Tensor, b: Tensor) => sum(mul(tanh(a), add(b, a)))
    const [moved] = substitute(
      [f(x, y)],
      new Map([
        [x, sub(x, y)],
        [y, x],
      ]),
    ) as [Tensor]
    const [actual, expected] = evaluate([moved, f(sub(x, y), x)])
    expect(actual).toEqual(expected)
    const before = f(x, y)
    expect(substitute([before], new Map([[weight('z', 3), x]]))[0]).toBe(before)
  })

  it('walk a deep graph once, however much of it a decomposition reads', () => {
    let x: Tensor = input('x', { shape: [4, 2], dtype: 'float32' })
    const first = x
    for (let i = 0; i < 300; i++) x = batchNorm(x, full([2], 1), full([2], 0))
    const [gradient] = differentiate(sum(x), [first]) as [Tensor]
    const whole = graph('deep', [first], [gradient])
    expect(topologicalOrder(simplify(decompose(whole)).outputs).length).toBeLessThan(15_000)
  })
})

describe('captured inputs of a step program', () => {
  // A state that is read by weights that stay: one step of a generation.
  const state = input('state', { shape: [2, 3], dtype: 'float32' })
  const noise = input('noise', { shape: [2, 3], dtype: 'float32' })
  const w = weight('w', 3, 3)
  const next = tanh(add(linear(state, w), noise))
  const program = {
    graph: graph('generate', [state, noise], [next, mean(next), sum(w)]),
    stateCount: 1,
    capturedCount: 1,
  }
  const STEPS = 4
  const noises = uniforms(randomKey(2, 'noise'), STEPS * 6, -1, 1)

  const run = async (runtime: Runtime, parts: readonly number[], captured: TypedArray[]) => {
    const executable = await runtime.compileSteps(program)
    let [current, from] = [new Float32Array(6).fill(0.5), 0]
    const reported: number[][] = []
    for (const steps of parts) {
      const after = [new Float32Array(6)]
      const [means, sums] = await executable.run(
        [current],
        after,
        [noises.slice(from * 6, (from + steps) * 6)],
        steps,
        captured,
      )
      means!.forEach((value, i) => reported.push([value, sums![i]!]))
      ;[current, from] = [after[0]!, from + steps]
    }
    await executable.release()
    return { state: [...current], reported }
  }
  const weights = () => w.leaf!.data!.slice()

  it.each([
    ['native', onnxNodeRuntime({ threads: 1 })],
    ['WebAssembly', onnxWebRuntime()],
  ] as const)('are the same at all steps: %s', async (_, runtime) => {
    const expected = await run(referenceRuntime, [STEPS], [weights()])
    for (const parts of [[STEPS], [1, 3]]) {
      const { state: after, reported } = await run(runtime, parts, [weights()])
      after.forEach((value, i) => expect(value).toBeCloseTo(expected.state[i]!, 5))
      reported.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.reported.flat()[i]!, 5))
    }
    const other = await run(runtime, [STEPS], [weights().map(value => -value)])
    expect(other.state[0]).not.toBeCloseTo(expected.state[0]!, 3)
  })

  it('are neither carried by the loop nor stacked', () => {
    const { bytes, inputNames } = lowerSteps(program, 'cpu')
    expect(inputNames).toHaveLength(3)
    expect(bytes.length).toBeLessThan(lowerGraph(program.graph, 'cpu').bytes.length + 1200)
  })

  it('must all be given', async () => {
    for (const runtime of [referenceRuntime, onnxNodeRuntime({ threads: 1 })]) {
      await expect(run(runtime, [STEPS], [])).rejects.toThrow(/captured values[^]*a list of 1[^]*Received: \[\]/)
    }
  })
})
