// Random numbers inside a graph: a pure function of a key and a position, the same on every runtime.
import { defineOp, type Attributes, type ReferenceValue } from '../ir/op.ts'
import { checkShape, sizeOf, type Shape } from '../ir/shape.ts'
import { checkArgument, kinds, UserError } from '../errors.ts'
import { formatType, Tensor } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { cast } from './cast.ts'
import { cos, less, log, mul, sqrt } from './elementwise.ts'

// ONNX's own random ops keep hidden state, so a run could not be resumed; and shifts and exclusive-or exist only on
// some providers. This generator needs integer addition, multiplication and division alone. Rows and columns of a grid
// get well-mixed 32-bit keys (the multipliers are those of Ettinger's "lowbias32" hash); their sum goes through RC6's
// quadratic permutation h (2 h + 1) (Rivest et al. 1998) and is multiplied by a second, odd, row-plus-column key.
const COLUMNS = 1024
const MULTIPLIERS = [0x7feb352d, 0x846ca68b | 0] as const
const SALTS = [0x9e3779b9 | 0, 0x85ebca6b | 0, 0xc2b2ae35 | 0, 0x27d4eb2f] as const
/** Maps the integers to the open interval (0, 1): 2^-32, a little less so that rounding never yields 1. */
const SCALE = 2 ** -32 * (1 - 2 ** -23)

interface RandomAttributes extends Attributes {
  readonly shape: Shape
  /** Tells apart the random tensors that share one key. */
  readonly stream: number
}

/** The integer operations of the generator, on numbers or on ONNX values. */
interface Integers<T> {
  readonly add: (a: T, b: T) => T
  readonly multiply: (a: T, b: number) => T
  /** The high part: a / divisor without its fraction. */
  readonly high: (a: T, divisor: number) => T
}

/** Mixes the bits of x: twice multiply and add the high part to the low one. */
function mix<T>(x: T, { add: plus, multiply, high }: Integers<T>): T {
  const first = multiply(plus(x, high(x, 65536)), MULTIPLIERS[0])
  const second = multiply(plus(first, high(first, 32768)), MULTIPLIERS[1])
  return plus(second, high(second, 65536))
}

const onNumbers: Integers<number> = {
  add: (a, b) => (a + b) | 0,
  multiply: Math.imul,
  high: (a, divisor) => (a / divisor) | 0,
}

const onnxIntegers = (emitter: Emitter): Integers<string> => ({
  add: (a, b) => emitter.node('Add', [a, b]),
  multiply: (a, b) => emitter.node('Mul', [a, emitter.constant(b, 'int32')]),
  high: (a, divisor) => emitter.node('Div', [a, emitter.constant(divisor, 'int32')]),
})

/** The two keys of a row or column: `salt` tells the four kinds apart. */
function lineKey<T>(position: T, key: readonly [
  T, T,
], salt: number, stream: number, integers: Integers<T>, constant: (value: number) => T): T {
  const { add: plus, multiply } = integers
  const seeded = plus(multiply(position, SALTS[3]), plus(key[0], constant((salt + Math.imul(stream, 0x632be5ab)) | 0)))
  return mix(plus(mix(seeded, integers), plus(key[1], constant(salt))), integers)
}

