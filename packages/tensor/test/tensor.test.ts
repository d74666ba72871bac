// What a user of tensors sees: values at once, clear refusals, readable graphs.
import { describe, expect, it } from 'vitest'
import {
  assumeFinite, compile, differentiate, full, graph, input, linear, logSumExp, matmul, mean, parameter, printGraph,
  range, referenceRuntime, relu, simplify, tensor, UserError, variance, zeros,
} from '../src/index.ts'
import { nearestName } from '../src/errors.ts'

const messageOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a tensor', () => {
  it('shows its values without await, disposal or a session', () => {
    const x = tensor([[1, 2], [3, 4]])
    expect(x.matmul(x).toArray()).toEqual([[7, 10], [15, 22]])
    expect(x.sum().item()).toBe(10)
    expect(x.greater(2).toArray()).toEqual([[false, false], [true, true]])
    expect(range(3).toArray()).toEqual([0, 1, 2])
    expect(String(x)).toBe('Tensor(float32[2, 2])')
  })

  it('reduces, normalises and compares as expected', () => {
    const x = tensor([[1, 2, 4], [2, 2, 2]])
    expect(mean(x, { axes: 1 }).toArray()).toEqual([expect.closeTo(7 / 3, 6), 2])
    expect(variance(x, { axes: 1, correction: 1 }).toArray()).toEqual([expect.closeTo(7 / 3, 6), 0])
    expect(logSumExp(tensor([1000, 1000])).item()).toBeCloseTo(1000 + Math.log(2), 3)
    expect(x.argmax({ axis: 1 }).toArray()).toEqual([2, 0])
    expect(x.softmax().sum({ axes: 1 }).toArray()).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)])
  })
})

describe('gradients of gradients', () => {
  it('differentiates x^3 three times', () => {
    const x = tensor([2, -1])
    let y = x.mul(x).mul(x).sum()
    const derivatives = [1, 2, 3].map(() => {
      const [slope] = differentiate(y, [x])
      y = slope!.sum()
      return slope!.toArray()
    })
    expect(derivatives).toEqual([[12, 3], [12, -6], [6, 6]])
  })

  it('is zero for what the loss does not depend on, and refused where the only path has no gradient', () => {
    const [x, unused] = [tensor([1, 2]), tensor([3])]
    expect(differentiate(x.sum(), [unused])[0]!.toArray()).toEqual([0])
    expect(differentiate(x.detach().sum(), [x])[0]!.toArray()).toEqual([0, 0])
    expect(messageOf(() => differentiate(x.greater(0).cast('float32').sum(), [x])))
      .toMatch(/only through cast, which has no gradient/)
    expect(messageOf(() => differentiate(x, [x]))).toMatch(/must be one float32 number[\s\S]*float32\[2\]/)
  })
})

describe('refusals name the op and what was received', () => {
  it.each([
    [
      'a product', () => matmul(zeros([2, 3]), zeros([4, 5])),
      /matmul: the shapes \[2, 3\] and \[4, 5\] do not multiply: the inner sizes are 3 and 4/,
    ],
    ['a sum', () => zeros([2, 3]).add(zeros([2])), /add: the shapes \[2, 3\] and \[2\] do not broadcast/],
    [
      'a layer', () => linear(zeros([2, 3]), zeros([4, 5]), zeros([4])),
      /linear: an input of shape \[2, 3\] does not fit a weight of shape \[4, 5\]/,
    ],
    ['a reshape', () => zeros([2, 3]).reshape([4]), /reshape: \[2, 3\] holds 6 elements and cannot become \[4\]/],
    [
      'dtypes', () => zeros([2]).add(zeros([2], 'int32')),
      /add: the operands must have one dtype[\s\S]*float32\[2\] and int32\[2\]/,
    ],
    ['an axis', () => zeros([2]).sum({ axes: 3 }), /must be an integer from -1 to 0[\s\S]*3/],
    ['indices', () => zeros([3]).gather(zeros([1])), /gather: the indices must be int32/],
    [
      'an index', () => zeros([3]).gather(tensor([3], { dtype: 'int32' })).toArray(),
      /every index must be from -3 to 2[\s\S]*3/,
    ],
    ['ragged arrays', () => tensor([[1, 2], [3]]), /equal lengths at each depth/],
    [
      'an unfed input', () => input('x', { shape: [2], dtype: 'float32' }).toArray(),
      /x: float32\[2\]\) has no value of its own/,
    ],
  ])('%s', (_, f, message) => expect(messageOf(f)).toMatch(message))
})

describe('nearestName', () => {
  it('finds a misspelt name and stays silent when nothing is near', () => {
    expect(nearestName('learningrate', ['learningRate', 'momentum'])).toBe('learningRate')
    expect(nearestName('lerningRat', ['learningRate', 'momentum'])).toBe('learningRate')
    expect(nearestName('xyz', ['learningRate', 'momentum'])).toBeUndefined()
  })
})

describe('a graph', () => {
  const weight = parameter(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])
  const x = input('x', { shape: [1, 3], dtype: 'float32' })
  const loss = relu(matmul(x, weight, { transposeB: true })).mul(full([], 1)).sum()

  it('prints', () => {
    expect(printGraph(graph('predict', [x], [loss]))).toMatchInlineSnapshot(`
      "graph predict(x: float32[1, 3], parameter1: float32[2, 3]) {
        %0 = matmul(x, parameter1) {transposeB: true} : float32[1, 2]
        %1 = relu(%0) : float32[1, 2]
        %2 = mul(%1, 1) : float32[1, 2]
        %3 = sum(%2) {axes: [0, 1]} : float32[]
        return %3
      }"
    `)
  })

  it('becomes smaller and keeps its meaning when simplified, gradient included', () => {
    const whole = graph('step', [x], [loss, ...assumeFinite(() => differentiate(loss, [weight]))])
    const small = simplify(whole)
    expect(printGraph(small)).toMatchInlineSnapshot(`
      "graph step(x: float32[1, 3], parameter1: float32[2, 3]) {
        %0 = matmul(x, parameter1) {transposeB: true} : float32[1, 2]
        %1 = relu(%0) : float32[1, 2]
        %2 = sum(%1) {axes: [0, 1]} : float32[]
        %3 = positive(%1) : float32[1, 2]
        %4 = matmul(%3, x) {transposeA: true} : float32[2, 3]
        return %2, %4
      }"
    `)
    expect(small.inputs).toEqual(whole.inputs)
  })

  it('refuses an input that is not listed', () => {
    expect(messageOf(() => graph('predict', [], [loss]))).toMatch(/depends on an input that it does not list/)
  })
})

describe('compile', () => {
  it('compiles once for each shape and reads parameters at every call', async () => {
    const weight = parameter(Float32Array.of(1, 1), [1, 2])
    let traced = 0
    const predict = compile(x => {
      traced++
      return { y: matmul(x, weight, { transposeB: true }) }
    }, [{ shape: [null, 2], name: 'x' }], { runtime: referenceRuntime })
    expect((await predict(Float32Array.of(1, 2))).y)
      .toEqual({ data: Float32Array.of(3), shape: [1, 1], dtype: 'float32' })
    expect((await predict(Float32Array.of(1, 2, 3, 4))).y.data).toEqual(Float32Array.of(3, 7))
    weight.leaf!.data![0] = 10
    expect((await predict(Float32Array.of(1, 2))).y.data).toEqual(Float32Array.of(12))
    expect(traced).toBe(2)
    await expect(predict(Float32Array.of(1, 2, 3)))
      .rejects.toThrow(/Argument 1 \('x'\) must hold float32 values of shape \[any, 2\]/)
  })
})
