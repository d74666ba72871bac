// Loops whose body is a graph: values and gradients of any order as those of the unrolled graph, on every runtime, and every
// part of the engine that has to look into a body.
import { fromBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import {
  add, channelAffine, checkGraph, concat, conv2d, differentiate, evaluate, flopOf, full, gather, graph, input, linear, lowerGraph, lowerInference, matmul,
  mean, mul, parameter, printGraph, referenceRuntime, relu, reshape, scan, sigmoid, simplify, slice, split, square, stack, sub, substitute, sum, tanh, tensor,
  topologicalOrder, transpose, uniform, unrollScans, UserError, zeros, type Graph, type Runtime, type ScanOptions, type Tensor, type TypedArray,
} from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime, runOnnxModel } from '../src/node.ts'
import { ModelProtoSchema, type GraphProto } from '../src/onnx/generated/onnx_pb.ts'
import { foldAffine } from '../src/passes/fold-affine.ts'
import { randomKey, uniforms } from '../src/random.ts'

const STEPS = 5
const BATCH = 3
const SIZE = 4

const values = (name: string, ...shape: number[]): Float32Array => uniforms(randomKey(11, name), shape.reduce((a, b) => a * b, 1), -1, 1)
const known = (name: string, ...shape: number[]): Tensor => tensor(values(name, ...shape), { shape })
const weight = (name: string, ...shape: number[]): Tensor => parameter(values(name, ...shape), shape)

type Scan = typeof scan

/** The same loop written out while it is traced: what a scan has to equal. */
const writtenOut = ((step: (carry: Tensor[], xs: Tensor[]) => { carry: readonly Tensor[]; ys?: readonly Tensor[] }, init: readonly Tensor[], xs: readonly Tensor[], { reverse = false, length = xs[0]?.shape[0] ?? 0 }: ScanOptions = {}) => {
  let carry = [...init]
  const collected: Tensor[][] = []
  for (let i = 0; i < length; i++) {
    const at = reverse ? length - 1 - i : i
    const next = step(carry, xs.map(x => reshape(slice(x, { axis: 0, start: at, end: at + 1 }), x.shape.slice(1))))
    carry = [...next.carry]
    for (const [k, y] of (next.ys ?? []).entries()) (collected[k] ??= [])[at] = y
  }
  return { carry, ys: collected.map(list => stack(list, 0)) }
}) as unknown as Scan

/** A model on a loop: its loss, and what the gradients are wanted of. */
type Model = (loop: Scan) => { loss: Tensor; wanted: Tensor[] }

const x = () => known('x', STEPS, BATCH, SIZE)
const wx = () => weight('wx', 4 * SIZE, SIZE)
const wh = () => weight('wh', 4 * SIZE, SIZE)
const bias = () => weight('bias', 4 * SIZE)

/** The equations of an LSTM with the gates in the order i, f, g, o. */
function lstm(loop: Scan, xs: Tensor, [input, hidden, offset]: readonly [Tensor, Tensor, Tensor], options: ScanOptions = {}) {
  const first = zeros([xs.shape[1]!, SIZE])
  return loop(([h, c], [element]) => {
    const gates = add(linear(element, input, offset), matmul(h, hidden, { transposeB: true }))
    const [i, f, g, o] = split(gates, [SIZE, SIZE, SIZE, SIZE], 1) as [Tensor, Tensor, Tensor, Tensor]
    const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
    const next = mul(sigmoid(o), tanh(cell))
    return { carry: [next, cell], ys: [next] }
  }, [first, first], [xs], options)
}

