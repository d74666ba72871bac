// Einsum, products, norms and sorting against PyTorch; log1p and expm1 near 0; second derivatives of the lean records;
// long cumulative sums; and what is refused.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  all, any, compile, cumSum, differentiate, einsum, evaluate, expm1, gelu, graph, input, labelCrossEntropy, layerNorm,
  log1p, mul, norm, ones, prod, referenceRuntime, rmsNorm, scatterAddAlongAxis, silu, sort, square, sum,
  takeAlongAxis, tensor, topK, topologicalOrder, tril, UserError, zeros, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { cotangent } from './op-cases.ts'

interface Golden {
  readonly name: string
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[]
  readonly shape: readonly number[]
  readonly output: readonly number[]
  readonly gradients: readonly (readonly number[])[]
}
const golden = JSON.parse(readFileSync(new URL('./golden/sequences.json', import.meta.url), 'utf8')) as {
  readonly near: number[]
  readonly log1p: number[]
  readonly expm1: number[]
  readonly cases: readonly Golden[]
}
const runtime = onnxNodeRuntime({ threads: 1 })

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  'prod': x => prod(x),
  'prod over 0': x => prod(x, { axes: 0 }),
  'prod over 0 and 2': x => prod(x, { axes: [0, 2] }),
  'prod with a zero': x => prod(x, { axes: 1 }),
  'norm': x => norm(x),
  'norm over 1': x => norm(x, { axes: 1, keepDims: true }),
  'norm of zeros': x => norm(x, { axes: 1 }),
  'norm 1': x => norm(x, { p: 1, axes: 0 }),
  'norm 3': x => norm(x, { p: 3, axes: 1 }),
  'norm 0.5': x => norm(x, { p: 0.5, axes: 1 }),
  'norm 0': x => norm(x, { p: 0, axes: 1 }).add(x.sum().mul(0)),
  'norm Infinity': x => norm(x, { p: Infinity, axes: 1 }),
  'norm -Infinity': x => norm(x, { p: -Infinity, axes: 1 }),
  'sort': x => sort(x).values,
  'sort descending over 0': x => sort(x, { axis: 0, descending: true }).values,
  'topK': x => topK(x, 2).values,
  'topK smallest over 0': x => topK(x, 3, { axis: 0, largest: false }).values,
}
const apply = (name: string, inputs: readonly Tensor[]): Tensor =>
  name.startsWith('einsum ') ? einsum(name.slice(7), ...inputs) : functions[name]!(inputs[0]!)

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((want, i) =>
    expect(Math.abs(actual[i]! - want), `element ${i}: ${actual[i]} for ${want}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(want)),
    ),
  )
}

describe('as PyTorch, on the reference and natively', () => {
  it('covers every function', () => {
    const names = golden.cases.map(({ name }) => name).filter(name => !name.startsWith('einsum'))
    expect(names.sort()).toEqual(Object.keys(functions).sort())
  })

  it.each(golden.cases.map(entry => [entry.name, entry] as const))(
    '%s',
    async (name, { inputs, shape, output, gradients }) => {
      const leaves = inputs.map((leaf, i) => input(`x${i}`, { shape: leaf.shape, dtype: 'float32' }))
      const y = apply(name, leaves)
      expect([...y.shape]).toEqual(shape)
      const loss = sum(mul(y, tensor(cotangent(y.size), { shape })))
      const wanted = [y, ...differentiate(loss, leaves)]
      const data = inputs.map(leaf => Float32Array.from(leaf.data))
      const executable = await runtime.compile(graph('sequences', leaves, wanted))
      const native = await executable.run(data)
      await executable.release()
      const reference = evaluate(wanted, new Map(leaves.map((leaf, i) => [leaf, data[i]!])))
      for (const results of [reference, native])
        [output, ...gradients].forEach((want, i) => expectClose(results[i]!, want))
    },
  )
})

describe('einsum', () => {
  const opsOf = (...outputs: Tensor[]) =>
    topologicalOrder(outputs).flatMap(({ op }) => (op ? [op.name] : []))
  const x = (...shape: number[]) => input('x', { shape, dtype: 'float32' })

  it('is one matrix product, without a transpose where a matrix may enter transposed', () => {
    expect(opsOf(einsum('ij,kj->ik', x(3, 4), x(2, 4)))).toEqual(['matmul'])
    expect(opsOf(einsum('ji,jk->ik', x(4, 3), x(4, 2)))).toEqual(['matmul'])
    expect(opsOf(einsum('bij,bjk->bik', x(2, 3, 4), x(2, 4, 5)))).toEqual(['matmul'])
    expect(opsOf(einsum('bti,io->bto', x(2, 3, 4), x(4, 5))).filter(name => name === 'transpose')).toEqual([])
  })

  it('multiplies the operands in the cheaper order', () => {
    // (2 x 5)(5 x 100) first would make a matrix of 200 instead of one of 10.
    const sizes = topologicalOrder([einsum('ij,jk,kl->il', x(2, 5), x(5, 100), x(100, 2))]).flatMap(
      ({ op, size }) => (op?.name === 'matmul' ? [size] : []),
    )
    expect(Math.max(...sizes)).toBe(10)
  })

  /** The definition: a sum over all values of all names. */
  function byDefinition(terms: readonly string[], output: string, operands: readonly Tensor[]): number[] {
    const sizes = new Map(terms.flatMap((names, i) =>
      Array.from(names, (name, axis) => [name, operands[i]!.shape[axis]!] as const)))
    const names = [...sizes.keys()]
    const offset = (labels: string, at: ReadonlyMap<string, number>) =>
      Array.from(labels).reduce((total, name) => total * sizes.get(name)! + at.get(name)!, 0)
    const length = Array.from(output).reduce((product, name) => product * sizes.get(name)!, 1)
    const result = new Array<number>(length).fill(0)
    const values = operands.map(operand => operand.toTypedArray())
    const visit = (k: number, at: Map<string, number>): void => {
      if (k === names.length) {
        const product = terms.reduce((total, labels, i) => total * values[i]![offset(labels, at)]!, 1)
        result[offset(output, at)]! += product
        return
      }
      for (let i = 0; i < sizes.get(names[k]!)!; i++) visit(k + 1, at.set(names[k]!, i))
    }
    visit(0, new Map())
    return result
  }

  it('is what its definition says, for any equation', () => {
    const labels = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }).map(names => names.join(''))
    const equation = fc.array(labels, { minLength: 1, maxLength: 4 }).chain(terms => {
      const known = [...new Set(terms.join(''))]
      return fc.tuple(fc.constant(terms), fc.shuffledSubarray(known).map(names => names.join('')))
    })
    const size = fc.integer({ min: 1, max: 3 })
    fc.assert(fc.property(equation, fc.record({ a: size, b: size, c: size, d: size }), ([terms, output], sizes) => {
      const operands = terms.map((names, i) => {
        const shape = Array.from(names, name => sizes[name as 'a'])
        const length = shape.reduce((product, each) => product * each, 1)
        return tensor(Float32Array.from({ length }, (_, k) => Math.sin(3 * k + i)), { shape })
      })
      const found = einsum(`${terms.join()}->${output}`, ...operands).toTypedArray()
      expectClose(found, byDefinition(terms, output, operands))
    }))
  })

  it.each([
    ['ij,jk', [[2, 3]], /names 2 operands, and 1 were given/],
    ['ijk->i', [[2, 3]], /\[2, 3\], and 'ijk' names 3 axes/],
    [
      'ij,jk->ik',
      [
        [2, 3],
        [4, 5],
      ],
      /'j' has the sizes 3 and 4/,
    ],
    ['ij->ik', [[2, 3]], /names 'k', which no operand has/],
    ['ij->ii', [[2, 3]], /names an axis twice/],
    ['i1->i', [[2, 3]], /'i1' is no list of axes/],
    ['ij->i->j', [[2, 3]], /one -> at most/],
    // PyTorch 2.15: "subscript i is repeated for operand 0 but the sizes don't match, 3 != 1".
    ['ii->i', [[1, 3]], /'i' names two axes of one operand, of the sizes 1 and 3: a diagonal/],
    ['iji,j->', [[3, 2, 1], [2]], /'i' names two axes of one operand, of the sizes 3 and 1/],
  ] as [string, number[][], RegExp][])('refuses %s', (equation, shapes, message) => {
    expect(() => einsum(equation, ...shapes.map(shape => x(...shape)))).toThrow(message)
    expect(() => einsum(equation, ...shapes.map(shape => x(...shape)))).toThrow(UserError)
  })
})

describe('near 0', () => {
  it.each(['log1p', 'expm1'] as const)('%s keeps its precision', async name => {
    const f = compile(name === 'log1p' ? log1p : expm1, [{ shape: [null] }], { runtime })
    const { data } = await f(Float32Array.from(golden.near))
    await f.release()
    golden[name].forEach((want, i) => expect(Math.abs(data[i]! / want - 1), `of ${golden.near[i]}`).toBeLessThan(5e-7))
  })
})

describe('long sums up to each element', () => {
  it('have no error that grows', async () => {
    const f = compile(x => cumSum(x), [{ shape: [1_000_000] }], { runtime })
    const { data } = await f(new Float32Array(1_000_000).fill(0.1))
    await f.release()
    expect(Math.abs(data[999_999]! / (1_000_000 * Math.fround(0.1)) - 1)).toBeLessThan(1e-7)
  })
})

describe('a row that is left out', () => {
  it('may hold what is not a number, and passes no gradient on', async () => {
    const loss = (x: Tensor, y: Tensor) => {
      const losses = labelCrossEntropy(x, y, { ignoreIndex: -1 })
      return { losses, gradient: differentiate(sum(losses), [x])[0]! }
    }
    const fed = [Float32Array.of(1, 2, NaN, 4), Int32Array.of(1, -1)] as const
    for (const on of [runtime, referenceRuntime]) {
      const f = compile(loss, [{ shape: [2, 2] }, { shape: [2], dtype: 'int32' }], { runtime: on })
      const { losses, gradient } = await f(...fed)
      await f.release()
      // log(1 + e^-1) and its derivatives.
      expectClose(losses.data, [0.31326169, 0])
      expectClose(gradient.data, [0.26894142, -0.26894142, 0, 0])
    }
  })
})

describe('second derivatives', () => {
  const labels = tensor([2, -1, 0], { dtype: 'int32' })
  const weight = tensor([0.5, 1.5, 2, 1])
  const cases: Record<string, (x: Tensor) => Tensor> = {
    'gelu': x => gelu(x),
    'gelu by tanh': x => gelu(x, { approximate: 'tanh' }),
    silu,
    'layerNorm': x => layerNorm(x, weight, weight),
    'rmsNorm': x => rmsNorm(x, weight),
    'labelCrossEntropy': x => labelCrossEntropy(x, labels, { labelSmoothing: 0.2, weight, ignoreIndex: -1 }),
    'prod': x => prod(x, { axes: 1 }),
    'norm': x => norm(x, { axes: 1 }),
  }
  it.each(Object.keys(cases))('of %s as finite differences', name => {
    const x = input('x', { shape: [3, 4], dtype: 'float32' })
    const y = square(cases[name]!(x))
    const [slope] = differentiate(sum(mul(y, tensor(cotangent(y.size), { shape: y.shape }))), [x])
    const loss = sum(
      mul(
        slope!,
        tensor(
          cotangent(12).map(value => 1 - value),
          { shape: [3, 4] },
        ),
      ),
    )
    const [second] = differentiate(loss, [x])
    const values = Float64Array.from({ length: 12 }, (_, i) => Math.sin(2.3 * i + 1))
    const at = (tensors: Tensor[]) => evaluate(tensors, new Map([[x, values]]), 'float64')[0]!
    const found = at([second!])
    const step = 1e-5
    const differences = Array.from(values, (value, i) => {
      const lossAt = (moved: number) => {
        values[i] = moved
        return at([loss])[0]!
      }
      const slopeAt = (lossAt(value + step) - lossAt(value - step)) / (2 * step)
      values[i] = value
      return slopeAt
    })
    expectClose(found, differences, 2e-6)
  })
})

describe('bounds and mistakes', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  it('any and all of no elements', () => {
    expect(any(zeros([0])).item()).toBe(0)
    expect(all(zeros([2, 0]), { axes: 1 }).toArray()).toEqual([true, true])
    expect(
      any(
        tensor([
          [0, 0],
          [0, 2],
        ]),
        { axes: 1 },
      ).toArray(),
    ).toEqual([false, true])
    expect(
      all(
        tensor([
          [true, true],
          [false, true],
        ]),
        { axes: 0, keepDims: true },
      ).toArray(),
    ).toEqual([[false, true]])
    expect(prod(zeros([0, 2]), { axes: 0 }).toArray()).toEqual([1, 1])
    expect(prod(tensor([65536, 65537], { dtype: 'int32' })).item()).toBe(65536)
  })

  it('indices repeat along axes of size 1', () => {
    expect(takeAlongAxis(x, tensor([[2]], { dtype: 'int32' })).toArray()).toEqual([[3], [6]])
  })

  it('names an index that no entry has, on each runtime', async () => {
    const indices = tensor([[3], [0]], { dtype: 'int32' })
    expect(() => takeAlongAxis(x, indices).toArray()).toThrow(/every index must be from -3 to 2[^]*Received: 3/)
    const take = compile((a, i) => takeAlongAxis(a, i), [{ shape: [2, 3] }, { shape: [2, 1], dtype: 'int32' }], {
      runtime,
    })
    await expect(take(Float32Array.from([1, 2, 3, 4, 5, 6]), Int32Array.of(0, -4))).rejects.toThrow(
      /every index must be from -3 to 2; negative ones count from the end[^]*-4 at \[1, 0\] of the input/,
    )
    const scatter = compile(
      (i, a) => scatterAddAlongAxis(i, a, 3),
      [{ shape: [2, 1], dtype: 'int32' }, { shape: [2, 1] }],
      { runtime },
    )
    await expect(scatter(Int32Array.of(0, 3), Float32Array.of(1, 2))).rejects.toThrow(/must be from -3 to 2[^]*3/)
  })

  it('an integer remainder by 0 is an error, on each runtime', async () => {
    const remainder = compile(
      (a, b) => a.mod(b),
      [
        { shape: [1], dtype: 'int32' },
        { shape: [1], dtype: 'int32' },
      ],
      { runtime },
    )
    await expect(remainder(Int32Array.of(1), Int32Array.of(0))).rejects.toThrow(/divided by 0/)
  })

  it.each([
    ['k beyond the axis', () => topK(x, 4), /k must be a whole number from 0 to 3[^]*4/],
    [
      'indices of another shape',
      () => takeAlongAxis(x, tensor([[0], [1], [2]], { dtype: 'int32' })),
      /takeAlongAxis[^]*\[2, 3\]/,
    ],
    ['indices that are fractions', () => takeAlongAxis(x, ones([2, 1])), /indices must be int32/],
    ['a vector', () => tril(tensor([1, 2])), /tril: a matrix/],
    ['half a diagonal', () => tril(x, 0.5), /diagonal must be a whole number[^]*0\.5/],
    [
      'labels of another length',
      () => labelCrossEntropy(x, tensor([1], { dtype: 'int32' })),
      /need labels int32 \[\.\.\.\]/,
    ],
    ['a label that is no class', () => labelCrossEntropy(x, tensor([1, 3], { dtype: 'int32' })), /label 3 in row 1/],
    ['a weight of another shape', () => layerNorm(x, ones([2])), /layerNorm[^]*shape of its last axes/],
    ['a bias alone', () => layerNorm(x, undefined, ones([3])), /bias stands beside a weight/],
    ['p that is no number', () => norm(x, { p: NaN }), /p must be a number/],
  ] as [string, () => unknown, RegExp][])('refuses %s', (_name, f, message) => expect(f).toThrow(message))
})
