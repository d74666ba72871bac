// Ops that work on each element alone: arithmetic, comparisons, logic, and the common functions.
import type { DType } from '../ir/dtype.ts'
import type { Tensor } from '../ir/tensor.ts'
import { emitLog, emitSoftplus } from '../onnx/emit-log.ts'
import { addInConvolution, reluInConvolution } from '../onnx/fuse-convolution.ts'
import { divisionByZero } from '../runtimes/explain-error.ts'
import { where } from './choice.ts'
import { defineBinary, defineUnary, pairs, special } from './define-elementwise.ts'
import { errorFunction } from './error-function.ts'
import { staysFinite } from './finite.ts'

const INT32_MAX = 2 ** 31 - 1

/** a + b, broadcasting. */
export const add = defineBinary({
  name: 'add',
  f: (a, b) => a + b,
  gradient: (_a, _b, g) => [g, g],
  onnx: 'Add',
  samples: [pairs('int32', [INT32_MAX, 1], [-INT32_MAX - 1, -1])],
  inConvolution: addInConvolution,
})

/** a - b, broadcasting. */
export const sub = defineBinary({ name: 'sub', f: (a, b) => a - b, gradient: (_a, _b, g) => [g, neg(g)], onnx: 'Sub' })

/** a * b, broadcasting. Integers wrap at 32 bits. */
export const mul = defineBinary({
  name: 'mul',
  f: (a, b) => a * b,
  integer: Math.imul,
  gradient: (a, b, g) => [mul(g, b), mul(g, a)],
  onnx: 'Mul',
  samples: [
    pairs('float32', [1e10, 1e10], [134217728, 134217728], [Infinity, 2], [0, -3], [NaN, 1]),
    pairs('int32', [65536, 65537], [INT32_MAX, INT32_MAX], [-7, 3]),
  ],
})

/** a / b, broadcasting. Integer division drops the fraction, and by 0 it is an error when the value is computed. */
export const div = defineBinary({
  name: 'div',
  f: (a, b) => a / b,
  integer(a, b) {
    if (b === 0) throw divisionByZero()
    return Math.trunc(a / b)
  },
  gradient: (_a, b, g, output) => [div(g, b), neg(div(mul(g, output), b))],
  onnx(emitter, [a, b], { dtype }) {
    if (dtype === 'float32') return emitter.node('Div', [a, b])
    // -2^31 / -1 stops the process: a division by -1 is the negative number, which wraps.
    const minus = emitter.node('Equal', [b, emitter.constant(-1, 'int32')])
    return emitter.node('Where', [
      minus, emitter.node('Neg', [a]),
      emitter.node('Div', [a, emitter.node('Where', [minus, emitter.constant(1, 'int32'), b])]),
    ])
  },
  domain: [0.5, 2],
  samples: [
    pairs('float32', [1, 0], [0, 2], [1, Infinity], [Infinity, 2]),
    pairs('int32', [-7, 2], [7, -2], [-7, -1], [-INT32_MAX - 1, -1]),
  ],
})

/**
 * a to the power of b, broadcasting; the base must be positive where the exponent is not a whole number. The gradient
 * of a is 0 where b is 0, and that of b is 0 where a is 0 and b not negative, as in PyTorch.
 */
export const pow = defineBinary({
  name: 'pow',
  // As C's pow, which says 1 also where JavaScript says NaN: 1 to any power, and -1 to an infinite one.
  f: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  gradient: (a, b, g, output) => [
    where(equal(b, 0), 0, mul(g, mul(b, pow(a, sub(b, 1))))),
    where(logicalAnd(equal(a, 0), greaterEqual(b, 0)), 0, mul(g, mul(output, log(a)))),
  ],
  onnx: 'Pow',
  dtypes: ['float32'],
  domain: [0.5, 2],
  samples: [pairs(
    'float32', [0, 0], [0, 2], [0, -1], [2, 0], [-1.5, 2], [1, NaN], [NaN, 0], [0, 1], [0, 0.5], [-1, Infinity],
  )],
})

/** Operands that tie, differ, and are not numbers. */
const CONTESTS = [
  pairs('float32', [1, 1], [2, 1], [1, 2], [NaN, 1], [1, NaN], [NaN, NaN], [Infinity, 1], [-Infinity, 1]),
  pairs('int32', [1, 1], [INT32_MAX, -INT32_MAX - 1]),
]

/**
 * The larger of a and b, broadcasting, NaN where one of them is; where they are equal each gets half of the gradient,
 * as in PyTorch.
 */
export const maximum = defineBinary({
  name: 'maximum',
  f: (a, b) => Math.max(a, b),
  gradient: (a, b, g) => [shareOf(g, less(a, b), equal(a, b)), shareOf(g, greater(a, b), equal(a, b))],
  onnx: 'Max',
  samples: CONTESTS,
})

/**
 * The smaller of a and b, broadcasting, NaN where one of them is; where they are equal each gets half of the gradient,
 * as in PyTorch.
 */
export const minimum = defineBinary({
  name: 'minimum',
  f: (a, b) => Math.min(a, b),
  gradient: (a, b, g) => [shareOf(g, greater(a, b), equal(a, b)), shareOf(g, less(a, b), equal(a, b))],
  onnx: 'Min',
  samples: CONTESTS,
})

/**
 * The gradient of one of two contestants. It is chosen, not multiplied by 0: an infinite gradient stays with the other
 * one.
 */
