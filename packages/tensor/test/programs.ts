// Random small programs over the ops: leaves with awkward values, and steps that apply ops to what was made before. The
// property suite runs them on every runtime.
import fc from 'fast-check'
import {
  abs, add, argmax, argmin, cast, clamp, concat, cos, div, equal, erf, exp, expand, flip, gather, greater, input, less,
  log, logicalNot, logSoftmax, logSumExp, matmul,
  max, maximum, maxPool2d, mean, min, minimum, mul, neg, pad, pow, relu, reshape, scatterAdd, sigmoid, sign, slice,
  softmax, softplus, sqrt, sub, sum, tanh, tensor, transpose,
  upsampleNearest2d, UserError, variance, where, type DType, type Tensor, type TypedArray,
} from '../src/index.ts'
import { allocate } from '../src/ir/dtype.ts'
import { sizeOf } from '../src/ir/shape.ts'

/** A leaf: its type and values. */
export interface Leaf {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: TypedArray
}

/** A random program: leaves, and numbers that decide which ops are applied to what. */
export interface Program {
  readonly leaves: readonly Leaf[]
  readonly steps: readonly (readonly number[])[]
}

const AWKWARD = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 2, 1e10, -3, 1e-20, 100, 134217728, -0.25]
const WHOLE = [0, 1, -1, 2, 7, 2 ** 31 - 1, -(2 ** 31), 65536, -3]

const shape = fc.array(
  fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: fc.constant(0) }),
  { maxLength: 4 },
)

const leaf: fc.Arbitrary<Leaf> = fc.tuple(
  shape, fc.constantFrom<DType>('float32', 'float32', 'float32', 'int32', 'bool', 'uint8'), fc.boolean(),
).chain(([dims, dtype, tame]) => {
  const element = dtype === 'float32'
    ? (tame ? fc.integer({ min: -8, max: 8 }).map(value => value / 4) : fc.constantFrom(...AWKWARD))
    : dtype === 'int32' ? (tame ? fc.integer({ min: -3, max: 3 }) : fc.constantFrom(...WHOLE))
    : fc.integer({ min: 0, max: dtype === 'bool' ? 1 : 255 })
  return fc.array(element, { minLength: sizeOf(dims), maxLength: sizeOf(dims) }).map(values => {
    const data = allocate(dtype, sizeOf(dims))
    data.set(values)
    return { shape: dims, dtype, data }
  })
})

export const programs: fc.Arbitrary<Program> = fc.record({
  leaves: fc.array(leaf, { minLength: 1, maxLength: 4 }),
  steps: fc.array(fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 6 }),
})

/** Chooses an entry of a list by a number. */
const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T

const NUMBERS = [0, 1, -1, 0.5, 2, -0, 3, Infinity, -Infinity]
const UNARY = [neg, abs, sign, exp, log, sqrt, tanh, sigmoid, softplus, erf, relu, cos]
const BINARY = [add, sub, mul, div, pow, maximum, minimum]
const COMPARISONS = [equal, less, greater]
const REDUCTIONS = [sum, mean, max, min, variance]

type Step = (pick: (n: number) => Tensor, n: readonly [number, number, number, number, number]) => Tensor

const axisOf = (x: Tensor, n: number) => n % Math.max(x.rank, 1)
/** As images [N, C, H, W]. */
const images = (x: Tensor) =>
  reshape(x, [...Array.from({ length: Math.max(0, 4 - x.rank) }, () => 1), ...x.shape].slice(-4))
const indicesOf = (size: number, spread: number) => {
  if (size === 0) throw new UserError({ rule: 'No entry to name.' })
  const values = Int32Array.from({ length: 3 }, (_, i) => ((spread + i * 7) % (2 * Math.max(size, 1))) - size)
  return tensor(values)
}