const randomOp = defineOp<RandomAttributes>({
  name: 'uniform',
  infer([key], { shape }) {
    if (key?.dtype !== 'int32' || key.shape.length !== 1 || key.shape[0] !== 2) {
      throw new UserError({
        rule: 'the key must be int32[2].', received: key ? formatType(key) : 'nothing',
        next: 'Feed a key made by randomKey(seed, ...).',
      })
    }
    return { shape, dtype: 'float32' }
  },
  gradient: null,
  onnx(emitter, { names: [key], attributes: { shape, stream } }) {
    const integers = onnxIntegers(emitter)
    const total = sizeOf(shape)
    const columns = Math.min(COLUMNS, Math.max(total, 1))
    const rows = Math.ceil(total / columns)
    const words = [
      0, 1,
    ].map(i => emitter.node('Gather', [key as string, emitter.constant([i], 'int64')], { axis: 0 })) as [string, string]
    const positions = (length: number, dims: Shape) =>
      emitter.constant(Int32Array.from({ length }, (_, i) => i), 'int32', dims)
    const keyOf = (value: string, salt: number) =>
      lineKey(value, words, salt, stream, integers, v => emitter.constant(v, 'int32'))
    const row = positions(rows, [rows, 1])
    const column = positions(columns, [1, columns])
    const [rowKey, rowFactor] = [keyOf(row, SALTS[0]), keyOf(row, SALTS[1])]
    const [columnKey, columnFactor] = [keyOf(column, SALTS[2]), keyOf(column, SALTS[3])]
    const doubled = (value: string) => emitter.node('Add', [value, value])
    const h = emitter.node('Add', [rowKey, columnKey])
    // 2 h + 1 and the odd factor from the small row and column vectors: one pass over the grid each.
    const h2 = emitter.node(
      'Add', [emitter.node('Add', [doubled(rowKey), emitter.constant(1, 'int32')]), doubled(columnKey)],
    )
    const factor = emitter.node(
      'Add', [emitter.node('Add', [doubled(rowFactor), emitter.constant(1, 'int32')]), doubled(columnFactor)],
    )
    const bits = emitter.node('Mul', [emitter.node('Mul', [h, h2]), factor])
    const unit = emitter.node('Add', [
      emitter.node('Mul', [emitter.cast(bits, 'float32'), emitter.constant(SCALE, 'float32')]),
      emitter.constant(0.5, 'float32'),
    ])
    if (rows * columns === total) return emitter.reshape(unit, shape)
    const flat = emitter.reshape(unit, [rows * columns])
    return emitter.reshape(
      emitter.node('Slice', [flat, emitter.constant([0], 'int64'), emitter.constant([total], 'int64')]), shape,
    )
  },
  reference({ inputs: [key], output, attributes: { shape, stream } }) {
    const data = (key as ReferenceValue).data
    const words = [(data[0] as number) | 0, (data[1] as number) | 0] as const
    const total = sizeOf(shape)
    const columns = Math.min(COLUMNS, Math.max(total, 1))
    const rows = Math.ceil(total / columns)
    const keysOf = (length: number, salt: number) =>
      Int32Array.from({ length }, (_, i) => lineKey(i, words, salt, stream, onNumbers, v => v))
    const [rowKeys, rowFactors] = [keysOf(rows, SALTS[0]), keysOf(rows, SALTS[1])]
    const [columnKeys, columnFactors] = [keysOf(columns, SALTS[2]), keysOf(columns, SALTS[3])]
    for (let i = 0; i < total; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns]
      const h = ((rowKeys[row] as number) + (columnKeys[column] as number)) | 0
      const factor = (2 * ((rowFactors[row] as number) + (columnFactors[column] as number)) + 1) | 0
      const bits = Math.imul(Math.imul(h, (2 * h + 1) | 0), factor)
      output.data[i] = Math.fround(Math.fround(bits) * Math.fround(SCALE)) + 0.5
    }
  },
  samples: [
    { inputs: [{ shape: [2], dtype: 'int32', values: [12345, -678910] }], attributes: { shape: [3, 5], stream: 0 } },
    { inputs: [{ shape: [2], dtype: 'int32', values: [-1, 2 ** 31 - 1] }], attributes: { shape: [2050], stream: 7 } },
  ],
})

/**
 * Uniform numbers in (0, 1), float32. The same key, stream and shape always give the same numbers.
 * @param key int32[2], for example the two words of `randomKey(seed, 'dropout', step)` fed at every step
 * @param stream a whole number that tells apart the random tensors made from one key
 */
export function uniform(key: Tensor, shape: Shape, stream = 0): Tensor {
  checkShape('uniform', shape)
  checkArgument('uniform', 'the stream', stream, kinds.whole(0))
  return Tensor.apply(randomOp, [key], { shape, stream })
}

/** Normal numbers with mean 0 and standard deviation 1. Source: Box and Muller 1958. */
export function normal(key: Tensor, shape: Shape, stream = 0): Tensor {
  checkArgument('normal', 'the stream', stream, kinds.whole(0))
  const radius = sqrt(mul(log(uniform(key, shape, 2 * stream)), -2))
  return mul(radius, cos(mul(uniform(key, shape, 2 * stream + 1), 2 * Math.PI)))
}

/** 1 with the given probability and 0 otherwise, float32. */
export function bernoulli(key: Tensor, shape: Shape, probability: number, stream = 0): Tensor {
  checkArgument('bernoulli', 'the probability', probability, kinds.between(0, 1))
  return cast(less(uniform(key, shape, stream), probability), 'float32')
}
