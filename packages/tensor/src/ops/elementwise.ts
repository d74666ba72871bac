// Ops that work on each element alone: arithmetic, comparisons, logic, choice, and the common functions.
import { UserError } from '../errors.ts'
import type { DType, ReferenceArray } from '../ir/dtype.ts'
import { defineOp, type Attributes, type OpDefinition, type ReferenceValue, type Sample, type TensorType } from '../ir/op.ts'
import { broadcastAxes, broadcastShapes, broadcastStrides, formatShape, sameShape, sizeOf, type Shape } from '../ir/shape.ts'
import { formatType, full, Tensor } from '../ir/tensor.ts'
import { ONNX_DTYPES, type Emitter } from '../onnx/emitter.ts'
import { sum } from './reduce.ts'
import { reshape } from './shape.ts'

/** A tensor, or a number that takes the dtype of the tensor it meets. */
export type Operand = Tensor | number

type None = Readonly<Record<string, never>>

function lift(value: Operand, like: Tensor): Tensor {
  return typeof value === 'number' ? full([], value, like.dtype) : value
}

/** Sums a gradient over the axes along which an operand was repeated, so that it has the operand's shape again. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient
  return reshape(sum(gradient, { axes: broadcastAxes(shape, gradient.shape), keepDims: true }), shape)
}

function inferBroadcast(types: readonly TensorType[]): Shape {
  let shape: Shape = []
  for (const type of types) {
    const next = broadcastShapes(shape, type.shape)
    if (!next) {
      throw new UserError({
        rule: `the shapes ${types.map(t => formatShape(t.shape)).join(' and ')} do not broadcast: aligned at the last axis, sizes must be equal or 1.`,
        next: 'Reshape or transpose one of them.',
      })
    }
    shape = next
  }
  return shape
}

function requireDType(types: readonly TensorType[], allowed: readonly DType[]): void {
  const [first] = types
  if (types.some(type => type.dtype !== first?.dtype)) {
    throw new UserError({ rule: 'the operands must have one dtype.', received: types.map(formatType).join(' and '), next: 'Cast one of them.' })
  }
  if (first && !allowed.includes(first.dtype)) {
    throw new UserError({ rule: `the operands must be ${allowed.join(' or ')}.`, received: types.map(formatType).join(' and '), next: 'Cast them first.' })
  }
}

/** Applies `f` to each element of broadcast operands. */
function broadcastLoop(inputs: readonly ReferenceValue[], output: ReferenceValue, f: (a: number, b: number, c: number) => number): void {
  const strides = inputs.map(value => broadcastStrides(value.shape, output.shape))
  const arrays = inputs.map(value => value.data)
  const [a, b, c] = [arrays[0] as ReferenceArray, arrays[1] as ReferenceArray, arrays[2] as ReferenceArray]
  const index = new Array<number>(output.shape.length).fill(0)
  const offsets = [0, 0, 0]
  const total = sizeOf(output.shape)
  const missing = Number.NaN
  for (let i = 0; i < total; i++) {
    output.data[i] = f(
      a[offsets[0] as number] as number,
      arrays.length > 1 ? (b[offsets[1] as number] as number) : missing,
      arrays.length > 2 ? (c[offsets[2] as number] as number) : missing,
    )
    for (let axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      const wrapped = index[axis] === output.shape[axis]
      for (let k = 0; k < strides.length; k++) {
        const stride = strides[k]?.[axis] ?? 0
        offsets[k] = (offsets[k] as number) + (wrapped ? -stride * ((output.shape[axis] as number) - 1) : stride)
      }
      if (!wrapped) break
      index[axis] = 0
    }
  }
}

interface UnaryDefinition {
  readonly name: string
  readonly f: (x: number) => number
  readonly gradient: ((x: Tensor, y: Tensor, gradient: Tensor) => Tensor) | null
  readonly onnx: string | ((emitter: Emitter, x: string, type: TensorType) => string)
  /** The op as part of the native convolution that makes its operand, with its number of channels, where that is possible. */
  readonly inConvolution?: (emitter: Emitter, x: string, channels: number) => string | undefined
  readonly dtypes?: readonly DType[]
  /** Interval on which the op is tested; default [-2, 2). */
  readonly domain?: readonly [number, number]
  readonly tolerance?: number
}

