// Logarithms that are the same wherever an element lies. The kernel of Log computes several elements at once, and those
// that are left over where a thread's share ends by another function, whose last bits differ.
import type { Emitter } from './emitter.ts'

/** The natural logarithm. */
export function emitLog(emitter: Emitter, x: string): string {
  if (!emitter.steady) return emitter.node('Log', [x])
  // The logarithm of a sum of one element is taken element by element; it costs as much, and errs by half as much.
  const alone = emitter.node('Unsqueeze', [x, emitter.constant([0], 'int64')])
  return emitter.node('ReduceLogSum', [alone], { axes: [0], keepdims: 0 })
}

/**
 * log(1 + x): with u = 1 + x rounded, log(u) x / (u - 1) takes back what the rounding did. Source: Kahan, in the HP-15C
 * Advanced Functions Handbook, 1982, appendix "Accuracy of numerical calculations".
 */
export function emitLog1p(emitter: Emitter, x: string): string {
  const one = emitter.constant(1, 'float32')
  const u = emitter.node('Add', [x, one])
  const rounded = emitter.node('Sub', [u, one])
  const exact = emitter.node('Equal', [rounded, x])
  const ratio = emitter.node('Where', [exact, one, emitter.node('Div', [x, rounded])])
  const product = emitter.node('Mul', [emitLog(emitter, u), ratio])
  return emitter.node('Where', [emitter.node('Equal', [u, one]), x, product])
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). */
export function emitSoftplus(emitter: Emitter, x: string): string {
  if (!emitter.steady) return emitter.node('Softplus', [x])
  const small = emitter.node('Exp', [emitter.node('Neg', [emitter.node('Abs', [x])])])
  return emitter.node('Add', [emitter.node('Relu', [x]), emitLog1p(emitter, small)])
}
