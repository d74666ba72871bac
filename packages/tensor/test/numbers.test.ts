// Values at the edges of numbers, through everything that runs a graph: infinities, what is not a number, integers that
// wrap or meet fractions, and names that meet the lowering's own. Right values: PyTorch's.
import { describe, expect, it } from 'vitest'
import {
  assumeFinite, clamp, compile, differentiate, flip, full, graph, input, linear, logSumExp, lowerInference, matmul, max,
  maximum, mean, min, pad, pow, printGraph, referenceRuntime, relu,
  resizeBilinear2d, scatterAdd, simplify, slice, sqrt, sum, tensor, upsampleNearest2d, where, type Runtime, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime, runOnnxModel } from '../src/node.ts'

const runtimes: readonly Runtime[] = [referenceRuntime, onnxNodeRuntime({ threads: 1 })]

/** The values of an expression of fed inputs on every runtime, which must agree. */
async function everywhere(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[], ...values: readonly (readonly number[])[]
): Promise<number[][]> {
  const results = await Promise.all(runtimes.map(async runtime => {
    const compiled = compile(
      (...inputs) => [f(...inputs)].flat(), values.map(({ length }) => ({ shape: [length] })), { runtime },
    )
    const outputs = await compiled(...values.map(list => Float32Array.from(list)))
    await compiled.release()
    return outputs.map(({ data }) => [...data])
  }))
  expect(results[1]).toEqual(results[0])
  return results[0]!
}

/** The gradient of the sum of an expression of one input. */
const slope = async (f: (x: Tensor) => Tensor, ...values: number[]): Promise<number[]> =>
  (await everywhere(x => differentiate(sum(f(x)), [x]), values))[0]!

describe('gradients at singular points', () => {
  it.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ['sqrt(relu(x)) is flat below 0', x => sqrt(relu(x)), [-1, 4, -9], [0, 0.25, 0]],
    ['sqrt(max(x, 0)) is flat below 0', x => sqrt(maximum(x, 0)), [-1, 4, 0], [0, 0.25, Infinity]],
    ['a root after more layers', x => sqrt(sum(relu(x).mul(2), { axes: 0, keepDims: true })), [-1, -2], [0, 0]],
    ['pow(x, 0) is flat', x => pow(x, 0), [0, 2, -1], [0, 0, 0]],
    ['pow(0, x) is flat', x => pow(full([3], 0), x), [0, 1, 2], [0, 0, 0]],
    [
      'clamp follows x between its bounds, as in PyTorch 2.15', x => clamp(x, -1, 1), [-2, -1, 0, 1, 2, Infinity, NaN],
      [0, 0, 1, 0, 0, 0, 0],
    ],
    [
      'relu under infinite weights', x => relu(x).mul(tensor([Infinity, -Infinity, Infinity, 1])),
      [-1, 0, 1e-40, 1e-40], [0, 0, Infinity, 1],
    ],
    ['log of max(x, 1)', x => maximum(x, 1).log(), [0, 2], [0, 0.5]],
    ['a choice keeps what it did not choose away', x => where(x.greater(0), x.log(), 0), [1, 2], [1, 0.5]],
  ])('%s', async (_, f, values, expected) => expect(await slope(f, ...values)).toEqual(expected))
})

describe('what is not finite', () => {
  it.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ['logSumExp of -Infinity alone', x => logSumExp(x), [-Infinity, -Infinity], [-Infinity]],
    ['logSumExp with Infinity', x => logSumExp(x), [Infinity, 1, -Infinity], [Infinity]],
    ['logSumExp of NaN', x => logSumExp(x), [NaN, 1], [NaN]],
    ['relu', x => relu(x), [NaN, -1, 2, Infinity, -Infinity], [NaN, 0, 2, Infinity, 0]],
    ['max', x => max(x), [1, NaN, 3], [NaN]],
    ['min', x => min(x), [1, NaN, 3], [NaN]],
    ['argmax', x => x.argmax().cast('float32'), [1, 5, NaN, 9, NaN], [2]],
    ['argmin', x => x.argmin().cast('float32'), [1, -5, NaN, -9, NaN], [2]],
    ['argmin of numbers', x => x.argmin().cast('float32'), [1, -9, 3, -9], [1]],
    ['clamp', x => clamp(x, -1, 1), [NaN, -5, Infinity], [NaN, -1, 1]],
    ['large products', x => x.mul(x), [1e10, 134217728], [Math.fround(Math.fround(1e10) ** 2), 2 ** 54]],
  ])('%s', async (_, f, values, expected) => expect((await everywhere(f, values))[0]).toEqual(expected))

  it('stays itself in constants that are folded', async () => {
    const constant = tensor([1e10, 134217728])
    expect((await everywhere(x => x.mul(0).add(constant.square()), [1, 1]))[0])
      .toEqual([Math.fround(Math.fround(1e10) ** 2), 2 ** 54])
  })
})