function defineUnary(definition: UnaryDefinition): (x: Tensor) => Tensor {
  const { name, f, gradient, onnx, domain: [low, high] = [-2, 2], dtypes = ['float32'] } = definition
  const samples: Sample<None>[] = dtypes.map(dtype => ({ inputs: [{ shape: [2, 3], dtype, low, high }], attributes: {} }))
  const op = defineOp<None>({
    name,
    infer(types) {
      requireDType(types, dtypes)
      return { shape: types[0]?.shape ?? [], dtype: types[0]?.dtype ?? 'float32' }
    },
    gradient: gradient && (({ inputs: [x], output, gradient: g }) => [gradient(x as Tensor, output, g)]),
    onnx: (emitter, { names, inputs, output }) =>
      (emitter.fitsBlocks(output) ? definition.inConvolution?.(emitter, names[0] as string, output.shape[1] as number) : undefined) ??
      emitter.inAnyLayout(names, inputs, output, operands =>
        typeof onnx === 'string' ? emitter.node(onnx, operands) : onnx(emitter, operands[0] as string, inputs[0] as TensorType)),
    reference({ inputs: [x], output }) {
      const data = (x as ReferenceValue).data
      for (let i = 0; i < data.length; i++) output.data[i] = f(data[i] as number)
    },
    samples,
    ...(definition.tolerance !== undefined && { tolerance: definition.tolerance }),
  })
  return x => Tensor.apply(op, [x], {})
}

const BINARY_SHAPES: readonly (readonly [Shape, Shape])[] = [
  [[2, 3], [2, 3]],
  [[2, 3], [3]],
  [[2, 1, 4], [3, 1]],
  [[], [2, 2]],
]

interface BinaryDefinition {
  readonly name: string
  readonly f: (a: number, b: number) => number
  readonly gradient: ((a: Tensor, b: Tensor, gradient: Tensor, output: Tensor) => readonly [Tensor | null, Tensor | null]) | null
  readonly onnx: string
  /** As for a unary op. */
  readonly inConvolution?: (emitter: Emitter, operands: readonly [string, string], channels: number) => string | undefined
  readonly result?: DType
  readonly dtypes?: readonly DType[]
  readonly domain?: readonly [number, number]
}

function defineBinary(definition: BinaryDefinition): (a: Operand, b: Operand) => Tensor {
  const { name, f, gradient, onnx, result, dtypes = ['float32', 'int32'], domain: [low, high] = [-2, 2] } = definition
  const samples: Sample<None>[] = dtypes.flatMap(dtype =>
    BINARY_SHAPES.slice(0, dtype === dtypes[0] ? undefined : 2).map(shapes => ({
      inputs: shapes.map(shape => ({ shape, dtype, ...(dtype === 'int32' ? { low: 1, high: 5 } : dtype === 'bool' ? { low: 0, high: 2 } : { low, high }) })),
      attributes: {},
    })))
  const op: OpDefinition<None> = defineOp<None>({
    name,
    infer(types) {
      requireDType(types, dtypes)
      return { shape: inferBroadcast(types), dtype: result ?? types[0]?.dtype ?? 'float32' }
    },
    gradient: gradient && (({ inputs: [a, b], output, gradient: g }) => {
      const [ga, gb] = gradient(a as Tensor, b as Tensor, g, output)
      return [ga && unbroadcast(ga, (a as Tensor).shape), gb && unbroadcast(gb, (b as Tensor).shape)]
    }),
    onnx: (emitter, { names, inputs, output }) =>
      (emitter.fitsBlocks(output) && inputs.every(({ shape }) => sameShape(shape, output.shape))
        ? definition.inConvolution?.(emitter, names as [string, string], output.shape[1] as number) : undefined) ??
      emitter.inAnyLayout(names, inputs, output, operands => emitter.node(onnx, operands)),
    reference: ({ inputs, output }) => broadcastLoop(inputs, output, f),
    samples,
    broadcasts: true,
  })
  return (a, b) => {
    const like = a instanceof Tensor ? a : b
    if (!(like instanceof Tensor)) throw new UserError({ rule: `${name}: one operand must be a tensor.`, received: `${String(a)} and ${String(b)}` })
    return Tensor.apply(op, [lift(a, like), lift(b, like)], {})
  }
}

