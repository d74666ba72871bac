// Attention of a text that is made token by token: keys and values of earlier tokens are kept in caches.
import { add, matmul, mul, pad, reshape, softmax, transpose, where, type Tensor } from '@ddlf/tensor'
import { keptState, type Decoding } from './decoding.ts'

/**
 * The attention of one new token in each sequence to all that came before, which are kept in caches.
 * @param query [B, H, 1, E]
 * @param key [B, G, 1, E]
 * @param value [B, G, 1, V]
 * @returns [B, H, 1, V]
 */
export function attendToKept(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  decoding: Decoding,
  scale?: number,
): { output: Tensor; weights: Tensor } {
  const [batch, heads, , size] = query.shape as [number, number, number, number]
  const groups = key.shape[1] as number
  const rows = heads / groups
  const [keys, values] = [key, value].map(x => {
    const { present, keep } = keptState([batch, groups, decoding.capacity, x.shape[3] as number])
    return keep(where(decoding.here, x, present))
  }) as [Tensor, Tensor]
  // Keys times query, and not query times transposed keys: the caches are not moved.
  const scaled = reshape(mul(query, scale ?? 1 / Math.sqrt(size)), [batch, groups, rows, size])
  const column = rows === 1 ? reshape(scaled, [batch, groups, size, 1]) : transpose(scaled, [0, 1, 3, 2])
  const products = matmul(keys, column)
  const scores =
    rows === 1 ? reshape(products, [batch, groups, 1, decoding.capacity]) : transpose(products, [0, 1, 3, 2])
  const weights = softmax(add(scores, decoding.seen))
  const output = matmul(weights, values)
  return {
    output: reshape(output, [batch, heads, 1, value.shape[3] as number]),
    weights: reshape(weights, [batch, heads, 1, decoding.capacity]),
  }
}

/** Puts the keys and values of prompts [B, G, T, E] into caches. */
export function keepPrompt(key: Tensor, value: Tensor, { capacity }: Decoding): void {
  for (const x of [key, value]) {
    const [batch, groups, time, size] = x.shape as [number, number, number, number]
    keptState([batch, groups, capacity, size]).keep(
      pad(x, [
        [0, 0],
        [0, 0],
        [0, capacity - time],
        [0, 0],
      ]),
    )
  }
}
