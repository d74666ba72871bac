// Do two lists order things alike?
import { UserError } from '@ddlf/tensor/errors'

/** Ranks from 1, ties sharing their mean rank. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  )
  const result = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++
    for (let i = start; i < end; i++) result[order[i] ?? 0] = (start + 1 + end) / 2
    start = end
  }
  return result
}

/**
 * Spearman's rank correlation, -1 .. 1; NaN when all values of one list are equal, or one is NaN (as in scipy).
 * @throws UserError when the lists differ in length or have fewer than two values
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length < 2) {
    throw new UserError({
      rule: 'A rank correlation needs two lists of one length, of at least two values.',
      received: `${a.length} and ${b.length} values`,
      next: 'Compare maps of the same items and size.',
    })
  }
  if ([a, b].some(list => Array.from(list).some(Number.isNaN))) return NaN
  const x = ranks(a)
  const y = ranks(b)
  const centre = (a.length + 1) / 2
  let xy = 0
  let xx = 0
  let yy = 0
  for (let i = 0; i < x.length; i++) {
    const u = (x[i] ?? 0) - centre
    const v = (y[i] ?? 0) - centre
    xy += u * v
    xx += u * u
    yy += v * v
  }
  return xy / Math.sqrt(xx * yy)
}