const models: Record<string, Model> = {
  'a recurrent network': loop => {
    const [input, hidden, offset] = [weight('a', SIZE, SIZE), weight('b', SIZE, SIZE), weight('c', SIZE)]
    const xs = x()
    const { carry: [last], ys: [all] } = loop(([h], [e]) => {
      const next = tanh(add(linear(e, input, offset), matmul(h, hidden)))
      return { carry: [next], ys: [next] }
    }, [zeros([BATCH, SIZE])], [xs])
    return { loss: add(sum(mul(all, known('y', STEPS, BATCH, SIZE))), sum(square(last))), wanted: [input, hidden, offset, xs] }
  },
  'an LSTM': loop => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const { carry: [h, c], ys: [all] } = lstm(loop, x(), parameters)
    return { loss: add(sum(mul(all, known('y', STEPS, BATCH, SIZE))), sum(mul(h, c))), wanted: parameters }
  },
  'an LSTM from the last step to the first': loop => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const { carry: [h], ys: [all] } = lstm(loop, x(), parameters, { reverse: true })
    return { loss: add(sum(mul(all, known('y', STEPS, BATCH, SIZE))), mean(square(h))), wanted: parameters }
  },
  'two layers of LSTM': loop => {
    const parameters = [[wx(), wh(), bias()], [wh(), wx(), bias()]] as [Tensor, Tensor, Tensor][]
    const [below, above] = parameters as [[Tensor, Tensor, Tensor], [Tensor, Tensor, Tensor]]
    const { ys: [all] } = lstm(loop, lstm(loop, x(), below).ys[0], above)
    return { loss: sum(mul(all, known('y', STEPS, BATCH, SIZE))), wanted: parameters.flat() }
  },
  'a scan in a scan': loop => {
    const [outer, inner] = [weight('outer', SIZE), weight('inner', SIZE)]
    const xs = x()
    const { ys: [all] } = loop(([state], [element]) => {
      // The inner loop runs over the batch and captures the outer state.
      const { carry: [total], ys: [each] } = loop(([t], [row]) => {
        const next = tanh(add(mul(t, inner), mul(row, state)))
        return { carry: [next], ys: [mul(next, row)] }
      }, [outer], [element])
      return { carry: [tanh(add(mul(state, outer), total))], ys: [sum(each, { axes: 0 })] }
    }, [full([SIZE], 0.5)], [xs])
    return { loss: sum(mul(all, known('y', STEPS, SIZE))), wanted: [outer, inner, xs] }
  },
  'a table, counters and values of every kind': loop => {
    const [table, scale, extra] = [weight('table', 6, SIZE), weight('scale', SIZE), weight('extra', STEPS, BATCH, SIZE)]
    const tokens = tensor(Int32Array.from({ length: STEPS * BATCH }, (_, i) => (i * 5) % 6), { shape: [STEPS, BATCH] })
    const { carry: [count, state], ys: [all, numbers, plain] } = loop(([n, s], [token, e]) => {
      const next = sigmoid(add(mul(gather(table, token), scale), mul(s, e)))
      return { carry: [add(n, 1), next], ys: [next, n, scale] }
    }, [tensor(Int32Array.of(3), { shape: [] }), zeros([BATCH, SIZE])], [tokens, extra])
    const weighed = mul(all, reshape(numbers.cast('float32'), [STEPS, 1, 1]))
    return { loss: add(add(sum(weighed), sum(mul(state, count.cast('float32')))), sum(square(plain))), wanted: [table, scale, extra] }
  },
  'nothing that is read': loop => {
    const factor = weight('factor', SIZE)
    const { carry: [state] } = loop(([s]) => ({ carry: [mul(tanh(s), factor)] }), [full([SIZE], 0.7)], [], { length: STEPS })
    return { loss: sum(state), wanted: [factor] }
  },
  'convolutions in the body': loop => {
    const [kernel, state] = [weight('kernel', 2, 2, 3, 3), weight('state', 1, 2, 4, 4)]
    const { carry: [last] } = loop(([s], [e]) =>
      ({ carry: [tanh(conv2d(add(s, e), kernel, undefined, { padding: 1 }))] }), [state], [known('frames', STEPS, 1, 2, 4, 4)])
    return { loss: sum(square(last)), wanted: [kernel, state] }
  },
}

const closeness = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs))
  return Math.max(0, ...Array.from(actual, (value, i) => Math.abs(value - expected[i]!))) / scale
}

/** The loss, its gradients, and the gradients of their squares. */
function quantities(model: Model, loop: Scan): Tensor[] {
  const { loss, wanted } = model(loop)
  const gradients = differentiate(loss, wanted)
  const penalty = gradients.map(gradient => sum(square(gradient))).reduce((a, b) => add(a, b))
  return [loss, ...gradients, ...differentiate(penalty, wanted)]
}

const closed = (outputs: readonly Tensor[]): Graph => graph('model', [], outputs)

async function run(runtime: Runtime, outputs: readonly Tensor[]): Promise<TypedArray[]> {
  const whole = closed(outputs)
  const executable = await runtime.compile(whole)
  const results = await executable.run(whole.inputs.map(({ leaf }) => leaf!.data!))
  await executable.release()
  return results
}

