// The attentions of recurrent translators: one query, the state of the decoder, looks at all states of the encoder.
import {
  add, cast, concat, expand, formatType, logicalNot, matmul, mul, requireTensors, reshape, softmax, squeeze, sum, tanh,
  unsqueeze,
  where, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { newParameter, uniform } from '../init.ts'
import { Linear } from './linear.ts'
import { requirePadding } from './scaled-dot-product-attention.ts'

/** What a query has looked at. */
export interface Attended {
  /** The weighted mean of the values, [B, K]. */
  readonly context: Tensor
  /** [B, T], adding up to 1; 0, as the context is, where all keys are padding. */
  readonly weights: Tensor
}

/** Weights of scores [B, T]. @param kept bool [B, T]: what is not gets none, also where nothing else is there */
const keptWeights = (scores: Tensor, kept: Tensor): Tensor =>
  mul(softmax(where(kept, scores, -1e30)), cast(kept, 'float32'))

/** Weights and context from scores [B, T]; padding (bool [B, T], true: left out) gets no weight. */
function look(scores: Tensor, values: Tensor, padding: Tensor | undefined): Attended {
  const weights = padding ? keptWeights(scores, logicalNot(padding)) : softmax(scores)
  return { context: squeeze(matmul(unsqueeze(weights, 1), values), 1), weights }
}

function checkInputs(owner: string, query: Tensor, keys: Tensor, padding: Tensor | undefined): void {
  requireTensors(owner, query, keys)
  if (query.rank !== 2 || keys.rank !== 3 || query.shape[0] !== keys.shape[0]) {
    throw new UserError({
      rule: `${owner}: a query is [B, Q] and its keys are [B, T, K].`,
      received: `${formatType(query)} and ${formatType(keys)}`,
    })
  }
  if (padding) requirePadding(owner, 'padding', padding, keys.shape.slice(0, 2))
}

/**
 * Additive attention: scores v . tanh(W query + U key). Source: Bahdanau, Cho and Bengio, "Neural machine translation
 * by jointly learning to align and translate", 2015, appendix A.1.2.
 */
export class BahdanauAttention {
  readonly query: Linear
  readonly key: Linear
  readonly score: Linear

  constructor(
    querySize: number,
    keySize: number,
    readonly hiddenSize: number,
  ) {
    this.query = new Linear(querySize, hiddenSize, { bias: false })
    this.key = new Linear(keySize, hiddenSize, { bias: false })
    this.score = new Linear(hiddenSize, 1, { bias: false })
  }

  /**
   * @param query [B, querySize]
   * @param keys [B, T, keySize], which are also what is averaged
   * @param padding bool [B, T]: true where a key is padding
   */
  forward(query: Tensor, keys: Tensor, padding?: Tensor): Attended {
    checkInputs('BahdanauAttention', query, keys, padding)
    const hidden = tanh(add(unsqueeze(this.query.forward(query), 1), this.key.forward(keys)))
    return look(squeeze(this.score.forward(hidden), 2), keys, padding)
  }
}

/**
 * Multiplicative attention: scores query . key ('dot'), query . W key ('general'), or v . tanh(W [query; key])
 * ('concat'). Source: Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation",
 * 2015, section 3.1.
 */
export class LuongAttention {
  readonly score: 'dot' | 'general' | 'concat'
  readonly weight: Linear | undefined
  readonly v: Tensor | undefined

  /** @param options `score` default 'general'; `hiddenSize` is that of 'concat', default the query's */
  constructor(
    readonly querySize: number,
    readonly keySize: number = querySize,
    options: { readonly score?: 'dot' | 'general' | 'concat'; readonly hiddenSize?: number } = {},
  ) {
    const { score = 'general', hiddenSize = querySize } = checkOptions('LuongAttention', options, {
      score: kinds.oneOf('dot', 'general', 'concat'), hiddenSize: kinds.whole(1),
    })
    checkArgument('LuongAttention', 'querySize', querySize, kinds.whole(1))
    checkArgument('LuongAttention', 'keySize', keySize, kinds.whole(1))
    if (score === 'dot' && querySize !== keySize) {
      throw new UserError({
        rule: "LuongAttention: 'dot' needs queries and keys of one size.",
        received: `${querySize} and ${keySize}`,
        next: "Use 'general'.",
      })
    }
    const limit = 1 / Math.sqrt(hiddenSize)
    this.score = score
    this.weight =
      score === 'dot'
        ? undefined
        : score === 'general'
          ? new Linear(keySize, querySize, { bias: false })
          : new Linear(querySize + keySize, hiddenSize, { bias: false })
    this.v = score === 'concat' ? newParameter([hiddenSize], uniform(-limit, limit)) : undefined
  }

  /**
   * @param query [B, querySize]
   * @param keys [B, T, keySize], which are also what is averaged
   * @param padding bool [B, T]: true where a key is padding
   */
  forward(query: Tensor, keys: Tensor, padding?: Tensor): Attended {
    checkInputs('LuongAttention', query, keys, padding)
    return look(this.scores(query, keys), keys, padding)
  }

  private scores(query: Tensor, keys: Tensor): Tensor {
    const [batch, time] = keys.shape as [number, number]
    if (this.score !== 'concat') {
      // W key . query is key . W^T query: one small product instead of one for each key.
      const turned = this.weight ? matmul(query, this.weight.weight) : query
      return reshape(matmul(keys, unsqueeze(turned, 2)), [batch, time])
    }
    const repeated = expand(unsqueeze(query, 1), [batch, time, this.querySize])
    const hidden = tanh((this.weight as Linear).forward(concat([repeated, keys], 2)))
    return sum(mul(hidden, this.v as Tensor), { axes: 2 })
  }
}
