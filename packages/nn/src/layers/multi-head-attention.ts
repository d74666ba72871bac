// Attention with several heads, and the projections into and out of them.
import {
  add, formatShape, formatType, linear, logicalNot, requireTensors, reshape, split, tensorKind, transpose, where,
  type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { currentDecoding } from '../generation/decoding.ts'
import { attendToKept, keepPrompt } from '../generation/kept-attention.ts'
import { kaimingUniform, newParameter, xavierUniform, zeros } from '../init.ts'
import { Linear } from './linear.ts'
import { alibi, alibiSlopes } from './positions.ts'
import { attend, requirePadding } from './scaled-dot-product-attention.ts'

/** Settings of a multi-head attention. */
export interface MultiHeadAttentionOptions {
  /** Probability with which attention weights are dropped in training, default 0. */
  readonly dropout?: number
  /** Whether the projections have biases; default yes. */
  readonly bias?: boolean
  /** Size of the keys' vectors; default `embedDim`. */
  readonly kdim?: number
  /** Size of the values' vectors; default `embedDim`. */
  readonly vdim?: number
  /**
   * Number of heads of the keys and values, each shared by as many query heads; default `numHeads`. Source: Ainslie
   * et al. 2023.
   */
  readonly keyValueHeads?: number
  /** Size of a head's queries, keys and values; default `embedDim / numHeads`. Keras: `key_dim`. */
  readonly headDim?: number
  /** Whether the batch comes before time, [B, L, E], or behind it, [L, B, E]; default behind, as in PyTorch. */
  readonly batchFirst?: boolean
}

/** What one call of an attention may say. */
export interface AttentionMasks {
  /**
   * bool [B, S]: true where a key is padding. PyTorch: `key_padding_mask`. Where padding alone is left the mean of the
   * values is 0, as in PyTorch without `need_weights`; with it PyTorch gives NaN.
   */
  readonly keyPaddingMask?: Tensor | undefined
  /**
   * [L, S], or [B * numHeads, L, S]: bool (true: this pair takes no part) or float32 (added to the scores). PyTorch:
   * `attn_mask`. Bool means here the opposite of what it means for `scaledDotProductAttention`, as it does there.
   */
  readonly attentionMask?: Tensor | undefined
  /** Whether position i sees the positions 0 .. i only; default no. */
  readonly causal?: boolean
  /** Whether scores fall with the distance of query and key, by ALiBi's slope for each head; default no. */
  readonly alibi?: boolean
}

/**
 * What happens to queries and keys before they meet, [B, heads, time, size]: a rotation by their positions, for
 * example.
 */
export type PrepareHeads = (queryOrKey: Tensor, which: 'query' | 'key') => Tensor

const KINDS = {
  dropout: kinds.between(0, 1), bias: kinds.flag, kdim: kinds.whole(1), vdim: kinds.whole(1),
  keyValueHeads: kinds.whole(1), headDim: kinds.whole(1),
  batchFirst: kinds.flag,
}
/** What the masks of an attention may be. */
export const maskKinds = {
  keyPaddingMask: tensorKind, attentionMask: tensorKind, causal: kinds.flag, alibi: kinds.flag,
}

/** [B, T, heads * D] to [B, heads, T, D]; where there is one position nothing moves. */
function intoHeads(x: Tensor, heads: number): Tensor {
  const [batch, time, size] = x.shape as [number, number, number]
  if (time === 1) return reshape(x, [batch, heads, 1, size / heads])
  return transpose(reshape(x, [batch, time, heads, size / heads]), [0, 2, 1, 3])
}

/**
 * Attention in `numHeads` parts of `embedDim`, each with its own projections. PyTorch: `MultiheadAttention`, whose
 * state has the same names and layouts. Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.2.
 */
export class MultiHeadAttention {
  readonly in_proj_weight: Tensor | undefined
  readonly q_proj_weight: Tensor | undefined
  readonly k_proj_weight: Tensor | undefined
  readonly v_proj_weight: Tensor | undefined
  readonly in_proj_bias: Tensor | undefined
  readonly out_proj: Linear
  readonly keyValueHeads: number
  readonly headDim: number

  /** @throws UserError when a size is no whole number, or heads do not divide */
  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    readonly options: MultiHeadAttentionOptions = {},
  ) {
    const {
      bias = true, kdim = embedDim, vdim = embedDim, keyValueHeads = numHeads, headDim: ownDim,
    } = checkOptions('MultiHeadAttention', options, KINDS)
    checkArgument('MultiHeadAttention', 'embedDim', embedDim, kinds.whole(1))
    checkArgument('MultiHeadAttention', 'numHeads', numHeads, kinds.whole(1))
    const headDim = ownDim ?? embedDim / numHeads
    if (!Number.isInteger(headDim) || numHeads % keyValueHeads !== 0) {
      throw new UserError({
        rule: 'MultiHeadAttention: numHeads must divide embedDim, and keyValueHeads must divide numHeads.',
        received: `embedDim ${embedDim}, numHeads ${numHeads}, keyValueHeads ${keyValueHeads}`,
      })
    }
    this.keyValueHeads = keyValueHeads
    this.headDim = headDim
    const [outer, inner] = [headDim * numHeads, headDim * keyValueHeads]
    const joined = kdim === embedDim && vdim === embedDim
    this.in_proj_weight = joined ? newParameter([outer + 2 * inner, embedDim], xavierUniform()) : undefined
    this.q_proj_weight = joined ? undefined : newParameter([outer, embedDim], xavierUniform())
    this.k_proj_weight = joined ? undefined : newParameter([inner, kdim], xavierUniform())
    this.v_proj_weight = joined ? undefined : newParameter([inner, vdim], xavierUniform())
    this.in_proj_bias = bias ? newParameter([outer + 2 * inner], zeros) : undefined
    // As in PyTorch, the bias starts at 0 and the weight as every linear layer's.
    this.out_proj = new Linear(outer, embedDim, { bias, init: kaimingUniform({ slope: Math.sqrt(5) }) })
  }

  /**
   * The mean of the values for each query, [B, L, E] (or [L, B, E]); `key` defaults to the query and `value` to the
   * key.
   */
  forward(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    masks: AttentionMasks & { readonly prepare?: PrepareHeads } = {},
  ): Tensor {
    return this.withWeights(query, key, value, masks).output
  }

  /** As `forward`, with the weights of each head, [B, numHeads, L, S]. */
  withWeights(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    masks: AttentionMasks & { readonly prepare?: PrepareHeads } = {},
  ): { output: Tensor; weights: Tensor } {
    const {
      causal = false,
      alibi: falls = false,
      prepare = (x: Tensor) => x,
    } = checkOptions('MultiHeadAttention', masks, {
      ...maskKinds,
      prepare: kinds.callable,
    })
    requireTensors('MultiHeadAttention', query, key, value)
    const { batchFirst = false, dropout = 0 } = this.options
    for (const x of [query, key, value]) {
      if (x.rank !== 3)
        throw new UserError({
          rule: `MultiHeadAttention: inputs are ${batchFirst ? '[B, L, E]' : '[L, B, E] (or batchFirst: true)'}.`,
          received: formatType(x),
        })
    }
    const exchanged = (x: Tensor) => (batchFirst ? x : transpose(x, [1, 0, 2]))
    const [q, k, v] = this.heads(exchanged(query), exchanged(key), exchanged(value), query === key && key === value)
    const [asking, asked] = [prepare(q, 'query'), prepare(k, 'key')]
    const decoding = causal && query === key ? currentDecoding() : undefined
    if (decoding && (masks.keyPaddingMask ?? masks.attentionMask)) {
      throw new UserError({
        rule: 'MultiHeadAttention: a text is made without masks other than causal: true and alibi: true.',
      })
    }
    if (decoding?.lengths) keepPrompt(asked, v, decoding)
    const { output, weights } =
      decoding && !decoding.lengths
        ? attendToKept(asking, asked, v, decoding, { slopes: falls ? alibiSlopes(this.numHeads) : undefined })
        : attend(asking, asked, v, { mask: this.maskOf(masks, asking, asked), causal, dropout })
    const [batch, , queries] = output.shape as [number, number, number, number]
    const inOrder = queries === 1 ? output : transpose(output, [0, 2, 1, 3])
    const joined = reshape(inOrder, [batch, queries, this.headDim * this.numHeads])
    return { output: exchanged(this.out_proj.forward(joined)), weights }
  }

  /** The projected queries, keys and values of batch-first inputs, [B, heads, time, headDim]. */
  private heads(query: Tensor, key: Tensor, value: Tensor, same: boolean): [Tensor, Tensor, Tensor] {
    const inner = this.headDim * this.keyValueHeads
    const sizes = [this.headDim * this.numHeads, inner, inner]
    const parts =
      same && this.in_proj_weight
        ? split(linear(query, this.in_proj_weight, this.in_proj_bias), sizes, 2)
        : this.projections(sizes).map(({ weight, bias }, i) => linear([query, key, value][i] as Tensor, weight, bias))
    return parts.map((part, i) => intoHeads(part, i === 0 ? this.numHeads : this.keyValueHeads)) as [
      Tensor,
      Tensor,
      Tensor,
    ]
  }

  private projections(sizes: readonly number[]): { weight: Tensor; bias: Tensor | undefined }[] {
    const weights = this.in_proj_weight
      ? split(this.in_proj_weight, sizes, 0)
      : [this.q_proj_weight, this.k_proj_weight, this.v_proj_weight]
    const biases = this.in_proj_bias ? split(this.in_proj_bias, sizes, 0) : []
    return weights.map((weight, i) => ({ weight: weight as Tensor, bias: biases[i] }))
  }

  /** @throws UserError where a mask is not of queries and keys */
  private requirePairs(mask: Tensor, batch: number, queries: number, keys: number): void {
    const forms = [[queries, keys], [batch * this.numHeads, queries, keys]].map(formatShape)
    if ((mask.dtype === 'bool' || mask.dtype === 'float32') && forms.includes(formatShape(mask.shape))) return
    throw new UserError({
      rule: 'MultiHeadAttention: attentionMask is bool (true: takes no part) or float32, [L, S] or ' +
        `[B * numHeads, L, S]; here ${forms.join(' or ')}.`,
      received: formatType(mask),
    })
  }

  /** All masks as one for `attend`. */
  private maskOf(masks: AttentionMasks, query: Tensor, key: Tensor): Tensor | undefined {
    const { keyPaddingMask, attentionMask, alibi: falls = false } = masks
    const [batch, , queries] = query.shape as [number, number, number, number]
    const keys = key.shape[2] as number
    if (keyPaddingMask) requirePadding('MultiHeadAttention', 'keyPaddingMask', keyPaddingMask, [batch, keys])
    if (attentionMask) this.requirePairs(attentionMask, batch, queries, keys)
    const pairs =
      attentionMask?.rank === 3
        ? reshape(attentionMask, [batch, this.numHeads, ...attentionMask.shape.slice(1)])
        : attentionMask
    const all = [
      pairs?.dtype === 'bool' ? logicalNot(pairs) : pairs,
      keyPaddingMask && reshape(logicalNot(keyPaddingMask), [batch, 1, 1, keys]),
      falls ? alibi(this.numHeads, queries, keys) : undefined,
    ].filter(mask => mask !== undefined)
    if (all.length < 2) return all[0]
    return all
      .map(mask => (mask.dtype === 'bool' ? where(mask, 0, -Infinity) : mask))
      .reduce((sum, mask) => add(sum, mask))
  }
}
