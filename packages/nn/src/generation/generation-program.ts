// The graphs that make a text: one that reads prompts, and one that makes a token and is run again and again.
import { add, graph, type Graph, type StepProgram, type Tensor } from '@ddlf/tensor'
import { checkOptions } from '@ddlf/tensor/errors'
import { DECODED_KINDS, Decoder, entryOf, type DecodedModel, type KeptEntry } from './decoder.ts'
import {
  samplingInputs, samplingKinds, sampleTokens, type SamplingInputs, type SamplingOptions,
} from './sample.ts'

/** What a generation is made of. */
export interface GenerationOptions<M extends object> extends SamplingOptions, DecodedModel<M> {}

/** A model that makes texts. */
export interface GenerationProgram {
  /**
   * One token of each text. State: the last token int32 [B], how many tokens were read int32 [B], and what the layers
   * keep. Fresh: random numbers from 0 to 1, float32 [B], 1 / temperature and top-p, scalars. Captured: the context,
   * then the model's parameters and buffers. It reports the tokens that it makes, int32 [B].
   */
  readonly step: StepProgram
  readonly state: readonly KeptEntry[]
  /** The parameters and buffers that the step captures, in order. */
  readonly captured: readonly Tensor[]
  /**
   * Reads prompts. Inputs: tokens int32 [B, length], their true lengths int32 [B] (what is behind them may be
   * anything), random numbers, 1 / temperature, top-p, the context, and then parameters and buffers. Outputs: the state
   * of the step, whose token is the first one made.
   */
  prefill(length: number): Graph
}

const listed = ({ random, inverseTemperature, topP }: SamplingInputs) => [random, inverseTemperature, topP]

/**
 * Builds the graphs of a generation. What a token needs of earlier ones is kept in caches of a fixed size, so that
 * every token costs the same.
 * @throws UserError where a size is no whole number, or the logits are not [B, T, V]
 */
export function generationProgram<M extends object>(options: GenerationOptions<M>): GenerationProgram {
  const { greedy, topK, nucleus, ...decoded } = checkOptions('generationProgram', options, {
    ...samplingKinds, ...DECODED_KINDS,
  })
  const sampling: SamplingOptions = { ...(greedy !== undefined && { greedy }), topK, ...(nucleus && { nucleus }) }
  const decoder = new Decoder('generationProgram', decoded)
  const { token, positions } = decoder.stepInputs()
  const fresh = samplingInputs(decoded.batch)
  const { logits, given, kept } = decoder.step(token, positions)
  const next = sampleTokens(logits, sampling, fresh)
  const state = [token, positions, ...given]
  const inputs = [...state, ...listed(fresh), ...decoder.context]
  const closed = graph('token', inputs, [next, add(positions, 1), ...kept, next])
  const captured = closed.inputs.slice(inputs.length)

  return {
    step: {
      graph: closed, stateCount: state.length, capturedCount: decoder.context.length + captured.length,
    },
    state: state.map(entryOf),
    captured,
    prefill(length: number): Graph {
      const { tokens, lengths } = decoder.readInputs(length)
      const drawn = samplingInputs(decoded.batch)
      const { logits: last, kept: filled } = decoder.read(tokens, lengths)
      const first = sampleTokens(last, sampling, drawn)
      return graph('prefill', [tokens, lengths, ...listed(drawn), ...decoder.context], [first, lengths, ...filled])
    },
  }
}
