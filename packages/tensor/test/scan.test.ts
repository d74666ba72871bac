// Loops whose body is a graph: values and gradients of any order as those of the loop written out, on every runtime;
// what a scan computes and what it refuses.
import { describe, expect, it } from 'vitest'
import {
  add,
  checkGraph,
  concat,
  differentiate,
  evaluate,
  floor,
  flopOf,
  graph,
  lowerGraph,
  matmul,
  mul,
  scan,
  simplify,
  split,
  square,
  sub,
  sum,
  tanh,
  tensor,
  topologicalOrder,
  uniform,
  inlineBodies,
  UserError,
  zeros,
  type Tensor,
} from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import {
  BATCH,
  SIZE,
  known,
  weight,
  x,
  wx,
  wh,
  bias,
  models,
  closeness,
  closed,
  lstm,
  quantities,
  nodesOf,
  run,
  writtenOut,
} from './scan-models.ts'

describe.each(Object.entries(models))('%s', (_, model) => {
  const expected = evaluate(quantities(model, writtenOut), new Map(), 'float64')

  it('has the values, gradients and gradients of gradients of the loop written out', () => {
    evaluate(quantities(model, scan), new Map(), 'float64').forEach((result, i) =>
      expect(closeness(result, expected[i]!)).toBeLessThan(1e-7),
    )
  })

  it('is the same simplified, unrolled, and both', () => {
    const whole = closed(quantities(model, scan))
    for (const changed of [simplify(whole), inlineBodies(whole), simplify(inlineBodies(simplify(whole)))]) {
      checkGraph(changed)
      evaluate(changed.outputs, new Map(), 'float64').forEach((result, i) =>
        expect(closeness(result, expected[i]!)).toBeLessThan(1e-7),
      )
    }
    expect(topologicalOrder(inlineBodies(whole).outputs).filter(({ op }) => op?.name === 'scan')).toEqual([])
  })

  it.each([
    ['native', onnxNodeRuntime({ threads: 2 })],
    ['WebAssembly', onnxWebRuntime()],
  ] as const)('is the same on the %s runtime', async (_name, runtime) => {
    const results = await run(runtime, quantities(model, scan))
    results.forEach((result, i) => expect(closeness(result, expected[i]!)).toBeLessThan(2e-5))
  })
})