const STEPS: readonly Step[] = [
  (pick, [a, b]) => at(UNARY, b)(pick(a)),
  (pick, [a, b]) => at(UNARY, b)(cast(pick(a), 'float32')),
  (pick, [a, b, c]) => at(BINARY, c)(pick(a), pick(b)),
  (pick, [a, b, c]) => at(BINARY, c)(pick(a), at(NUMBERS, b)),
  (pick, [a, b, c]) => at(BINARY, c)(at(NUMBERS, b), pick(a)),
  (pick, [a, b, c]) => at(COMPARISONS, c)(pick(a), pick(b)),
  (pick, [a, b, c]) => at(COMPARISONS, c)(pick(a), at(NUMBERS, b)),
  (pick, [a, b, c, d]) => where(at(COMPARISONS, d)(pick(a), at(NUMBERS, d)), pick(b), pick(c)),
  (pick, [a, b, c, d]) => where(cast(pick(a), 'bool'), pick(b), at(NUMBERS, c + d)),
  (pick, [a]) => logicalNot(cast(pick(a), 'bool')),
  (pick, [a, b]) => clamp(pick(a), at([-1, 0, -Infinity], b), at([1, 0.5, Infinity], b >> 2)),
  (pick, [a, b, c, d]) => at(REDUCTIONS, b)(
    pick(a), c % 3 === 0 ? {} : { axes: axisOf(pick(a), c), keepDims: d % 2 === 0 },
  ),
  (pick, [a, b, c, d]) => at([argmax, argmin], b)(pick(a), { axis: axisOf(pick(a), c), keepDims: d % 2 === 0 }),
  (pick, [a, b, c]) => at([softmax, logSoftmax, logSumExp], c)(pick(a), axisOf(pick(a), b)),
  (pick, [a, b]) => cast(pick(a), at(['float32', 'bool', 'float32'] as const, b)),
  (pick, [a]) => reshape(pick(a), [pick(a).size]),
  (pick, [a]) => transpose(pick(a)),
  (pick, [a, b, c, d]) => slice(pick(a), { axis: axisOf(pick(a), b), start: (c % 5) - 2, step: at([1, 2, -1, -2], d) }),
  (pick, [a, b, c, d]) => slice(pick(a), { axis: axisOf(pick(a), b), start: (c % 5) - 2, end: (d % 5) - 2 }),
  (pick, [a, b]) => flip(pick(a), axisOf(pick(a), b)),
  (pick, [a, b, c, d]) => pad(
    pick(a), pick(a).shape.map((_, axis) => [(b + axis) % 2, (c + axis) % 3] as const),
    at(pick(a).dtype === 'float32' ? NUMBERS : [0, 1], d),
  ),
  (pick, [a, b]) => concat([pick(a), pick(a), pick(a)], axisOf(pick(a), b)),
  (pick, [a, b]) => expand(pick(a), [(b % 3), ...pick(a).shape]),
  (pick, [a, b, c]) => gather(pick(a), indicesOf(pick(a).shape[axisOf(pick(a), b)] ?? 0, c), axisOf(pick(a), b)),
  (pick, [a, b]) => scatterAdd(indicesOf(4, b), expand(pick(a), [3, ...pick(a).shape]), 4),
  (pick, [a, b, c]) => matmul(pick(a), pick(b), { transposeA: c % 2 === 0, transposeB: c % 3 === 0 }),
  (pick, [a, b]) => matmul(pick(a), pick(a), at([{ transposeA: true }, { transposeB: true }, {}], b)),
  (pick, [a, b]) => maxPool2d(
    images(pick(a)), { kernel: at([[2, 2], [1, 2], [2, 1]] as const, b), stride: at([1, 2], b) },
  ),
  (pick, [a, b]) => upsampleNearest2d(images(pick(a)), at([[2, 2], [1, 2], [3, 1]] as const, b)),
]

/** The leaves of a program as inputs, and what its steps make; steps that do not fit are left out. */
export function build({ leaves, steps }: Program): { readonly inputs: Tensor[]; readonly made: Tensor[] } {
  const inputs = leaves.map(({ shape: dims, dtype }, i) => input(`x${i}`, { shape: dims, dtype }))
  const made: Tensor[] = []
  for (const [kind, ...numbers] of steps as readonly [number, number, number, number, number, number][]) {
    const pool = [...inputs, ...made]
    try {
      const result = at(STEPS, kind)(n => at(pool, pool.length - 1 - (n % pool.length)), numbers)
      if (result.size <= 500) made.push(result)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  return { inputs, made }
}