/** a + b, broadcasting. */
export const add = defineBinary({
  name: 'add',
  f: (a, b) => a + b,
  gradient: (_a, _b, g) => [g, g],
  onnx: 'Add',
  inConvolution: (emitter, [a, b], channels) => emitter.addInConvolution(a, b, channels),
})

/** a - b, broadcasting. */
export const sub = defineBinary({ name: 'sub', f: (a, b) => a - b, gradient: (_a, _b, g) => [g, neg(g)], onnx: 'Sub' })

/** a * b, broadcasting. Integers wrap at 32 bits. */
export const mul = defineBinary({
  name: 'mul',
  f: (a, b) => (Number.isInteger(a) && Number.isInteger(b) && Math.abs(a * b) > 2 ** 53 ? Math.imul(a, b) : a * b),
  gradient: (a, b, g) => [mul(g, b), mul(g, a)],
  onnx: 'Mul',
})

/** a / b, broadcasting. Integer division drops the fraction. */
export const div = defineBinary({
  name: 'div',
  f: (a, b) => a / b,
  gradient: (_a, b, g, output) => [div(g, b), neg(div(mul(g, output), b))],
  onnx: 'Div',
  domain: [0.5, 2],
})

/** a to the power of b, broadcasting; the base must be positive where the exponent is not a whole number. */
export const pow = defineBinary({
  name: 'pow',
  f: (a, b) => a ** b,
  gradient: (a, b, g, output) => [mul(g, mul(b, pow(a, sub(b, 1)))), mul(g, mul(output, log(a)))],
  onnx: 'Pow',
  dtypes: ['float32'],
  domain: [0.5, 2],
})

/** The larger of a and b, broadcasting; where they are equal each gets half of the gradient, as in PyTorch. */
export const maximum = defineBinary({
  name: 'maximum',
  f: (a, b) => Math.max(a, b),
  gradient: (a, b, g) => splitBetween(greater(a, b), equal(a, b), g),
  onnx: 'Max',
})

/** The smaller of a and b, broadcasting; where they are equal each gets half of the gradient, as in PyTorch. */
export const minimum = defineBinary({
  name: 'minimum',
  f: (a, b) => Math.min(a, b),
  gradient: (a, b, g) => splitBetween(less(a, b), equal(a, b), g),
  onnx: 'Min',
})

function splitBetween(first: Tensor, tie: Tensor, gradient: Tensor): readonly [Tensor, Tensor] {
  const share = where(tie, 0.5, cast(first, 'float32'))
  return [mul(gradient, share), mul(gradient, sub(1, share))]
}

type BooleanFunction = (a: number, b: number) => boolean
const truth = (f: BooleanFunction) => (a: number, b: number) => (f(a, b) ? 1 : 0)
const defineComparison = (name: string, onnx: string, f: BooleanFunction, dtypes?: readonly DType[]) =>
  defineBinary({ name, onnx, f: truth(f), gradient: null, result: 'bool', dtypes: dtypes ?? ['float32', 'int32'] })

/** Whether a = b, element by element. */
export const equal = defineComparison('equal', 'Equal', (a, b) => a === b, ['float32', 'int32', 'bool'])
/** Whether a < b, element by element. */
export const less = defineComparison('less', 'Less', (a, b) => a < b)
/** Whether a <= b, element by element. */
export const lessEqual = defineComparison('lessEqual', 'LessOrEqual', (a, b) => a <= b)
/** Whether a > b, element by element. */
export const greater = defineComparison('greater', 'Greater', (a, b) => a > b)
/** Whether a >= b, element by element. */
export const greaterEqual = defineComparison('greaterEqual', 'GreaterOrEqual', (a, b) => a >= b)
/** Whether both are true. */
export const logicalAnd = defineComparison('logicalAnd', 'And', (a, b) => a !== 0 && b !== 0, ['bool'])
/** Whether one or both are true. */
export const logicalOr = defineComparison('logicalOr', 'Or', (a, b) => a !== 0 || b !== 0, ['bool'])
/** Whether it is false. */
export const logicalNot = defineUnary({ name: 'logicalNot', f: x => (x === 0 ? 1 : 0), gradient: null, onnx: 'Not', dtypes: ['bool'], domain: [0, 2] })

