// Whether a model says the same of a text that is read token by token as of the whole text.
import { add, concat, graph, input, reshape, slice, tensor, unsqueeze, type Graph, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'
import { DECODED_KINDS, Decoder, type DecodedModel } from './decoder.ts'

/** The graphs that compare the passes of a model. All read tokens int32 [B, length] and the context. */
export interface DecodingCheck {
  readonly length: number
  /** How many tokens there are, V. */
  readonly words: number
  /**
   * Outputs: the logits at the last positions, the prompt's last one among them, of the whole text and token by token,
   * float32 [B, n, V] each. They differ where a layer needs earlier tokens and keeps nothing of them.
   */
  readonly steps: Graph
  /**
   * Outputs: the logits behind a prompt that ends before the last tokens, [B, V], of the prompt alone and with those
   * tokens behind it. They differ where what comes later changes what is said of earlier tokens.
   */
  readonly causal: Graph
}

/** Tokens behind the prompt, read one by one. */
const SINGLE = 2

/**
 * Builds the graphs that show whether a model makes texts token by token as it reads them. Only layers that know of
 * `currentDecoding` keep what they need: a model that looks at earlier tokens by other means does not.
 * @param length of the texts, at least 3 and at most the capacity
 * @throws UserError as `generationProgram`
 */
export function decodingCheck<M extends object>(options: DecodedModel<M>, length: number): DecodingCheck {
  const decoder = new Decoder('decodingCheck', checkOptions('decodingCheck', options, DECODED_KINDS))
  checkArgument('decodingCheck', 'the length', length, kinds.whole(SINGLE + 1, options.capacity))
  const { batch } = options
  const tokens = input('tokens', { shape: [batch, length], dtype: 'int32' })
  const prompt = length - SINGLE
  const counts = tensor(new Int32Array(batch).fill(prompt))
  const at = (i: number): Tensor => reshape(slice(tokens, { axis: 1, start: i, end: i + 1 }), [batch])
  const inputs = [tokens, ...decoder.context]

  const whole = decoder.whole(tokens)
  const read = decoder.read(slice(tokens, { axis: 1, end: prompt }), counts)
  const said = [read.logits]
  let { kept } = read
  for (let i = 0; i < SINGLE; i++) {
    const step = decoder.step(at(prompt + i), add(counts, i), kept)
    said.push(step.logits)
    ;({ kept } = step)
  }
  const oneByOne = concat(said.map(logits => unsqueeze(logits, 1)), 1)
  const alone = decoder.whole(slice(tokens, { axis: 1, end: prompt }))
  const words = whole.shape[2] as number
  const behind = reshape(slice(alone, { axis: 1, start: prompt - 1 }), [batch, words])
  return {
    length,
    words,
    steps: graph('decodingSteps', inputs, [slice(whole, { axis: 1, start: prompt - 1 }), oneByOne]),
    causal: graph('decodingCausal', inputs, [behind, decoder.read(tokens, counts).logits]),
  }
}
