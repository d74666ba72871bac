// Models on loops, for the tests of scan: recurrent networks, scans in scans, tables, convolutions; and the loop
// written out.
import { fromBinary } from '@bufbuild/protobuf'
import {
  add,
  conv2d,
  differentiate,
  full,
  gather,
  graph,
  linear,
  matmul,
  mean,
  mul,
  parameter,
  reshape,
  type scan,
  sigmoid,
  slice,
  split,
  square,
  stack,
  sum,
  tanh,
  tensor,
  zeros,
  type Graph,
  type Runtime,
  type ScanOptions,
  type Tensor,
  type TypedArray,
} from '../src/index.ts'
import { ModelProtoSchema, type GraphProto } from '../src/onnx/generated/onnx_pb.ts'
import { randomKey, uniforms } from '../src/random.ts'

export const STEPS = 5
export const BATCH = 3
export const SIZE = 4

export const values = (name: string, ...shape: number[]): Float32Array =>
  uniforms(
    randomKey(11, name),
    shape.reduce((a, b) => a * b, 1),
    -1,
    1,
  )
export const known = (name: string, ...shape: number[]): Tensor => tensor(values(name, ...shape), { shape })
export const weight = (name: string, ...shape: number[]): Tensor => parameter(values(name, ...shape), shape)

type Scan = typeof scan

/** The same loop written out while it is traced: what a scan has to equal. */
export const writtenOut = ((
  step: (carry: Tensor[], xs: Tensor[]) => { carry: readonly Tensor[]; ys?: readonly Tensor[] },
  init: readonly Tensor[],
  xs: readonly Tensor[],
  { reverse = false, length = xs[0]?.shape[0] ?? 0 }: ScanOptions = {},
) => {
  let carry = [...init]
  const collected: Tensor[][] = []
  for (let i = 0; i < length; i++) {
    const at = reverse ? length - 1 - i : i
    const next = step(
      carry,
      xs.map(x => reshape(slice(x, { axis: 0, start: at, end: at + 1 }), x.shape.slice(1))),
    )
    carry = [...next.carry]
    for (const [k, y] of (next.ys ?? []).entries()) (collected[k] ??= [])[at] = y
  }
  return { carry, ys: collected.map(list => stack(list, 0)) }
}) as unknown as Scan

/** A model on a loop: its loss, and what the gradients are wanted of. */
export type Model = (loop: Scan) => { loss: Tensor; wanted: Tensor[] }

export const x = () => known('x', STEPS, BATCH, SIZE)
export const wx = () => weight('wx', 4 * SIZE, SIZE)
export const wh = () => weight('wh', 4 * SIZE, SIZE)
export const bias = () => weight('bias', 4 * SIZE)

/** The equations of an LSTM with the gates in the order i, f, g, o. */
export function lstm(
  loop: Scan,
  xs: Tensor,
  [input, hidden, offset]: readonly [Tensor, Tensor, Tensor],
  options: ScanOptions = {},
) {
  const first = zeros([xs.shape[1]!, SIZE])
  return loop(
    ([h, c], [element]) => {
      const gates = add(linear(element, input, offset), matmul(h, hidden, { transposeB: true }))
      const [i, f, g, o] = split(gates, [SIZE, SIZE, SIZE, SIZE], 1) as [Tensor, Tensor, Tensor, Tensor]
      const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
      const next = mul(sigmoid(o), tanh(cell))
      return { carry: [next, cell], ys: [next] }
    },
    [first, first],
    [xs],
    options,
  )
}

