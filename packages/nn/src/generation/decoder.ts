// The passes of a model that makes texts token by token: whole prompts are read, then one more token of each.
import {
  expand, formatType, input, requireTensors, reshape, sub, takeAlongAxis, unsqueeze, zeros, type DType, type Shape,
  type Tensor,
} from '@ddlf/tensor'
import { checkArgument, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { withMode } from '../mode.ts'
import { labelState, modelKind } from '../module.ts'
import { withDecoding } from './decoding.ts'

/** A model that goes on with texts, several at once. */
export interface DecodedModel<M extends object> {
  readonly model: M
  /**
   * The logits of the next token at each position: int32 [B, T] to float32 [B, T, V]. The forward pass that trains.
   * `context` is what all tokens of a text read beside it: an encoder's output, say.
   */
  readonly logits: (model: M, tokens: Tensor, context: readonly Tensor[]) => Tensor
  /** Form of the context, the batch axis first; default none. */
  readonly context?: readonly { readonly shape: Shape; readonly dtype: DType }[]
  /** How many texts are made at once. */
  readonly batch: number
  /** The most tokens of a text, the prompt included, that the model sees at once: the size of its caches. */
  readonly capacity: number
}

/** What each part of it may be. */
export const DECODED_KINDS = {
  model: kinds.needed(modelKind),
  logits: kinds.needed(kinds.callable),
  context: kinds.listOf({
    is: 'a shape and a dtype',
    accepts: one => kinds.dictionary().accepts(one) && kinds.shape.accepts((one as { shape?: unknown }).shape),
  } satisfies Kind, 'forms'),
  batch: kinds.needed(kinds.whole(1)),
  capacity: kinds.needed(kinds.whole(1)),
}

/** One array that is handed from token to token. */
export interface KeptEntry {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
}

/** A leaf as an entry of the state. */
export const entryOf = ({ leaf, shape, dtype }: Tensor): KeptEntry => ({ name: leaf?.name ?? '', shape, dtype })

/** What a pass gives. */
export interface Decoded {
  /** Of the next token, [B, V]. */
  readonly logits: Tensor
  /** What the layers keep, and the axis of each that counts sequences. */
  readonly kept: Tensor[]
  readonly batchAxes: readonly number[]
}

/** The passes of a model that decodes, without what is made of its logits. */
export class Decoder<M extends object> {
  readonly context: readonly Tensor[]
  readonly #options: DecodedModel<M>

  constructor(
    readonly owner: string,
    options: DecodedModel<M>,
  ) {
    const { context = [], model } = options
    this.#options = options
    this.context = context.map((form, i) => input(`context${i}`, form))
    labelState(model)
  }

  /** The logits at each position of whole texts int32 [B, T], [B, T, V]: the pass that trains. */
  whole(tokens: Tensor): Tensor {
    const { model, logits: compute, batch } = this.#options
    const logits = withMode({ training: false }, () => compute(model, tokens, this.context)).output
    requireTensors(this.owner, logits)
    const time = tokens.shape[1] as number
    if (logits.rank === 3 && logits.shape[0] === batch && logits.shape[1] === time) return logits
    throw new UserError({
      rule: `${this.owner}: logits are [${batch}, ${time}, V].`,
      received: formatType(logits),
    })
  }

  /**
   * One more token of each text: logits [B, V] of the next one, and what the layers keep.
   * @param before what they kept until then; default inputs of the graph
   */
  step(token: Tensor, positions: Tensor, before?: readonly Tensor[]): Decoded & { given: Tensor[] } {
    const { batch, capacity } = this.#options
    const { output: logits, given, next: kept, batchAxes } = withDecoding({ capacity, positions, kept: before }, () => {
      const all = this.whole(unsqueeze(token, 1))
      return reshape(all, [batch, all.shape[2] as number])
    })
    return { logits, given, kept, batchAxes }
  }

  /** Whole prompts int32 [B, T] of given lengths: logits [B, V] behind their ends, and what the layers keep. */
  read(tokens: Tensor, lengths: Tensor): Decoded {
    const { batch, capacity } = this.#options
    const { output: logits, next: kept, batchAxes } = withDecoding(
      { capacity, positions: zeros([batch], 'int32'), lengths },
      () => {
        const all = this.whole(tokens)
        const words = all.shape[2] as number
        const last = expand(reshape(sub(lengths, 1), [batch, 1, 1]), [batch, 1, words])
        return reshape(takeAlongAxis(all, last, 1), [batch, words])
      },
    )
    return { logits, kept, batchAxes }
  }

  /** The inputs of a step. */
  stepInputs(): { token: Tensor; positions: Tensor } {
    const { batch } = this.#options
    return {
      token: input('token', { shape: [batch], dtype: 'int32' }),
      positions: input('positions', { shape: [batch], dtype: 'int32' }),
    }
  }

  /** The inputs of a reading. @throws UserError where the prompts are longer than the caches */
  readInputs(length: number): { tokens: Tensor; lengths: Tensor } {
    const { batch, capacity } = this.#options
    checkArgument('prefill', 'the length of prompts', length, kinds.whole(1, capacity))
    return {
      tokens: input('tokens', { shape: [batch, length], dtype: 'int32' }),
      lengths: input('lengths', { shape: [batch], dtype: 'int32' }),
    }
  }
}