describe('equal subexpressions', () => {
  const x = input('x', { shape: [1], dtype: 'float32' })

  it('are those whose attributes are equal, also where JSON sees no difference', async () => {
    const padded = [Infinity, -Infinity, NaN, 0, -0].map(value => pad(x, [[1, 0]], value))
    const outputs = simplify(graph('g', [x], padded)).outputs
    expect(new Set(outputs).size).toBe(padded.length)
    const values = await everywhere(fed => [Infinity, -Infinity, NaN].map(value => pad(fed, [[1, 0]], value)), [5])
    expect(values).toEqual([[Infinity, 5], [-Infinity, 5], [NaN, 5]])
  })

  it('are still found', () => {
    const outputs = simplify(graph('g', [x], [pad(x, [[1, 0]], Infinity), pad(x, [[1, 0]], Infinity)])).outputs
    expect(outputs[0]).toBe(outputs[1])
  })

  it('tell the two zeros apart', async () => {
    const zeros = await everywhere(fed => [0, -0].flatMap(zero => [
      tensor([zero, zero]).mul(fed), fed.add(zero), fed.sub(zero), tensor([zero, -zero]).add(fed.mul(0)),
    ]), [1, -0])
    expect(zeros[1]).toEqual([1, 0])
    expect(zeros[2]).toEqual([1, -0])
    expect(zeros[5]).toEqual([1, -0])
    expect(zeros[6]).toEqual([1, 0])
  })
})

