// Ops that choose between values: by a condition, or by limits.
import { checkArgument, UserError, type Kind } from '../errors.ts'
import { WHOLE_NUMBERS } from '../ir/dtype.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { full, requireTensors, Tensor } from '../ir/tensor.ts'
import { greater, greaterEqual, less, lessEqual, logicalAnd, maximum, minimum } from './elementwise.ts'
import {
  broadcastLoop, inferBroadcast, requireDType, unbroadcast, unify, type None, type Operand,
} from './define-elementwise.ts'

const whereOp = defineOp<None>({
  name: 'where',
  infer(types) {
    const [condition, a, b] = types
    if (condition?.dtype !== 'bool') throw new UserError({
      rule: 'the condition must be bool.', next: 'Compare something first.',
    })
    requireDType([a as TensorType, b as TensorType], ['float32', 'int32', 'uint8', 'bool'])
    return { shape: inferBroadcast(types), dtype: a?.dtype ?? 'float32' }
  },
  gradient({ inputs: [condition, a, b], gradient: g }) {
    const zero = full([], 0)
    return [
      // What decides changes nothing but where it tips over.
      'zero',
      unbroadcast(where(condition as Tensor, g, zero), (a as Tensor).shape),
      unbroadcast(where(condition as Tensor, zero, g), (b as Tensor).shape),
    ]
  },
  onnx(emitter, { names: [condition, a, b], output }) {
    if (output.dtype !== 'bool') return emitter.node('Where', [condition as string, a as string, b as string])
    // Where has no kernel for bool.
    const bytes = [a, b].map(name => emitter.cast(name as string, 'uint8'))
    return emitter.cast(emitter.node('Where', [condition as string, ...bytes]), 'bool')
  },
  reference: ({ inputs, output }) => broadcastLoop(inputs, output, (condition, a, b) => (condition !== 0 ? a : b)),
  broadcasts: true,
  samples: [
    { inputs: [
      { shape: [2, 3], dtype: 'bool', low: 0, high: 2 }, { shape: [2, 3], low: -2, high: 2 },
      { shape: [3], low: -2, high: 2 },
    ], attributes: {} },
    { inputs: [
      { shape: [2, 1], dtype: 'bool', low: 0, high: 2 }, { shape: [], low: -2, high: 2 },
      { shape: [2, 3], low: -2, high: 2 },
    ], attributes: {} },
    { inputs: [
      { shape: [3], dtype: 'bool', values: [1, 0, 1] }, { shape: [3], values: [1, NaN, Infinity] },
      { shape: [3], values: [NaN, 2, NaN] },
    ], attributes: {}, singular: true },
    ...(['int32', 'uint8', 'bool'] as const).map(dtype =>
      ({ inputs: [
        { shape: [4], dtype: 'bool' as const, values: [1, 0, 1, 0] }, { shape: [4], dtype, values: [1, 1, 0, 0] },
        { shape: [4], dtype, values: [0, 0, 1, 1] },
      ], attributes: {} })),
  ],
})

/** `a` where the condition holds and `b` elsewhere, broadcasting. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const like = a instanceof Tensor ? a : b instanceof Tensor ? b : full([], 0)
  return Tensor.apply(whereOp, [condition, ...unify('where', [a, b], like)], {})
}

interface LimitAttributes extends Attributes {
  readonly low: number
  readonly high: number
}

const clampOp = defineOp<LimitAttributes>({
  name: 'clamp',
  infer([x]) {
    requireDType([x as TensorType], ['float32', 'int32'])
    return x as TensorType
  },
  // Between the limits, which themselves do not follow x: PyTorch's choice since 2.15. An infinite limit is none.
  gradient: ({ inputs: [x], gradient, attributes: { low, high } }) => [where(logicalAnd(
    low === -Infinity ? greaterEqual(x as Tensor, low) : greater(x as Tensor, low),
    high === Infinity ? lessEqual(x as Tensor, high) : less(x as Tensor, high),
  ), gradient, 0)],
  decompose: ([x], { low, high }) => minimum(maximum(x as Tensor, low), high),
  onnx: () => { throw new Error('clamp is decomposed before it is lowered.') },
  reference({ inputs: [x], output, attributes: { low, high } }) {
    const { data } = x as ReferenceValue
    for (let i = 0; i < data.length; i++) output.data[i] = Math.min(Math.max(data[i] as number, low), high)
  },
  samples: [
    { inputs: [{ shape: [2, 3], low: -2, high: 2 }], attributes: { low: -1, high: 0.5 } },
    { inputs: [{ shape: [3], values: [0, 1, 0.5] }], attributes: { low: 0, high: 1 }, singular: true },
    { inputs: [{ shape: [3], values: [-Infinity, 4, 1] }], attributes: { low: -Infinity, high: 4 }, singular: true },
    {
      inputs: [{ shape: [6], values: [NaN, 0.5, 2, -2, Infinity, -Infinity] }], attributes: { low: -1, high: 1 },
      singular: true,
    },
    { inputs: [{ shape: [2], values: [-3, 3] }], attributes: { low: 0, high: Infinity } },
    { inputs: [{ shape: [4], dtype: 'int32', values: [-5, 2, 3, 9] }], attributes: { low: 2, high: 4 } },
    { inputs: [{ shape: [3], dtype: 'int32', values: [-5, 2, 9] }], attributes: { low: -(2 ** 31), high: 4 } },
  ],
})

const limitKind: Kind = {
  is: 'a number, or an infinite one for no limit', accepts: limit => typeof limit === 'number' && !Number.isNaN(limit),
}

/**
 * x limited to [low, high], NaN where x is; -Infinity and Infinity are no limits.
 * @throws UserError where a limit is missing or NaN
 */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  requireTensors('clamp', x)
  checkArgument('clamp', 'low', low, limitKind, 'Write clamp(x, -Infinity, high) for no lower limit.')
  checkArgument('clamp', 'high', high, limitKind, 'Write clamp(x, low, Infinity) for no upper limit.')
  const limits = [...(low === -Infinity ? [] : [low]), ...(high === Infinity ? [] : [high])]
  const [value] = unify('clamp', [x, ...limits], x) as [Tensor]
  if (value.dtype === 'float32') return Tensor.apply(clampOp, [value], { low, high })
  const [lowest, highest] = WHOLE_NUMBERS.int32
  return Tensor.apply(clampOp, [value], { low: Math.max(low, lowest), high: Math.min(high, highest) })
}
