// Ops of whole numbers and remainders, and the test for what is not a number.
import type { Emitter } from '../onnx/emitter.ts'
import { divisionByZero } from '../runtimes/explain-error.ts'
import { defineBinary, defineUnary, pairs, special } from './define-elementwise.ts'
import { div, floor, mul, neg } from './elementwise.ts'

/** The nearest whole number; of two that are equally near, the even one. */
function roundHalfToEven(x: number): number {
  const rounded = Math.round(x)
  return Math.abs(x - Math.trunc(x)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** The nearest whole number; of two that are equally near, the even one, as in PyTorch. */
export const round = defineUnary({
  name: 'round',
  f: roundHalfToEven,
  gradient: 'zero',
  samples: [special(0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 8388609, -3, Infinity, -Infinity, NaN)],
  // WebGPU has no Round.
  onnx: (emitter, x) => (emitter.provider === 'webgpu' ? roundByFloor(emitter, x) : emitter.node('Round', [x])),
})

/** floor(x) + 1 where the rest is more than a half, or is a half and floor(x) is odd. */
function roundByFloor(emitter: Emitter, x: string): string {
  const number = (value: number) => emitter.constant(value, 'float32')
  const below = emitter.node('Floor', [x])
  const rest = emitter.node('Sub', [x, below])
  const pair = emitter.node('Mul', [emitter.node('Floor', [emitter.node('Mul', [below, number(0.5)])]), number(2)])
  const odd = emitter.node('Greater', [emitter.node('Sub', [below, pair]), number(0)])
  const half = emitter.node('And', [emitter.node('Equal', [rest, number(0.5)]), odd])
  const up = emitter.node('Or', [emitter.node('Greater', [rest, number(0.5)]), half])
  return emitter.node('Where', [up, emitter.node('Add', [below, number(1)]), below])
}

/** The smallest whole number that is not smaller. */
export const ceil = defineUnary({
  name: 'ceil',
  f: Math.ceil,
  gradient: 'zero',
  onnx: 'Ceil',
  samples: [special(Infinity, -Infinity, NaN, -0.5, 2)],
})

const otherSign = (remainder: number, divisor: number) => remainder !== 0 && remainder < 0 !== divisor < 0

/**
 * The remainder of a / b with the sign of b, broadcasting, as in PyTorch and Python: mod(-1, 3) is 2. That of an
 * integer by 0 is an error when the value is computed.
 */
export const mod = defineBinary({
  name: 'mod',
  f(a, b) {
    const remainder = a % b
    return otherSign(remainder, b) ? remainder + b : remainder
  },
  integer(a, b) {
    if (b === 0) throw divisionByZero()
    const remainder = a % b
    return otherSign(remainder, b) ? remainder + b : remainder
  },
  gradient: (a, b, g) => [g, neg(mul(g, floor(div(a, b))))],
  onnx(emitter, [a, b], { dtype }) {
    const zero = emitter.constant(0, dtype)
    const negative = (value: string) => emitter.node('Less', [value, zero])
    // The integer kernel stops the process where the smallest integer meets -1; any remainder by -1 is that by 1.
    const divisor =
      dtype === 'float32'
        ? b
        : emitter.node('Where', [
            emitter.node('Equal', [b, emitter.constant(-1, dtype)]),
            emitter.constant(1, dtype),
            b,
          ])
    const remainder =
      dtype === 'float32'
        ? emitter.node('Mod', [a, b], { fmod: 1 })
        : emitter.node('Sub', [a, emitter.node('Mul', [emitter.node('Div', [a, divisor]), divisor])])
    const rest = emitter.node('Not', [emitter.node('Equal', [remainder, zero])])
    const differ = emitter.node('Xor', [negative(remainder), negative(b)])
    return emitter.node('Where', [emitter.node('And', [rest, differ]), emitter.node('Add', [remainder, b]), remainder])
  },
  domain: [0.6, 1.9],
  samples: [
    pairs('float32', [-1, 3], [5.5, -2], [-5.5, 2], [-4, 2], [1, 0], [NaN, 1]),
    pairs('int32', [-7, 3], [7, -3], [-7, -3], [6, -3], [-(2 ** 31), -1], [2 ** 31 - 1, -2]),
  ],
})

/** Whether an element is not a number. */
export const isNaN = defineUnary({
  name: 'isNaN',
  f: x => (Number.isNaN(x) ? 1 : 0),
  gradient: null,
  onnx: 'IsNaN',
  result: 'bool',
  samples: [special(NaN, Infinity, -Infinity, 0)],
})