describe('integers', () => {
  const ints = (...values: number[]) => tensor(Int32Array.from(values))

  it('beside fractions become float32', async () => {
    const outputs = await everywhere(() => [
      ints(1, 2).mul(0.5), ints(1, 2).maximum(1.5), ints(1, 2).add(Infinity),
      where(tensor([true, false]), ints(1, 2), 0.25), clamp(ints(0, 9), 0.5, 2.5), mean(ints(1, 2, 3, 10)),
    ])
    expect(outputs).toEqual([[0.5, 1], [1.5, 2], [Infinity, Infinity], [1, 0.25], [0.5, 2.5], [4]])
  })

  it('keep their dtype beside whole numbers in their range, and others are refused', () => {
    expect(ints(1, 2).add(3).dtype).toBe('int32')
    expect(() => ints(1).add(3e9))
      .toThrow(
        /add: a whole number beside an int32 tensor must be from -2147483648 to 2147483647[^]*3000000000[^]*cast\(/,
      )
    expect(() => pad(ints(1), [[1, 0]], 0.5)).toThrow(/pad: the value for an int32 tensor must be a whole number from/)
    expect(() => pad(ints(1), [[1, 0]], Infinity)).toThrow(/pad: the value for an int32 tensor/)
    expect(tensor([true, false]).equal(2).toArray()).toEqual([false, false])
  })

  it('divided by 0 are an error on every runtime', async () => {
    for (const runtime of runtimes) {
      const divide = compile(
        (a, b) => a.div(b), [{ shape: [1], dtype: 'int32' }, { shape: [1], dtype: 'int32' }], { runtime },
      )
      await expect(divide(Int32Array.of(5), Int32Array.of(0))).rejects.toThrow(/div: an integer cannot be divided by 0/)
      expect((await divide(Int32Array.of(-(2 ** 31)), Int32Array.of(-1))).data[0]).toBe(-(2 ** 31))
      await divide.release()
    }
  })
})

describe('names', () => {
  const own = [
    'constant_0', 'Mul_0', 'output_0', 'steps', 'step', 'condition', 'continue', 'body_output_0', 'body_constant_0',
    'node_Mul_1', 'value_0', 'input_1', 'outer_constant_0', '', 'batch_size',
  ]

  it.each(own)("an input may be called '%s'", async name => {
    for (const runtime of runtimes) {
      const compiled = compile(
        (x, y) => x.mul(tensor([3, 4])).add(y), [{ shape: [2], name }, { shape: [2], name }], { runtime },
      )
      expect([...(await compiled(Float32Array.of(5, 6), Float32Array.of(0.5, 0.25))).data]).toEqual([15.5, 24.25])
      await compiled.release()
    }
  })

  it.each(own)("state and fresh values of a step may be called '%s'", async name => {
    const [state, fresh, other] = [0, 1, 2].map(() => input(name, { shape: [2], dtype: 'float32' })) as [
      Tensor, Tensor, Tensor,
    ]
    const next = state.mul(tensor([3, 4])).add(fresh)
    const program = { graph: graph('step', [state, fresh, other], [next, next.add(other)]), stateCount: 1 }
    for (const runtime of runtimes) {
      const executable = await runtime.compileSteps(program)
      const result = [new Float32Array(2)]
      const [reported] = await executable.run(
        [Float32Array.of(1, 1)], result, [Float32Array.of(1, 1, 0, 1), Float32Array.of(0, 0, 10, 20)], 2,
      )
      await executable.release()
      expect([[...result[0]!], [...reported!]]).toEqual([[12, 21], [4, 5, 22, 41]])
    }
  })

  it.each(own.filter(name => name !== ''))("an exported model may have an output '%s'", async name => {
    const lower = (batch: number, names: readonly string[]) => {
      const x = input('batch_size', { shape: [batch, 2], dtype: 'float32' })
      const y = x.mul(tensor([3, 4]))
      return graph('model', [x], names.map((_, i) => y.reshape([2, batch]).add(i)))
    }
    if (name === 'batch_size') {
      expect(() => lowerInference(batch => lower(batch, [name]), { outputs: [name] }))
        .toThrow(/different names[^]*'batch_size' twice/)
      return
    }
    const { bytes } = lowerInference(batch => lower(batch, [name, 'other']), { outputs: [name, 'other'] })
    const [result] = await runOnnxModel(
      bytes, [{ batch_size: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(5, 6) } }],
    )
    expect([...result![name]!.data]).toEqual([15, 24])
    expect([...result!['other']!.data]).toEqual([16, 25])
  })
})

describe('a graph whose gradients are known to be finite', () => {
  it('multiplies by the mask of relu, and chooses elsewhere', () => {
    const [x, w] = [input('x', { shape: [2, 3], dtype: 'float32' }), input('w', { shape: [3, 3], dtype: 'float32' })]
    const text = (loss: Tensor) =>
      printGraph(simplify(graph('g', [x, w], assumeFinite(() => differentiate(loss, [w])))))
    const hidden = relu(x.matmul(w))
    const spread = hidden.variance({ axes: 0, keepDims: true })
    expect(text(hidden.sub(1).square().mean())).toMatch(/positive/)
    expect(text(hidden.sub(hidden.mean()).div(sqrt(spread.add(1e-5))).square().sum())).toMatch(/positive/)
    expect(text(hidden.div(sqrt(spread)).sum())).not.toMatch(/positive/)
    expect(text(sqrt(hidden).sum())).not.toMatch(/positive/)
    expect(printGraph(graph('g', [x, w], differentiate(hidden.sub(1).square().mean(), [w])))).not.toMatch(/positive/)
  })
})