describe.each(Object.entries(models))('%s', (_, model) => {
  const expected = evaluate(quantities(model, writtenOut), new Map(), 'float64')

  it('has the values, gradients and gradients of gradients of the loop written out', () => {
    evaluate(quantities(model, scan), new Map(), 'float64').forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(1e-7))
  })

  it('is the same simplified, unrolled, and both', () => {
    const whole = closed(quantities(model, scan))
    for (const changed of [simplify(whole), unrollScans(whole), simplify(unrollScans(simplify(whole)))]) {
      checkGraph(changed)
      evaluate(changed.outputs, new Map(), 'float64').forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(1e-7))
    }
    expect(topologicalOrder(unrollScans(whole).outputs).filter(({ op }) => op?.name === 'scan')).toEqual([])
  })

  it.each([['native', onnxNodeRuntime({ threads: 2 })], ['WebAssembly', onnxWebRuntime()]] as const)('is the same on the %s runtime', async (_name, runtime) => {
    const results = await run(runtime, quantities(model, scan))
    results.forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(2e-5))
  })
})

/** All nodes of a model, those of graphs inside nodes included, with the initialisers of the graph each stands in. */
function nodesOf(bytes: Uint8Array): { opType: string; domain: string; nested: boolean; initializers: number }[] {
  const walk = (proto: GraphProto | undefined, nested: boolean): ReturnType<typeof nodesOf> => (proto?.node ?? []).flatMap(node => [
    { opType: node.opType, domain: node.domain, nested, initializers: proto!.initializer.length },
    ...node.attribute.flatMap(({ g }) => (g ? walk(g, true) : [])),
  ])
  return walk(fromBinary(ModelProtoSchema, bytes).graph, false)
}

describe('what a scan computes', () => {
  const counter = () => scan(([n]) => ({ carry: [add(n, 1)], ys: [n, mul(n, 2)] }), [tensor(Float32Array.of(0), { shape: [] })], [], { length: 4 })

  it('keeps the places of what it collects in both directions, and makes one loop of all its outputs', () => {
    const { carry: [last], ys: [each, doubled] } = counter()
    expect([last.item(), each.toArray(), doubled.toArray()]).toEqual([4, [0, 1, 2, 3], [0, 2, 4, 6]])
    const { ys: [sums] } = scan(([s], [e]) => ({ carry: [add(s, e)], ys: [add(s, e)] }), [tensor(0)], [tensor([1, 2, 3])], { reverse: true })
    expect(sums.toArray()).toEqual([6, 5, 3])
    const { bytes } = lowerGraph(closed([last, each, doubled]), 'cpu')
    expect(nodesOf(bytes).filter(({ opType }) => opType === 'Scan')).toHaveLength(1)
  })

  it('does not mistake one output for another of the same type', () => {
    const { carry: [last], ys: [each, doubled] } = counter()
    const simplified = simplify(closed([sub(each, doubled), last, each, doubled]))
    expect(evaluate(simplified.outputs).map(list => [...list])).toEqual([[0, -1, -2, -3], [4], [0, 1, 2, 3], [0, 2, 4, 6]])
    const [front, back] = split(tensor([1, 2, 3, 4]), [2, 2]) as [Tensor, Tensor]
    const pieces = simplify(closed([add(front, 0.5), sub(back, front), back]))
    expect(evaluate(pieces.outputs).map(list => [...list])).toEqual([[1.5, 2.5], [2, 2], [3, 4]])
  })

  it('has no part that nothing reads: outputs, carried values and what they are made of', () => {
    const heavy = weight('heavy', SIZE, SIZE)
    const { carry: [kept] } = scan(([a, b], [e]) =>
      ({ carry: [add(a, e), matmul(tanh(b), heavy)], ys: [square(e), b] }), [zeros([BATCH, SIZE]), zeros([BATCH, SIZE])], [x()])
    const nodes = nodesOf(lowerGraph(closed([kept]), 'cpu').bytes).map(({ opType }) => opType)
    expect(nodes.toSorted()).toEqual(['Add', 'Scan'])
    expect(flopOf(closed([kept]))).toBe(0)
  })

  it('reads around it what does not depend on the step, which is computed once', () => {
    const w = weight('w', SIZE, SIZE)
    const { carry: [last] } = scan(([h], [e]) => ({ carry: [add(matmul(h, tanh(w)), e)] }), [zeros([BATCH, SIZE])], [x()])
    const nodes = nodesOf(lowerGraph(closed([last]), 'cpu').bytes)
    expect(nodes.filter(({ opType }) => opType === 'Tanh').map(({ nested }) => nested)).toEqual([false])
  })

  it('draws the same random numbers at every step, and others where they were drawn outside', () => {
    const key = tensor(Int32Array.of(1, 2), { shape: [2] })
    const { ys: [inside, outside] } = scan((_, [e]) => ({ carry: [], ys: [uniform(key, [3], 1), e] }), [], [uniform(key, [4, 3], 2)])
    const rows = inside.toArray() as number[][]
    for (const row of rows) expect(row).toEqual(rows[0])
    expect(new Set((outside.toArray() as number[][]).flat()).size).toBe(12)
  })

  it('sums the gradient of a weight after the loop by one product, and its graph does not grow with the steps', () => {
    const size = (length: number) => {
      const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
      const { ys: [all] } = lstm(scan, known('long', length, BATCH, SIZE), parameters)
      const whole = simplify(closed(differentiate(sum(square(all)), parameters)))
      return { nodes: nodesOf(lowerGraph(whole, 'cpu').bytes), flop: flopOf(whole) / length }
    }
    const [short, long] = [size(40), size(80)]
    expect(long.nodes.length).toBe(short.nodes.length)
    // Forward: two products of the gates. Backward: those of h and of both weights; x needs none.
    expect(long.flop).toBe((2 + 3) * 2 * BATCH * 4 * SIZE * SIZE)
    const products = long.nodes.filter(({ opType }) => opType === 'Gemm')
    expect(products.map(({ nested }) => nested).toSorted()).toEqual([false, false, true, true, true])
  })
})

