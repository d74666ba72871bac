// A choice between two computations: values and gradients of the chosen one on every runtime, and only that one is
// computed.
import { fromBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import {
  add,
  classLabels,
  cond,
  differentiate,
  evaluate,
  floor,
  flopOf,
  full,
  gather,
  graph,
  inlineBodies,
  input,
  linear,
  lowerGraph,
  matmul,
  mul,
  parameter,
  printGraph,
  scan,
  simplify,
  square,
  sub,
  sum,
  tanh,
  tensor,
  topologicalOrder,
  UserError,
  zeros,
  type Tensor,
  type TypedArray,
} from '../src/index.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { ModelProtoSchema } from '../src/onnx/generated/onnx_pb.ts'
import { randomKey, uniforms } from '../src/random.ts'

const weight = (name: string, ...shape: number[]) =>
  parameter(
    uniforms(
      randomKey(5, name),
      shape.reduce((a, b) => a * b, 1),
      -1,
      1,
    ),
    shape,
  )
const x = input('x', { shape: [2, 3], dtype: 'float32' })
const holds = input('holds', { shape: [], dtype: 'bool' })
const data = uniforms(randomKey(5, 'x'), 6, -1, 1)
const [w, b] = [weight('w', 3, 3), weight('b', 3)]

const whenTrue = () => [tanh(linear(x, w, b)), sum(square(w))] as const
const whenFalse = () => [mul(x, b), add(sum(x), 1)] as const

/** The results and their gradients, chosen by the graph, or by whoever builds it. */
function quantities(
  choose: (a: () => readonly [Tensor, Tensor], b: () => readonly [Tensor, Tensor]) => readonly [Tensor, Tensor],
): Tensor[] {
  const [y, z] = choose(whenTrue, whenFalse)
  const gradients = differentiate(add(sum(square(y)), mul(z, 3)), [x, w, b])
  const again = differentiate(
    gradients.map(gradient => sum(square(gradient))).reduce((p, q) => add(p, q)),
    [x, w, b],
  )
  return [y, z, ...gradients, ...again]
}

const chosen = quantities((a, other) => cond(holds, a, other))
const expected = [quantities((_, other) => other()), quantities(a => a())].map(list =>
  evaluate(list, new Map([[x, data]])),
)

describe.each([
  [true, 1],
  [false, 0],
] as const)('where the condition is %s', (_, bit) => {
  const fed = new Map<Tensor, TypedArray>([
    [x, data],
    [holds, Uint8Array.of(bit)],
  ])
  const close = (results: ArrayLike<number>[]) =>
    results.forEach((list, i) =>
      Array.from(list).forEach((value, k) => expect(Math.abs(value - expected[bit]![i]![k]!)).toBeLessThan(2e-5)),
    )

  it('has the values, gradients and gradients of gradients of the chosen branch', () => {
    close(evaluate(chosen, fed))
    const whole = graph('cond', [x, holds], chosen)
    close(evaluate(simplify(whole).outputs, fed))
    const inlined = inlineBodies(simplify(whole))
    expect(topologicalOrder(inlined.outputs).some(({ op }) => op?.name === 'cond')).toBe(false)
    close(evaluate(inlined.outputs, fed))
  })

  it.each([
    ['native', onnxNodeRuntime({ threads: 1 })],
    ['WebAssembly', onnxWebRuntime()],
  ] as const)('is the same on the %s runtime', async (_name, runtime) => {
    const whole = graph('cond', [x, holds], chosen)
    const executable = await runtime.compile(whole)
    close(await executable.run([data, Uint8Array.of(bit), ...whole.inputs.slice(2).map(({ leaf }) => leaf!.data!)]))
    await executable.release()
  })
})

describe('a choice', () => {
  it('computes inside its branches what they build, and around them what was built before', () => {
    const shared = matmul(x, w)
    const [y] = cond(
      holds,
      () => [matmul(shared, w)],
      () => [shared],
    )
    const proto = fromBinary(ModelProtoSchema, lowerGraph(graph('cond', [x, holds], [y]), 'cpu').bytes).graph!
    expect(proto.node.map(({ opType }) => opType)).toEqual(['Gemm', 'If'])
    const branches = proto.node[1]!.attribute.map(({ name, g }) => [
      name,
      g!.node.map(({ opType }) => opType),
      g!.initializer.length,
    ])
    expect(branches).toEqual([
      ['then_branch', ['Gemm'], 0],
      ['else_branch', ['Identity'], 0],
    ])
    expect(printGraph(graph('cond', [x, holds], [y]))).toMatch(
      /cond\(holds, .*\) \{share: 1\} : float32\[2, 3\]\n +body\(.*\n(.*\n)+ +body\(/,
    )
  })

  it('counts its operations by how often the condition holds, and drops what nothing reads', () => {
    const heavy = () => [matmul(x, w), matmul(matmul(x, w), w)] as const
    const [light, rest] = cond(holds, heavy, () => [x, x], { share: 0.25 })
    expect(flopOf({ outputs: [light] })).toBe(0.25 * 2 * 2 * 3 * 3)
    expect(flopOf({ outputs: [light, rest] })).toBe(0.25 * 3 * 2 * 2 * 3 * 3)
  })

  it('may stand in a loop, and a loop in it', async () => {
    const xs = tensor(data, { shape: [2, 3] })
    const {
      carry: [total],
    } = scan(
      ([s], [e]) => {
        const [next] = cond(
          sum(s).greater(0),
          () => [sub(s, mul(e, b))],
          () => {
            const {
              carry: [inner],
            } = scan(([t], [one]) => ({ carry: [tanh(add(t, mul(one, s)))] }), [zeros([3])], [xs])
            return [add(inner, e)]
          },
        )
        return { carry: [next] }
      },
      [full([3], 0.2)],
      [xs],
    )
    const outputs = [total, ...differentiate(sum(square(total)), [b])]
    const written = evaluate(inlineBodies(graph('both', [], outputs)).outputs)
    const executable = await onnxNodeRuntime({ threads: 1 }).compile(graph('both', [], outputs))
    const results = await executable.run([b.leaf!.data!])
    await executable.release()
    for (const list of [evaluate(outputs), results])
      list.forEach((values, i) => values.forEach((value, k) => expect(value).toBeCloseTo(written[i]![k]!, 5)))
  })

  it('leaves labels where they are checked before a run', async () => {
    const labels = input('labels', { shape: [2], dtype: 'int32' })
    const [picked] = cond(
      holds,
      () => [gather(w, classLabels(labels, 3))],
      () => [zeros([2, 3])],
    )
    const executable = await onnxNodeRuntime({ threads: 1 }).compile(graph('labels', [holds, labels], [picked]))
    await expect(executable.run([Uint8Array.of(1), Int32Array.of(0, 7), w.leaf!.data!])).rejects.toThrow(
      /label 7 in row 1/,
    )
    await executable.release()
  })

  it('gives constants from around it their gradients, and takes them back when it is simplified', () => {
    const [scale, y] = [tensor(3), tensor([2, 5])]
    const gradients = (condition: boolean) => {
      const [value] = cond(tensor(condition), () => [sum(mul(square(y), scale))], () => [mul(sum(y), tensor(4))])
      return differentiate(value, [y, scale])
    }
    expect(gradients(true).map(gradient => gradient.toArray())).toEqual([[12, 30], 29])
    expect(gradients(false).map(gradient => gradient.toArray())).toEqual([[4, 4], 0])
    const [chosen] = cond(holds, () => [sum(mul(square(y), scale))], () => [tensor(7)])
    const simplified = simplify(graph('constants', [holds], [chosen, ...differentiate(chosen, [y])]))
    const inputs = topologicalOrder(simplified.outputs).flatMap(node => (node.op?.name === 'cond' ? node.inputs : []))
    expect(new Set(inputs)).toEqual(new Set([holds]))
    expect(evaluate(simplified.outputs, new Map([[holds, Uint8Array.of(1)]])).map(list => [...list]))
      .toEqual([[87], [12, 30]])
  })

  it('has no gradient where one branch is not differentiable and the other is constant', () => {
    const y = tensor([2, 5])
    const [value] = cond(holds, () => [sum(y.greater(3).cast('float32'))], () => [sum(floor(y))])
    expect(() => differentiate(value, [y])).toThrow(/only through cond, which has no gradient/)
  })

  it('refuses branches that differ and a condition that is none', () => {
    expect(() =>
      cond(
        holds,
        () => [x],
        () => [sum(x)],
      ),
    ).toThrow(/cond: both branches[^]*float32\[2, 3\] and float32\[\]/)
    expect(() =>
      cond(
        x,
        () => [x],
        () => [x],
      ),
    ).toThrow(/condition must be one bool/)
    expect(() =>
      cond(
        holds,
        () => [3 as never],
        () => [x],
      ),
    ).toThrow(UserError)
  })
})
