// Attention of a text that is made token by token: keys and values of earlier tokens are kept in caches.
import {
  add, cast, concat, expand, indexPut, matmul, mul, pad, range, reshape, softmax, sub, tensor, transpose, unsqueeze,
  type Tensor,
} from '@ddlf/tensor'
import { keptState, type Decoding } from './decoding.ts'

/** Where each group of each text keeps the present token, int32 [B * groups, 3]. @param here int32 [B] */
function placesOf(here: Tensor, groups: number): Tensor {
  const count = here.size * groups
  const rows = Int32Array.from({ length: 2 * count }, (_, i) => {
    const row = Math.floor(i / 2)
    return i % 2 === 0 ? Math.floor(row / groups) : row % groups
  })
  const positions = reshape(expand(unsqueeze(here, 1), [here.size, groups]), [count, 1])
  return concat([tensor(rows, { shape: [count, 2] }), positions], 1)
}

/** What the present token's distance to each place adds to its scores, [B, H, 1, capacity]: -slope * distance. */
function distanceBias({ positions, capacity }: Decoding, slopes: readonly number[]): Tensor {
  const distances = cast(sub(range(capacity), unsqueeze(positions, 1)), 'float32')
  const factors = tensor(Float32Array.from(slopes), { shape: [1, slopes.length, 1, 1] })
  return mul(factors, reshape(distances, [positions.size, 1, 1, capacity]))
}

/**
 * The attention of one new token in each sequence to all that came before, which are kept in caches.
 * @param query [B, H, 1, E]
 * @param key [B, G, 1, E]
 * @param value [B, G, 1, V]
 * @param options `scale` of the scores, default 1 / sqrt(E), and the slopes of ALiBi, one for each head
 * @returns [B, H, 1, V]
 */
export function attendToKept(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  decoding: Decoding,
  { scale, slopes }: { readonly scale?: number; readonly slopes?: readonly number[] | undefined } = {},
): { output: Tensor; weights: Tensor } {
  const [batch, heads, , size] = query.shape as [number, number, number, number]
  const groups = key.shape[1] as number
  const rows = heads / groups
  const [keys, values] = [key, value].map(x => {
    const { present, keep } = keptState([batch, groups, decoding.capacity, x.shape[3] as number])
    const places = placesOf(decoding.positions, groups)
    return keep(indexPut(present, places, reshape(x, [batch * groups, x.shape[3] as number])))
  }) as [Tensor, Tensor]
  // Keys times query, and not query times transposed keys: the caches are not moved.
  const scaled = reshape(mul(query, scale ?? 1 / Math.sqrt(size)), [batch, groups, rows, size])
  const column = rows === 1 ? reshape(scaled, [batch, groups, size, 1]) : transpose(scaled, [0, 1, 3, 2])
  const products = matmul(keys, column)
  const scores =
    rows === 1 ? reshape(products, [batch, groups, 1, decoding.capacity]) : transpose(products, [0, 1, 3, 2])
  const near = reshape(scores, [batch, heads, 1, decoding.capacity])
  const biased = add(slopes ? add(near, distanceBias(decoding, slopes)) : near, decoding.seen)
  const weights = reshape(softmax(biased), [batch, groups, rows, decoding.capacity])
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