describe('the engine around a scan', () => {
  it('prints the body below the op, with what is read of it', () => {
    const w = weight('w', 2)
    const { carry: [last] } = scan(([h], [e]) => ({ carry: [tanh(add(mul(h, w), e))], ys: [e] }), [zeros([2])], [input('x', { shape: [3, 2], dtype: 'float32' })])
    const leaf = topologicalOrder([last]).filter(({ leaf }) => leaf?.kind === 'input')
    expect(printGraph(graph('loop', leaf, [last]))).toMatchInlineSnapshot(`
      "graph loop(x: float32[3, 2], parameter1: float32[2]) {
        %0 = full(0) : float32[2]
        %1 = scan(%0, x, parameter1) {carries: 1, xs: 1, length: 3} : float32[2]
          body(carry0: float32[2], x0: float32[2], captured0: float32[2]) {
            %2 = mul(carry0, captured0) : float32[2]
            %3 = add(%2, x0) : float32[2]
            %4 = tanh(%3) : float32[2]
            return %4
          }
        return %1
      }"
    `)
  })

  it('renames, drops and counts domains inside bodies too', async () => {
    // A value that the body reads is an output as well; the convolution takes the blocked kernels where there are some.
    const kernel = weight('kernel', 16, 16, 3, 3)
    const shared = tanh(kernel)
    const { carry: [last] } = scan(([s], [e]) => ({ carry: [relu(conv2d(add(s, e), shared, undefined, { padding: 1 }))] }), [zeros([1, 16, 6, 6])], [known('e', 3, 1, 16, 6, 6)])
    const outputs = [shared, last, ...differentiate(sum(square(last)), [kernel])]
    const expected = evaluate(outputs, new Map(), 'float64')
    const results = await run(onnxNodeRuntime({ threads: 1 }), outputs)
    results.forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(2e-5))
  })

  it('keeps the constants of a body in the graph around it, each once', () => {
    const table = known('table', 100, SIZE)
    const { ys: [all] } = scan((_, [e]) => ({ carry: [], ys: [add(matmul(e, matmul(table, table, { transposeA: true })), sum(table, { axes: 0 }))] }), [], [x()])
    const nodes = nodesOf(lowerGraph(closed([all]), 'cpu').bytes)
    for (const { nested, initializers } of nodes) expect(initializers > 0).toBe(!nested)
  })

  it('folds the affine maps of a body into its convolutions', () => {
    const [kernel, scale, shift] = [weight('k', 2, 1, 3, 3), weight('scale', 2), weight('shift', 2)]
    const { ys: [all] } = scan((_, [e]) => ({ carry: [], ys: [channelAffine(conv2d(e, kernel), scale, shift)] }), [], [known('images', 2, 1, 1, 5, 5)])
    const folded = foldAffine(closed([all]))
    expect(printGraph(closed([all]))).toContain('channelAffine')
    expect(printGraph(folded)).not.toContain('channelAffine')
    expect(closeness(evaluate(folded.outputs)[0]!, evaluate([all])[0]!)).toBeLessThan(1e-6)
  })

  it('leaves the batch axis of a model to hand on free', async () => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const at = (batch: number) => {
      const images = input('images', { shape: [batch, STEPS, SIZE], dtype: 'float32' })
      const { carry: [last], ys: [all] } = lstm(scan, transpose(images, [1, 0, 2]), parameters)
      return graph('reader', [images], [last, transpose(all, [1, 0, 2])])
    }
    const { bytes, outputNames } = lowerInference(at, { outputs: ['last', 'all'] })
    for (const batch of [1, 4]) {
      const data = values('images', batch, STEPS, SIZE)
      const [results] = await runOnnxModel(bytes, [{ images: { shape: [batch, STEPS, SIZE], dtype: 'float32', data } }])
      const { inputs, outputs } = at(batch)
      evaluate(outputs, new Map([[inputs[0]!, data]])).forEach((expected, i) =>
        expect(closeness(results![outputNames[i]!]!.data, expected)).toBeLessThan(2e-5))
    }
  })

  it('trains inside the loop of steps', async () => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const element = input('element', { shape: [STEPS, BATCH, SIZE], dtype: 'float32' })
    const { carry: [h], ys: [all] } = lstm(scan, element, parameters)
    const loss = add(mean(square(sub(all, 0.3))), mean(h))
    const next = differentiate(loss, parameters).map((gradient, i) => sub(parameters[i]!, mul(gradient, 0.1)))
    const program = { graph: graph('step', [...parameters, element], [...next, loss]), stateCount: 3 }
    const train = async (runtime: Runtime) => {
      const executable = await runtime.compileSteps(program)
      const state = parameters.map(({ leaf }) => leaf!.data!)
      const after = state.map(data => data.slice())
      const [losses] = await executable.run(state, after, [values('batches', 6, STEPS, BATCH, SIZE)], 6)
      await executable.release()
      return [...after, losses!]
    }
    const expected = await train(referenceRuntime)
    for (const runtime of [onnxNodeRuntime({ threads: 2 }), onnxWebRuntime()]) {
      (await train(runtime)).forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(2e-5))
    }
  })

  it('is written out for WebGPU, which has no loop', () => {
    const { bytes } = lowerGraph(closed(quantities(models['an LSTM']!, scan)), 'webgpu')
    const nodes = nodesOf(bytes)
    expect(nodes.some(({ opType, nested }) => opType === 'Scan' || nested)).toBe(false)
    expect(nodes.filter(({ opType }) => opType === 'Sigmoid').length).toBeGreaterThanOrEqual(3 * STEPS)
  })

  it('can be differentiated after a pass has dropped what nothing read', () => {
    const [w, other] = [weight('w', SIZE), weight('other', SIZE)]
    const { carry: [last] } = scan(([h], [e]) => ({ carry: [tanh(add(mul(h, w), e))] }), [zeros([BATCH, SIZE])], [x()])
    const [moved] = substitute([sum(square(last))], new Map([[w, other]])) as [Tensor]
    const again = models['a recurrent network'] && scan(([h], [e]) => ({ carry: [tanh(add(mul(h, other), e))] }), [zeros([BATCH, SIZE])], [x()])
    const [actual, expected] = evaluate([...differentiate(moved, [other]), ...differentiate(sum(square(again!.carry[0])), [other])])
    expect(closeness(actual!, expected!)).toBeLessThan(1e-6)
  })
})