/** -x */
export const neg = defineUnary({ name: 'neg', f: x => -x, gradient: (_x, _y, g) => neg(g), onnx: 'Neg', dtypes: ['float32', 'int32'] })
/** |x|; the gradient at 0 is 0. */
export const abs = defineUnary({ name: 'abs', f: Math.abs, gradient: (x, _y, g) => mul(g, sign(x)), onnx: 'Abs', dtypes: ['float32', 'int32'] })
/** -1, 0 or 1 by the sign of x. */
export const sign = defineUnary({
  name: 'sign',
  f: Math.sign,
  gradient: null,
  // WebGPU has no Sign.
  onnx: (emitter, x) => emitter.provider !== 'webgpu'
    ? emitter.node('Sign', [x])
    : emitter.node('Sub', [
      emitter.cast(emitter.node('Greater', [x, emitter.constant(0, 'float32')]), 'float32'),
      emitter.cast(emitter.node('Less', [x, emitter.constant(0, 'float32')]), 'float32'),
    ]),
})
/** e to the power of x. */
export const exp = defineUnary({ name: 'exp', f: Math.exp, gradient: (_x, y, g) => mul(g, y), onnx: 'Exp' })
/** Natural logarithm. */
export const log = defineUnary({ name: 'log', f: Math.log, gradient: (x, _y, g) => div(g, x), onnx: 'Log', domain: [0.1, 3] })
/** Square root. */
export const sqrt = defineUnary({ name: 'sqrt', f: Math.sqrt, gradient: (_x, y, g) => div(mul(g, 0.5), y), onnx: 'Sqrt', domain: [0.1, 3] })
/** Sine, in radians. */
export const sin = defineUnary({ name: 'sin', f: Math.sin, gradient: (x, _y, g) => mul(g, cos(x)), onnx: 'Sin' })
/** Cosine, in radians. */
export const cos = defineUnary({ name: 'cos', f: Math.cos, gradient: (x, _y, g) => neg(mul(g, sin(x))), onnx: 'Cos' })
/** Hyperbolic tangent. */
export const tanh = defineUnary({ name: 'tanh', f: Math.tanh, gradient: (_x, y, g) => mul(g, sub(1, mul(y, y))), onnx: 'Tanh' })
/** 1 / (1 + e^-x) */
export const sigmoid = defineUnary({ name: 'sigmoid', f: x => 1 / (1 + Math.exp(-x)), gradient: (_x, y, g) => mul(g, mul(y, sub(1, y))), onnx: 'Sigmoid' })
/** log(1 + e^x), without overflow. */
export const softplus = defineUnary({
  name: 'softplus',
  f: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gradient: (x, _y, g) => mul(g, sigmoid(x)),
  onnx: 'Softplus',
})
/** The error function. Reference: Abramowitz and Stegun 7.1.5 (series) and 7.1.14 (continued fraction). */
export const erf = defineUnary({
  name: 'erf',
  f: errorFunction,
  gradient: (x, _y, g) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
  onnx: 'Erf',
})
/** max(x, 0) */
export const relu = defineUnary({
  name: 'relu',
  f: x => Math.max(x, 0),
  gradient: (_x, y, g) => mul(g, positive(y)),
  onnx: 'Relu',
  inConvolution: (emitter, x, channels) => emitter.reluInConvolution(x, channels),
})

/** 1 where x > 0 and 0 elsewhere: the derivative of relu. */
export const positive = defineUnary({
  name: 'positive',
  f: x => (x > 0 ? 1 : 0),
  gradient: null,
  // One pass instead of Greater and Cast: min(max(3e38 x, 0), 1), which is exact for every x above 4e-39.
  onnx: (emitter, x) => emitter.node('HardSigmoid', [x], { alpha: { float: 3e38 }, beta: { float: 0 } }),
})

/** The largest whole number that is not larger. */
export const floor = defineUnary({ name: 'floor', f: Math.floor, gradient: null, onnx: 'Floor' })

/** erf(x) by its series for small |x| and by a continued fraction for the rest; good to double precision. */
function errorFunction(x: number): number {
  const a = Math.abs(x)
  if (a < 2.5) {
    let term = a
    let total = a
    for (let n = 1; n < 60; n++) {
      term *= (-a * a) / n
      total += term / (2 * n + 1)
    }
    return (Math.sign(x) * 2 * total) / Math.sqrt(Math.PI)
  }
  let fraction = a
  for (let n = 60; n >= 1; n--) fraction = a + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-a * a) / fraction / Math.sqrt(Math.PI))
}