describe('what a scan computes', () => {
  const counter = () =>
    scan(([n]) => ({ carry: [add(n, 1)], ys: [n, mul(n, 2)] }), [tensor(Float32Array.of(0), { shape: [] })], [], {
      length: 4,
    })

  it('keeps the places of what it collects in both directions, and makes one loop of all its outputs', () => {
    const {
      carry: [last],
      ys: [each, doubled],
    } = counter()
    expect([last.item(), each.toArray(), doubled.toArray()]).toEqual([4, [0, 1, 2, 3], [0, 2, 4, 6]])
    const {
      ys: [sums],
    } = scan(([s], [e]) => ({ carry: [add(s, e)], ys: [add(s, e)] }), [tensor(0)], [tensor([1, 2, 3])], {
      reverse: true,
    })
    expect(sums.toArray()).toEqual([6, 5, 3])
    const { bytes } = lowerGraph(closed([last, each, doubled]), 'cpu')
    expect(nodesOf(bytes).filter(({ opType }) => opType === 'Scan')).toHaveLength(1)
  })

  it('does not mistake one output for another of the same type', () => {
    const {
      carry: [last],
      ys: [each, doubled],
    } = counter()
    const simplified = simplify(closed([sub(each, doubled), last, each, doubled]))
    expect(evaluate(simplified.outputs).map(list => [...list])).toEqual([
      [0, -1, -2, -3],
      [4],
      [0, 1, 2, 3],
      [0, 2, 4, 6],
    ])
    const [front, back] = split(tensor([1, 2, 3, 4]), [2, 2]) as [Tensor, Tensor]
    const pieces = simplify(closed([add(front, 0.5), sub(back, front), back]))
    expect(evaluate(pieces.outputs).map(list => [...list])).toEqual([
      [1.5, 2.5],
      [2, 2],
      [3, 4],
    ])
  })

  it('has no part that nothing reads: outputs, carried values and what they are made of', () => {
    const heavy = weight('heavy', SIZE, SIZE)
    const {
      carry: [kept],
    } = scan(
      ([a, b], [e]) => ({ carry: [add(a, e), matmul(tanh(b), heavy)], ys: [square(e), b] }),
      [zeros([BATCH, SIZE]), zeros([BATCH, SIZE])],
      [x()],
    )
    const nodes = nodesOf(lowerGraph(closed([kept]), 'cpu').bytes).map(({ opType }) => opType)
    expect(nodes.toSorted()).toEqual(['Add', 'Scan'])
    expect(flopOf(closed([kept]))).toBe(0)
  })

  it('reads around it what does not depend on the step, which is computed once', () => {
    const w = weight('w', SIZE, SIZE)
    const {
      carry: [last],
    } = scan(([h], [e]) => ({ carry: [add(matmul(h, tanh(w)), e)] }), [zeros([BATCH, SIZE])], [x()])
    const nodes = nodesOf(lowerGraph(closed([last]), 'cpu').bytes)
    expect(nodes.filter(({ opType }) => opType === 'Tanh').map(({ nested }) => nested)).toEqual([false])
  })

  it('draws the same random numbers at every step, and others where they were drawn outside', () => {
    const key = tensor(Int32Array.of(1, 2), { shape: [2] })
    const {
      ys: [inside, outside],
    } = scan((_, [e]) => ({ carry: [], ys: [uniform(key, [3], 1), e] }), [], [uniform(key, [4, 3], 2)])
    const rows = inside.toArray() as number[][]
    for (const row of rows) expect(row).toEqual(rows[0])
    expect(new Set((outside.toArray() as number[][]).flat()).size).toBe(12)
  })

  it('sums the gradient of a weight after the loop by one product, and its graph does not grow with the steps', () => {
    const size = (length: number) => {
      const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
      const {
        ys: [all],
      } = lstm(scan, known('long', length, BATCH, SIZE), parameters)
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

describe('constants from around a loop', () => {
  const w = tensor([2, 3])
  const scale = tensor(5)
  const step = ([h]: readonly [Tensor], [e]: readonly [Tensor]) => ({ carry: [add(mul(mul(h, scale), w), e)] })
  const rows = tensor([[1, 2], [3, 4], [5, 6]])
  const looped = () => {
    const { carry: [last] } = scan(step, [tensor([1, 1])], [rows])
    return sum(square(last))
  }
  const written = () => {
    let h = tensor([1, 1])
    for (const e of [[1, 2], [3, 4], [5, 6]]) h = add(mul(mul(h, scale), w), tensor(e))
    return sum(square(h))
  }

  it('have the gradients of the loop written out, of any order', () => {
    const [simple] = differentiate(sum(scan(([h]) => ({ carry: [add(h, square(w))] }), [zeros([2])], [], { length: 1 })
      .carry[0]), [w])
    expect(simple!.toArray()).toEqual([4, 6])
    const all = (loss: Tensor) => {
      const gradients = differentiate(loss, [w, scale])
      const penalty = gradients.map(gradient => sum(square(gradient))).reduce((a, b) => add(a, b))
      return [...gradients, ...differentiate(penalty, [w, scale])]
    }
    const results = all(looped())
    const expected = evaluate(all(written()), new Map(), 'float64')
    for (const values of [results, simplify(closed(results)).outputs, inlineBodies(closed(results)).outputs]) {
      evaluate(values, new Map(), 'float64').forEach((value, i) =>
        expect(closeness(value, expected[i]!)).toBeLessThan(1e-12))
    }
    // torch.autograd.grad of the loop written out.
    expect(differentiate(looped(), [w, scale]).map(gradient => gradient.toArray()))
      .toEqual([[3666050, 28754490], 18719114])
  })

  it('return into the body when the graph is simplified', () => {
    const large = tensor(Float32Array.from({ length: 600 }, (_, i) => i / 600), { shape: [300, 2] })
    const { carry: [last] } = scan(([h]) => ({ carry: [add(h, mul(sum(large, { axes: 0 }), w))] }), [zeros([2])], [], {
      length: 3,
    })
    const body = simplify(closed([looped(), ...differentiate(looped(), [w, scale]), last]))
    const loops = new Set(topologicalOrder(body.outputs).flatMap(({ origin }) =>
      (origin?.application.op.name === 'scan' ? [origin.application] : [])))
    expect(loops.size).toBeGreaterThanOrEqual(2)
    for (const { inputs, attributes: { carries, xs } } of loops) {
      const captured = inputs.slice((carries as number) + (xs as number))
      expect(captured.filter(({ leaf }) => leaf?.kind === 'constant')).toEqual([])
    }
  })

  it('made in the body stay there', () => {
    const { carry: [last] } = scan(([h]) => ({ carry: [mul(add(h, 1), tensor([1, 2]))] }), [zeros([2])], [], {
      length: 2,
    })
    expect(last.origin!.application.inputs).toHaveLength(1)
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
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], []))).toMatch(
      /Received: nothing to read[^]*Give a scan that reads nothing a length/,
    )
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], [zeros([0, 2])]))).toMatch(
      /at least one step[^]*float32\[0, 2\]/,
    )
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], [zeros([3, 2]), zeros([4])]))).toMatch(
      /one first axis[^]*float32\[3, 2\] and float32\[4\]/,
    )
    expect(messageOf(() => scan(([a]) => ({ carry: [concat([a, a])] }), [h], [zeros([3, 2])]))).toMatch(
      /float32\[2\][^]*Received: float32\[4\]/,
    )
    expect(messageOf(() => scan(() => ({ carry: [] }), [h], [zeros([3, 2])]))).toMatch(/Received: none/)
    expect(messageOf(() => scan(([a]) => ({ carry: [a] }), [h], [zeros([3])], { backwards: true } as never))).toMatch(
      /no option 'backwards'/,
    )
    let stray: Tensor | undefined
    scan(
      ([a]) => {
        stray = tanh(a)
        return { carry: [a] }
      },
      [h],
      [zeros([3])],
    )
    expect(messageOf(() => graph('outside', [], [stray!]))).toMatch(
      /one step of a scan outside of the scan[^]*Return it from the body/,
    )
  })

  it('leave a gradient that does not exist to the message of differentiate', () => {
    const w = weight('w', 2)
    const {
      carry: [n],
    } = scan(([a], [e]) => ({ carry: [add(a, add(e, w).greater(0).cast('float32'))] }), [h], [zeros([3, 2])])
    expect(messageOf(() => differentiate(sum(n), [w]))).toMatch(/only through scan/)
    // What is carried into the first step, and what is read step by step.
    const count = (x: Tensor) => x.greater(0).cast('float32')
    const lost = scan(([a], [e]) => ({ carry: [add(count(a), count(e))] }), [w], [weight('rows', 3, 2)])
    const [rows] = lost.carry[0].origin!.application.inputs.slice(1)
    expect(messageOf(() => differentiate(sum(lost.carry[0]), [w]))).toMatch(/only through scan/)
    expect(messageOf(() => differentiate(sum(lost.carry[0]), [rows!]))).toMatch(/only through scan/)
    const flat = scan(([a], [e]) => ({ carry: [add(floor(a), mul(floor(e), floor(w)))] }), [w], [rows!])
    const gradients = differentiate(sum(flat.carry[0]), [w, rows!])
    expect(gradients.map(gradient => gradient.toArray())).toEqual([[0, 0], [[0, 0], [0, 0], [0, 0]]])
  })
})