describe('mistakes', () => {
  const messageOf = (f: () => unknown): string => {
    try {
      f()
    } catch (error) {
      if (error instanceof UserError) return error.message
      throw error
    }
    return 'nothing was thrown'
  }
  const h = zeros([2])

  it('say what is wrong, what was received, and what to do', () => {
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], []))).toMatch(/needs a length[^]*Received: nothing to read/)
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], [zeros([0, 2])]))).toMatch(/at least one step[^]*float32\[0, 2\]/)
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], [zeros([3, 2]), zeros([4])]))).toMatch(/one first axis[^]*float32\[3, 2\] and float32\[4\]/)
    expect(messageOf(() => scan(([a]) => ({ carry: [concat([a, a])] }), [h], [zeros([3, 2])]))).toMatch(/float32\[2\][^]*Received: float32\[4\]/)
    expect(messageOf(() => scan(() => ({ carry: [] }), [h], [zeros([3, 2])]))).toMatch(/Received: none/)
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], [zeros([3])], { backwards: true } as never))).toMatch(/no option 'backwards'/)
    let stray: Tensor | undefined
    scan(([a]) => {
      stray = tanh(a)
      return { carry: [a] }
    }, [h], [zeros([3])])
    expect(messageOf(() => graph('outside', [], [stray!]))).toMatch(/one step of a scan outside of the scan[^]*Return it from the body/)
  })

  it('leave a gradient that does not exist to the message of differentiate', () => {
    const w = weight('w', 2)
    const { carry: [n] } = scan(([a], [e]) => ({ carry: [add(a, add(e, w).greater(0).cast('float32'))] }), [h], [zeros([3, 2])])
    expect(messageOf(() => differentiate(sum(n), [w]))).toMatch(/only through scan/)
  })
})
