// The graphs that make a text: one that reads prompts, and one that makes a token and is run again and again.
import {
  add, expand, formatType, graph, input, requireTensors, reshape, sub, takeAlongAxis, unsqueeze, zeros, type DType,
  type Graph, type Shape, type StepProgram, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { withMode } from '../mode.ts'
import { labelState, modelKind } from '../module.ts'
import { withDecoding } from './decoding.ts'
import { samplingKinds, sampleTokens, type SamplingInputs, type SamplingOptions } from './sample.ts'

/** What a generation is made of. */
export interface GenerationOptions<M extends object> extends SamplingOptions {
  readonly model: M
  /** The logits of the next token at each position: int32 [B, T] to float32 [B, T, V]. The forward pass that trains. */
  readonly logits: (model: M, tokens: Tensor) => Tensor
  /** How many texts are made at once. */
  readonly batch: number
  /** The most tokens of a text, the prompt included, that the model sees at once: the size of its caches. */
  readonly capacity: number
}

/** One array that is handed from token to token. */
export interface KeptEntry {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
}

/** A model that makes texts. */
export interface GenerationProgram {
  /**
   * One token of each text. State: the last token int32 [B], how many tokens were read int32 [B], and what the layers
   * keep. Fresh: a random key int32 [2], 1 / temperature and top-p, scalars. Captured: the model's parameters and
   * buffers. It reports the tokens that it makes, int32 [B].
   */
  readonly step: StepProgram
  readonly state: readonly KeptEntry[]
  /** The parameters and buffers that the step captures, in order. */
  readonly captured: readonly Tensor[]
  /**
   * Reads prompts. Inputs: tokens int32 [B, length], their true lengths int32 [B] (what is behind them may be
   * anything), a random key, 1 / temperature, top-p, and then parameters and buffers. Outputs: the state of the step,
   * whose token is the first one made.
   */
  prefill(length: number): Graph
}

const KINDS = {
  ...samplingKinds,
  model: kinds.needed(modelKind),
  logits: kinds.needed(kinds.callable),
  batch: kinds.needed(kinds.whole(1)),
  capacity: kinds.needed(kinds.whole(1)),
}

const samplingInputs = (): SamplingInputs => ({
  randomKey: input('randomKey', { shape: [2], dtype: 'int32' }),
  inverseTemperature: input('inverseTemperature', { shape: [], dtype: 'float32' }),
  topP: input('topP', { shape: [], dtype: 'float32' }),
})

const listed = ({ randomKey, inverseTemperature, topP }: SamplingInputs) => [randomKey, inverseTemperature, topP]

/**
 * Builds the graphs of a generation. What a token needs of earlier ones is kept in caches of a fixed size, so that
 * every token costs the same.
 * @throws UserError where a size is no whole number, or the logits are not [B, T, V]
 */
export function generationProgram<M extends object>(options: GenerationOptions<M>): GenerationProgram {
  const { model, logits: compute, batch, capacity, ...sampling } = checkOptions('generationProgram', options, KINDS)
  labelState(model)
  const logitsOf = (tokens: Tensor): Tensor => {
    const logits = withMode({ training: false }, () => compute(model, tokens)).output
    requireTensors('generationProgram', logits)
    const time = tokens.shape[1] as number
    if (logits.rank === 3 && logits.shape[0] === batch && logits.shape[1] === time) return logits
    throw new UserError({
      rule: `generationProgram: logits are [${batch}, ${time}, V].`,
      received: formatType(logits),
    })
  }

  const token = input('token', { shape: [batch], dtype: 'int32' })
  const positions = input('positions', { shape: [batch], dtype: 'int32' })
  const fresh = samplingInputs()
  const { output: next, given, next: kept } = withDecoding({ capacity, positions }, () => {
    const logits = logitsOf(unsqueeze(token, 1))
    return sampleTokens(reshape(logits, [batch, logits.shape[2] as number]), sampling, fresh)
  })
  const state = [token, positions, ...given]
  const closed = graph('token', [...state, ...listed(fresh)], [next, add(positions, 1), ...kept, next])
  const captured = closed.inputs.slice(state.length + 3)

  return {
    step: { graph: closed, stateCount: state.length, capturedCount: captured.length },
    state: state.map(({ leaf, shape, dtype }) => ({ name: leaf?.name ?? '', shape, dtype })),
    captured,
    prefill(length: number): Graph {
      checkArgument('prefill', 'the length of prompts', length, kinds.whole(1, capacity))
      const tokens = input('tokens', { shape: [batch, length], dtype: 'int32' })
      const lengths = input('lengths', { shape: [batch], dtype: 'int32' })
      const inputs = samplingInputs()
      const { output: first, next: filled } = withDecoding(
        { capacity, positions: zeros([batch], 'int32'), lengths },
        () => {
          const logits = logitsOf(tokens)
          const words = logits.shape[2] as number
          const last = expand(reshape(sub(lengths, 1), [batch, 1, 1]), [batch, 1, words])
          return sampleTokens(reshape(takeAlongAxis(logits, last, 1), [batch, words]), sampling, inputs)
        },
      )
      return graph('prefill', [tokens, lengths, ...listed(inputs)], [first, lengths, ...filled])
    },
  }
}