/**
 * Gaussian error linear unit, x times the normal distribution function of x.
 * Source: Hendrycks and Gimpel 2016; `approximate: 'tanh'` is their equation with tanh, as GPT-2 uses it.
 */
export function gelu(x: Tensor, { approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  if (approximate === 'tanh') {
    const inner = mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, mul(x, x)))))
    return mul(mul(0.5, x), add(1, tanh(inner)))
  }
  return mul(mul(0.5, x), add(1, erf(mul(x, Math.SQRT1_2))))
}

/** x limited to [low, high]. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  return minimum(maximum(x, low), high)
}

/** x * x */
export const square = (x: Tensor): Tensor => mul(x, x)

const whereOp = defineOp<None>({
  name: 'where',
  infer(types) {
    const [condition, a, b] = types
    if (condition?.dtype !== 'bool') throw new UserError({ rule: 'the condition must be bool.', next: 'Compare something first.' })
    requireDType([a as TensorType, b as TensorType], ['float32', 'int32', 'uint8', 'bool'])
    return { shape: inferBroadcast(types), dtype: a?.dtype ?? 'float32' }
  },
  gradient({ inputs: [condition, a, b], gradient: g }) {
    const zero = full([], 0)
    return [
      null,
      unbroadcast(where(condition as Tensor, g, zero), (a as Tensor).shape),
      unbroadcast(where(condition as Tensor, zero, g), (b as Tensor).shape),
    ]
  },
  onnx: (emitter, { names }) => emitter.node('Where', names),
  reference: ({ inputs, output }) => broadcastLoop(inputs, output, (condition, a, b) => (condition !== 0 ? a : b)),
  broadcasts: true,
  samples: [
    { inputs: [{ shape: [2, 3], dtype: 'bool', low: 0, high: 2 }, { shape: [2, 3], low: -2, high: 2 }, { shape: [3], low: -2, high: 2 }], attributes: {} },
    { inputs: [{ shape: [2, 1], dtype: 'bool', low: 0, high: 2 }, { shape: [], low: -2, high: 2 }, { shape: [2, 3], low: -2, high: 2 }], attributes: {} },
  ],
})

/** `a` where the condition holds and `b` elsewhere, broadcasting. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const like = a instanceof Tensor ? a : b instanceof Tensor ? b : full([], 0)
  return Tensor.apply(whereOp, [condition, lift(a, like), lift(b, like)], {})
}

interface CastAttributes extends Attributes {
  readonly to: DType
}

const castOp = defineOp<CastAttributes>({
  name: 'cast',
  infer: ([x], { to }) => ({ shape: x?.shape ?? [], dtype: to }),
  gradient: ({ inputs: [x], gradient: g }) => [x?.dtype === 'float32' ? g : null],
  onnx: (emitter, { names, attributes }) => emitter.node('Cast', names, { to: ONNX_DTYPES[attributes.to] }),
  reference({ inputs: [x], output, attributes: { to } }) {
    const data = (x as ReferenceValue).data
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number
      output.data[i] = to === 'bool' ? Number(value !== 0) : to === 'float32' ? value : Math.trunc(value)
    }
  },
  samples: [
    { inputs: [{ shape: [2, 3], dtype: 'uint8', low: 0, high: 255 }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [2, 3], dtype: 'float32', low: -5, high: 5 }], attributes: { to: 'int32' } },
    { inputs: [{ shape: [2, 3], dtype: 'int32', low: -5, high: 5 }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [4], dtype: 'bool', low: 0, high: 2 }], attributes: { to: 'float32' } },
    { inputs: [{ shape: [4], dtype: 'int32', low: 0, high: 3 }], attributes: { to: 'bool' } },
  ],
})

/** The same values in another dtype; fractions are dropped on the way to integers. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : Tensor.apply(castOp, [x], { to }))

const detachOp = defineOp<None>({
  name: 'detach',
  infer: ([x]) => x as TensorType,
  gradient: null,
  onnx: (_emitter, { names }) => names[0] as string,
  reference: ({ inputs: [x], output }) => output.data.set((x as ReferenceValue).data),
  samples: [{ inputs: [{ shape: [2, 2], low: -1, high: 1 }], attributes: {} }],
})

/** The same values, treated as constant by `differentiate`. */
export const detach = (x: Tensor): Tensor => Tensor.apply(detachOp, [x], {})