describe('indices', () => {
  const specs = [{ shape: [2], dtype: 'int32' as const }]
  const table = tensor([[1, 2], [3, 4], [5, 6]])
  const ops: readonly [string, (indices: Tensor) => Tensor][] = [
    ['gather', indices => table.gather(indices)],
    ['scatterAdd', indices => scatterAdd(indices, table.slice({ axis: 0, end: 2 }), 3)],
    [
      'scatterAdd of many rows',
      indices => scatterAdd(indices, table.slice({ axis: 0, end: 2 }), 600).slice({ axis: 0, end: 3 }),
    ],
    [
      'the gradient of gather',
      indices => differentiate(sum(table.gather(indices).mul(tensor([[1], [10]]))), [table])[0]!,
    ],
  ]

  it.each(ops)('%s: negative ones count from the end', async (name, f) => {
    const end = name === 'scatterAdd of many rows' ? -600 : -3
    const results = await Promise.all(runtimes.map(async runtime => {
      const compiled = compile(f, specs, { runtime })
      const values = [
        await compiled(Int32Array.of(end, 1)), await compiled(Int32Array.of(0, 1)),
      ].map(({ data }) => [...data])
      await compiled.release()
      return values
    }))
    for (const [negative, positive] of results) expect(negative).toEqual(positive)
    expect(results[1]).toEqual(results[0])
  })

  it.each(ops)('%s: one beyond the entries is an error that names it', async (_, f) => {
    for (const runtime of runtimes) {
      const compiled = compile(f, specs, { runtime })
      for (const wrong of [700, -700]) await expect(compiled(Int32Array.of(0, wrong)))
        .rejects.toThrow(new RegExp(`every index must be from -\\d+ to \\d+[^]*${wrong}`))
      await compiled.release()
    }
  })
})

describe('an empty axis', () => {
  it('has values in nested form', () => {
    expect([full([0, 2], 0), full([2, 0], 0), full([2, 0, 3], 0)].map(empty => empty.toArray()))
      .toEqual([[], [[], []], [[], []]])
  })

  it.each<[string, (x: Tensor) => Tensor, number[]]>([
    ['a slice of nothing', x => slice(x, { axis: 0, start: 2 }), [0, 3]],
    ['a slice of nothing in steps', x => slice(x, { axis: 1, start: 3, step: 2 }), [2, 0]],
    ['a flip', x => flip(slice(x, { axis: 0, start: 2 }), 0), [0, 3]],
    ['a product without inner elements', x => matmul(slice(x, { axis: 1, start: 3 }), full([0, 2], 1)), [2, 2]],
    [
      'a linear layer without features', x => linear(slice(x, { axis: 1, start: 3 }), full([2, 0], 1), tensor([5, 6])),
      [2, 2],
    ],
    ['stacked products', x => matmul(slice(x, { axis: 1, start: 3 }).reshape([1, 2, 0]), full([0, 4], 1)), [1, 2, 4]],
    ['enlarged images', x => upsampleNearest2d(slice(x, { axis: 0, start: 2 }).reshape([0, 1, 1, 3]), 2), [0, 1, 2, 6]],
    ['resized images', x => resizeBilinear2d(slice(x, { axis: 0, start: 2 }).reshape([0, 1, 1, 3]), 2), [0, 1, 2, 2]],
    ['a sum', x => sum(slice(x, { axis: 0, start: 2 }), { axes: 0 }), [3]],
  ])('%s: value and gradient', async (_, f, dims) => {
    const x = input('x', { shape: [2, 3], dtype: 'float32' })
    const y = f(x)
    expect(y.shape).toEqual(dims)
    const computation = graph('g', [x], [y, ...differentiate(sum(y), [x])])
    const results = await Promise.all(runtimes.map(async runtime => {
      const executable = await runtime.compile(computation)
      const values = await executable.run([Float32Array.of(1, 2, 3, 4, 5, 6)])
      await executable.release()
      return values.map(list => [...list])
    }))
    expect(results[1]).toEqual(results[0])
    expect(results[0]![1]).toEqual([0, 0, 0, 0, 0, 0])
    const bias = y.op?.name === 'linear' ? [5, 6, 5, 6] : new Array<number>(y.size).fill(0)
    expect(results[0]![0]).toEqual(bias)
  })
})

describe('positions of a slice', () => {
  it.each([
    { start: 0.5 }, { end: NaN }, { start: '1' as never },
  ])('%j is refused, not rounded by each runtime in its way', given => {
    expect(() => slice(tensor([1, 2, 3]), { axis: 0, ...given })).toThrow(/slice: (start|end) must be a whole number/)
  })

  it('may lie beyond everything', () => {
    expect(slice(tensor([1, 2, 3]), { axis: 0, start: -Infinity, end: Infinity }).toArray()).toEqual([1, 2, 3])
  })
})
