// The graph of one token that a program without this engine runs: it draws from what it is fed.
import { add, graph, input, type Graph } from '@ddlf/tensor'
import { checkOptions } from '@ddlf/tensor/errors'
import { DECODED_KINDS, Decoder, entryOf, type DecodedModel, type KeptEntry } from './decoder.ts'
import { samplingInputs, sampleTokens } from './sample.ts'

/** One graph that makes a token, for programs that only know ONNX. */
export interface TokenGraph {
  /**
   * Inputs: `token` and `positions` int32 [B], what the layers keep, `random` float32 [B], `inverseTemperature`,
   * `topP` (above 1: all) and `topK` int32, scalars; then the context, parameters and buffers. Outputs: the next
   * token, its position, what the layers keep, and the logits [B, V] that it was drawn from.
   */
  readonly graph: Graph
  /** What is handed from token to token: all start as 0; a layer's own first state is in the graph. */
  readonly state: readonly KeptEntry[]
}

/**
 * The graph that makes a token of each text, with random numbers, temperature, top-k and top-p fed to it: prompts are
 * read by it too, token by token. With `topK` 1 it takes the most likely token.
 * @throws UserError as `generationProgram`
 */
export function tokenGraph<M extends object>(options: DecodedModel<M>): TokenGraph {
  const decoder = new Decoder('tokenGraph', checkOptions('tokenGraph', options, DECODED_KINDS))
  const { token, positions } = decoder.stepInputs()
  const fresh = { ...samplingInputs(options.batch), topK: input('topK', { shape: [], dtype: 'int32' }) }
  const { logits, given, kept } = decoder.step(token, positions)
  const next = sampleTokens(logits, { nucleus: true }, fresh)
  const state = [token, positions, ...given]
  return {
    graph: graph(
      'token',
      [...state, ...Object.values(fresh), ...decoder.context],
      [next, add(positions, 1), ...kept, logits],
    ),
    state: state.map(entryOf),
  }
}