export const models: Record<string, Model> = {
  'a recurrent network': loop => {
    const [input, hidden, offset] = [weight('a', SIZE, SIZE), weight('b', SIZE, SIZE), weight('c', SIZE)]
    const xs = x()
    const {
      carry: [last],
      ys: [all],
    } = loop(
      ([h], [e]) => {
        const next = tanh(add(linear(e, input, offset), matmul(h, hidden)))
        return { carry: [next], ys: [next] }
      },
      [zeros([BATCH, SIZE])],
      [xs],
    )
    return {
      loss: add(sum(mul(all, known('y', STEPS, BATCH, SIZE))), sum(square(last))),
      wanted: [input, hidden, offset, xs],
    }
  },
  'an LSTM': loop => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const {
      carry: [h, c],
      ys: [all],
    } = lstm(loop, x(), parameters)
    return { loss: add(sum(mul(all, known('y', STEPS, BATCH, SIZE))), sum(mul(h, c))), wanted: parameters }
  },
  'an LSTM from the last step to the first': loop => {
    const parameters = [wx(), wh(), bias()] as [Tensor, Tensor, Tensor]
    const {
      carry: [h],
      ys: [all],
    } = lstm(loop, x(), parameters, { reverse: true })
    return { loss: add(sum(mul(all, known('y', STEPS, BATCH, SIZE))), mean(square(h))), wanted: parameters }
  },
  'two layers of LSTM': loop => {
    const parameters = [
      [wx(), wh(), bias()],
      [wh(), wx(), bias()],
    ] as [Tensor, Tensor, Tensor][]
    const [below, above] = parameters as [[Tensor, Tensor, Tensor], [Tensor, Tensor, Tensor]]
    const {
      ys: [all],
    } = lstm(loop, lstm(loop, x(), below).ys[0], above)
    return { loss: sum(mul(all, known('y', STEPS, BATCH, SIZE))), wanted: parameters.flat() }
  },
  'a scan in a scan': loop => {
    const [outer, inner] = [weight('outer', SIZE), weight('inner', SIZE)]
    const xs = x()
    const {
      ys: [all],
    } = loop(
      ([state], [element]) => {
        // The inner loop runs over the batch and captures the outer state.
        const {
          carry: [total],
          ys: [each],
        } = loop(
          ([t], [row]) => {
            const next = tanh(add(mul(t, inner), mul(row, state)))
            return { carry: [next], ys: [mul(next, row)] }
          },
          [outer],
          [element],
        )
        return { carry: [tanh(add(mul(state, outer), total))], ys: [sum(each, { axes: 0 })] }
      },
      [full([SIZE], 0.5)],
      [xs],
    )
    return { loss: sum(mul(all, known('y', STEPS, SIZE))), wanted: [outer, inner, xs] }
  },
  'a table, counters and values of every kind': loop => {
    const [table, scale, extra] = [weight('table', 6, SIZE), weight('scale', SIZE), weight('extra', STEPS, BATCH, SIZE)]
    const tokens = tensor(
      Int32Array.from({ length: STEPS * BATCH }, (_, i) => (i * 5) % 6),
      { shape: [STEPS, BATCH] },
    )
    const {
      carry: [count, state],
      ys: [all, numbers, plain],
    } = loop(
      ([n, s], [token, e]) => {
        const next = sigmoid(add(mul(gather(table, token), scale), mul(s, e)))
        return { carry: [add(n, 1), next], ys: [next, n, scale] }
      },
      [tensor(Int32Array.of(3), { shape: [] }), zeros([BATCH, SIZE])],
      [tokens, extra],
    )
    const weighed = mul(all, reshape(numbers.cast('float32'), [STEPS, 1, 1]))
    return {
      loss: add(add(sum(weighed), sum(mul(state, count.cast('float32')))), sum(square(plain))),
      wanted: [table, scale, extra],
    }
  },
  'nothing that is read': loop => {
    const factor = weight('factor', SIZE)
    const {
      carry: [state],
    } = loop(([s]) => ({ carry: [mul(tanh(s), factor)] }), [full([SIZE], 0.7)], [], { length: STEPS })
    return { loss: sum(state), wanted: [factor] }
  },
  'convolutions in the body': loop => {
    const [kernel, state] = [weight('kernel', 2, 2, 3, 3), weight('state', 1, 2, 4, 4)]
    const {
      carry: [last],
    } = loop(
      ([s], [e]) => ({ carry: [tanh(conv2d(add(s, e), kernel, undefined, { padding: 1 }))] }),
      [state],
      [known('frames', STEPS, 1, 2, 4, 4)],
    )
    return { loss: sum(square(last)), wanted: [kernel, state] }
  },
}

export const closeness = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs))
  return Math.max(0, ...Array.from(actual, (value, i) => Math.abs(value - expected[i]!))) / scale
}

/** The loss, its gradients, and the gradients of their squares. */
export function quantities(model: Model, loop: Scan): Tensor[] {
  const { loss, wanted } = model(loop)
  const gradients = differentiate(loss, wanted)
  const penalty = gradients.map(gradient => sum(square(gradient))).reduce((a, b) => add(a, b))
  return [loss, ...gradients, ...differentiate(penalty, wanted)]
}

export const closed = (outputs: readonly Tensor[]): Graph => graph('model', [], outputs)

export async function run(runtime: Runtime, outputs: readonly Tensor[]): Promise<TypedArray[]> {
  const whole = closed(outputs)
  const executable = await runtime.compile(whole)
  const results = await executable.run(whole.inputs.map(({ leaf }) => leaf!.data!))
  await executable.release()
  return results
}

/** All nodes of a model, those of graphs inside nodes included, with the initialisers of the graph each stands in. */
export function nodesOf(
  bytes: Uint8Array,
): { opType: string; domain: string; nested: boolean; initializers: number }[] {
  const walk = (proto: GraphProto | undefined, nested: boolean): ReturnType<typeof nodesOf> =>
    (proto?.node ?? []).flatMap(node => [
      { opType: node.opType, domain: node.domain, nested, initializers: proto!.initializer.length },
      ...node.attribute.flatMap(({ g }) => (g ? walk(g, true) : [])),
    ])
  return walk(fromBinary(ModelProtoSchema, bytes).graph, false)
}