const shareOf = (gradient: Tensor, loses: Tensor, tie: Tensor): Tensor =>
  where(loses, 0, where(tie, mul(gradient, 0.5), gradient))

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
export const logicalNot = defineUnary({
  name: 'logicalNot', f: x => (x === 0 ? 1 : 0), gradient: null, onnx: 'Not', dtypes: ['bool'], domain: [0, 2],
})

/** -x */
export const neg = defineUnary({
  name: 'neg', f: x => -x, gradient: (_x, _y, g) => neg(g), onnx: 'Neg', dtypes: ['float32', 'int32'],
})
/** |x|; the gradient at 0 is 0. */
export const abs = defineUnary({
  name: 'abs', f: Math.abs, gradient: (x, _y, g) => mul(g, sign(x)), onnx: 'Abs', dtypes: ['float32', 'int32'],
})
/** -1, 0 or 1 by the sign of x; 0 where x is not a number, as in PyTorch. */
export const sign = defineUnary({
  name: 'sign',
  samples: [special(NaN, Infinity, -Infinity, 0, -0, 1e-30)],
  f: x => (x > 0 ? 1 : x < 0 ? -1 : 0),
  gradient: 'zero',
  // Not by Sign, which keeps what is not a number, and which WebGPU does not have.
  onnx: (emitter, x) => emitter.node('Sub', [
    emitter.cast(emitter.node('Greater', [x, emitter.constant(0, 'float32')]), 'float32'),
    emitter.cast(emitter.node('Less', [x, emitter.constant(0, 'float32')]), 'float32'),
  ]),
})
/** e to the power of x. */
export const exp = defineUnary({
  name: 'exp', samples: [special(NaN, Infinity, -Infinity, 0)], f: Math.exp, gradient: (_x, y, g) => mul(g, y),
  onnx: 'Exp',
})
/** Natural logarithm. */
export const log = defineUnary({
  name: 'log', samples: [special(0, Infinity, NaN, -1)], f: Math.log, gradient: (x, _y, g) => div(g, x), onnx: emitLog,
  domain: [0.1, 3],
})
/** Square root. */
export const sqrt = defineUnary({
  name: 'sqrt', samples: [special(0, Infinity, NaN, -1)], f: Math.sqrt, gradient: (_x, y, g) => div(mul(g, 0.5), y),
  onnx: 'Sqrt', domain: [0.1, 3],
})
/** Sine, in radians. */
export const sin = defineUnary({ name: 'sin', f: Math.sin, gradient: (x, _y, g) => mul(g, cos(x)), onnx: 'Sin' })
/** Cosine, in radians. */
export const cos = defineUnary({ name: 'cos', f: Math.cos, gradient: (x, _y, g) => neg(mul(g, sin(x))), onnx: 'Cos' })
/** Hyperbolic tangent. */
export const tanh = defineUnary({
  name: 'tanh', samples: [special(Infinity, -Infinity, NaN)], f: Math.tanh,
  gradient: (_x, y, g) => mul(g, sub(1, mul(y, y))), onnx: 'Tanh',
})
/** 1 / (1 + e^-x) */
export const sigmoid = defineUnary({
  name: 'sigmoid', samples: [special(Infinity, -Infinity, NaN)], f: x => 1 / (1 + Math.exp(-x)),
  gradient: (_x, y, g) => mul(g, mul(y, sub(1, y))), onnx: 'Sigmoid',
})
/** log(1 + e^x), without overflow. */
export const softplus = defineUnary({
  name: 'softplus', samples: [special(Infinity, -Infinity, NaN)],
  f: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gradient: (x, _y, g) => mul(g, sigmoid(x)),
  onnx: emitSoftplus,
})
/** The error function. Reference: Abramowitz and Stegun 7.1.5 (series) and 7.1.14 (continued fraction). */
export const erf = defineUnary({
  name: 'erf', samples: [special(Infinity, -Infinity, NaN)],
  f: errorFunction,
  gradient: (x, _y, g) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
  onnx: 'Erf',
})
/** max(x, 0), NaN where x is; the gradient at 0 is 0. */
export const relu = defineUnary({
  name: 'relu',
  f: x => Math.max(x, 0),
  // A product takes two thirds of the time of a choice, but an infinite gradient times 0 would be NaN: it is for
  // trainings.
  gradient: (_x, y, g) => (staysFinite(g) ? mul(g, positive(y)) : where(lessEqual(y, 0), 0, g)),
  samples: [special(Infinity, -Infinity, 0, -1, 2)],
  onnx: 'Relu',
  inConvolution: reluInConvolution,
})

/** 1 where x > 0, NaN where x is NaN, and 0 elsewhere: the derivative of relu. */
export const positive = defineUnary({
  name: 'positive',
  f: x => (x > 0 ? 1 : x <= 0 ? 0 : NaN),
  samples: [special(Infinity, -Infinity, 0, 1e-30)],
  gradient: 'zero',
  // One pass instead of Greater and Cast: min(max(3e38 x, 0), 1), which is exact for every x above 4e-39.
  onnx: (emitter, x) => emitter.node('HardSigmoid', [x], { alpha: { float: 3e38 }, beta: { float: 0 } }),
})

/** The largest whole number that is not larger. */
export const floor = defineUnary({
  name: 'floor', samples: [special(Infinity, -Infinity, NaN, -0.5, 2)], f: Math.floor, gradient: 'zero', onnx: 'Floor',
})

/** x * x */
export const square = (x: Tensor): Tensor => mul(x, x)
