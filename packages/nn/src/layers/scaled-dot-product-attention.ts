// Attention: every query takes a weighted mean of the values, by how well it fits their keys.
import {
  add, any, cast, formatShape, formatType, greater, matmul, maximum, MOST_ELEMENTS, mul, range, requireTensors, reshape,
  softmax, tensor,
  tensorKind, unsqueeze, where, type Shape, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { drop } from './dropout.ts'

/** Settings of an attention. */
export interface AttentionOptions {
  /**
   * Which pairs of a query and a key take part, broadcast to [..., L, S]: bool (true: it does), or float32 that is
   * added to the scores (-Infinity: it does not; so is what is below -5e29). A query with no key to attend to gets
   * zeros, as in PyTorch.
   */
  readonly mask?: Tensor | undefined
  /** Whether query i sees the keys 0 .. i only; default no. It may stand beside a mask. */
  readonly causal?: boolean
  /** Probability with which each weight is dropped in training, default 0. */
  readonly dropout?: number
  /** Factor of the scores; default 1 / sqrt(E). */
  readonly scale?: number
}

const KINDS = { mask: tensorKind, causal: kinds.flag, dropout: kinds.between(0, 1), scale: kinds.finite }

/** Added to the score of a pair that takes no part: e to its power is 0, and sums with it stay finite. */
const NEVER = -1e30

const REMEMBERED = 16
const causalBiases = new Map<string, Tensor>()

/** 0 where query i may see key j, that is j <= i, and a very small number elsewhere; one constant for each size. */
function causalBias(queries: number, keys: number): Tensor {
  const key = `${queries},${keys}`
  const known = causalBiases.get(key)
  if (known) return known
  const values = Float32Array.from({ length: queries * keys }, (_, i) => (i % keys > Math.floor(i / keys) ? NEVER : 0))
  const bias = tensor(values, { shape: [queries, keys] })
  const [oldest] = causalBiases.keys()
  if (causalBiases.size >= REMEMBERED && oldest !== undefined) causalBiases.delete(oldest)
  causalBiases.set(key, bias)
  return bias
}

function checkShapes(query: Tensor, key: Tensor, value: Tensor): void {
  const [q, k, v] = [query.shape, key.shape, value.shape]
  const fits =
    query.rank >= 3 &&
    key.rank === query.rank &&
    value.rank === query.rank &&
    q.at(-1) === k.at(-1) &&
    k.at(-2) === v.at(-2) &&
    formatShape(k.slice(0, -2)) === formatShape(v.slice(0, -2)) &&
    formatShape(q.slice(0, -3)) === formatShape(k.slice(0, -3)) &&
    (q.at(-3) as number) % (k.at(-3) as number) === 0
  if (fits) return
  throw new UserError({
    rule:
      'scaledDotProductAttention: a query [..., H, L, E] needs a key [..., G, S, E] and a value [..., G, S, V], ' +
      'with G dividing H.',
    received: [query, key, value].map(formatType).join(', '),
  })
}

/** What is added to the scores, and, beside a mask, which queries have a key to attend to. */
function biasOf(mask: Tensor | undefined, causal: Tensor | undefined): { bias?: Tensor | undefined; attends?: Tensor } {
  if (!mask) return { bias: causal }
  if (mask.dtype !== 'bool' && mask.dtype !== 'float32') {
    throw new UserError({
      rule: 'An attention mask is bool (true: take part) or float32 (added to the scores).',
      received: formatType(mask),
    })
  }
  const own = mask.dtype === 'bool' ? where(mask, 0, NEVER) : maximum(mask, NEVER)
  const bias = causal ? add(own, causal) : own
  return { bias, attends: any(greater(bias, NEVER / 2), { axes: -1, keepDims: true }) }
}

/**
 * The weights of an attention, softmax(query key^T * scale + mask), and the mean of the values that they give.
 * @returns `output` [..., H, L, V] and `weights` [..., H, L, S]
 */
export function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): { output: Tensor; weights: Tensor } {
  const { mask, causal = false, dropout = 0, scale } = checkOptions('scaledDotProductAttention', options, KINDS)
  requireTensors('scaledDotProductAttention', query, key, value)
  checkShapes(query, key, value)
  const [heads, queries, size] = query.shape.slice(-3) as [number, number, number]
  const [groups, keys] = key.shape.slice(-3) as [number, number]
  // Heads that share a key and a value are further rows of one matrix.
  const grouped = (x: Tensor, from: Shape) => reshape(x, [...query.shape.slice(0, -3), ...from])
  const rows = [groups, (heads / groups) * queries] as const
  const scaled = mul(grouped(query, [...rows, size]), scale ?? 1 / Math.sqrt(size))
  const scores = grouped(matmul(scaled, key, { transposeB: true }), [heads, queries, keys])
  const { bias, attends } = biasOf(mask, causal ? causalBias(queries, keys) : undefined)
  const soft = softmax(bias ? add(scores, bias) : scores)
  const weights = attends ? mul(soft, cast(attends, 'float32')) : soft
  const mean = matmul(grouped(drop(weights, dropout), [...rows, keys]), value)
  return { output: grouped(mean, [heads, queries, value.shape.at(-1) as number]), weights }
}

/**
 * softmax(query key^T / sqrt(E) + mask) value: each query takes a mean of the values, weighted by how well their keys
 * fit. Several heads may share a key and a value (grouped queries): head h takes number floor(h G / H). PyTorch:
 * `scaled_dot_product_attention`. Source: Vaswani et al., "Attention is all you need", 2017, eq. 1; Ainslie et al.
 * 2023.
 * @param query [..., H, L, E]
 * @param key [..., G, S, E], with G dividing H
 * @param value [..., G, S, V]
 * @returns [..., H, L, V]
 * @throws UserError when the shapes do not fit
 */
export const scaledDotProductAttention = (
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor => attend(query, key, value, options).output

/** A mask [B, 1, 1, S] for sequences of given lengths, int32 [B]: true at the positions that hold something. */
export function lengthMask(lengths: Tensor, size: number): Tensor {
  requireTensors('lengthMask', lengths)
  checkArgument('lengthMask', 'the size', size, kinds.whole(0, MOST_ELEMENTS))
  if (lengths.rank !== 1) throw new UserError({
    rule: 'lengthMask: lengths are int32 [B].', received: formatType(lengths),
  })
  return reshape(range(size).less(unsqueeze(lengths, 1)), [lengths.size, 1, 1, size])
}

/** @throws UserError where a mask of padding, bool [B, S], is something else */
export function requirePadding(owner: string, name: string, padding: Tensor, [batch, keys]: Shape): void {
  requireTensors(owner, padding)
  if (padding.dtype === 'bool' && formatShape(padding.shape) === formatShape([batch as number, keys as number])) return
  throw new UserError({
    rule: `${owner}: ${name} is bool [B, S], true where a key is padding; here [${batch}, ${keys}].`,
    received: formatType(padding),
  })
}
