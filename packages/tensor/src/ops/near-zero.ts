// Logarithm and exponential that keep their precision near 0, where 1 + x and e^x - 1 lose it.
import { emitLog1p } from '../onnx/emit-log.ts'
import { defineUnary, special } from './define-elementwise.ts'
import { add, div, mul } from './elementwise.ts'

/** log(1 + x), precise also near 0. */
export const log1p = defineUnary({
  name: 'log1p',
  f: Math.log1p,
  gradient: (x, _y, g) => div(g, add(x, 1)),
  domain: [-0.9, 3],
  samples: [special(0, -1, Infinity, -2, NaN), special(1e-7, -1e-7, 1e-20, 3e-5, 1e30)],
  onnx: emitLog1p,
})

/** e^x - 1, precise also near 0. */
export const expm1 = defineUnary({
  name: 'expm1',
  f: Math.expm1,
  gradient: (_x, y, g) => mul(g, add(y, 1)),
  samples: [special(0, Infinity, -Infinity, NaN), special(1e-7, -1e-7, 1e-20, 0.4999, -0.5, 20, -30)],
  // Near 0: e^x - 1 = 2 t / (1 - t), t = tanh(x / 2).
  onnx(emitter, x) {
    const number = (value: number) => emitter.constant(value, 'float32')
    const t = emitter.node('Tanh', [emitter.node('Mul', [x, number(0.5)])])
    const near = emitter.node('Div', [emitter.node('Add', [t, t]), emitter.node('Sub', [number(1), t])])
    const far = emitter.node('Sub', [emitter.node('Exp', [x]), number(1)])
    return emitter.node('Where', [emitter.node('Less', [emitter.node('Abs', [x]), number(0.5)]), near, far])
  },
})
