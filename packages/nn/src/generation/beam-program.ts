// The graphs of a beam search: of every text several continuations are kept, those that are likeliest as a whole.
import {
  add, cast, div, equal, gather, graph, input, logSoftmax, mod, mul, range, reshape, sub, topK, where, type Graph,
  type StepProgram, type Tensor,
} from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { DECODED_KINDS, Decoder, entryOf, type Decoded, type DecodedModel, type KeptEntry } from './decoder.ts'

/** What a beam search is made of; `batch` counts texts, of which each has `beams` rows, one after the other. */
export interface BeamOptions<M extends object> extends DecodedModel<M> {
  readonly beams: number
  /** The token that ends a text. */
  readonly endToken: number
}

/** The graphs of a beam search over `batch * beams` rows. */
export interface BeamProgram {
  /**
   * One token. State: the last token int32 [N], how many were read int32 [N], the sum of logarithms of each row's
   * probabilities float32 [B, beams], and what the layers keep. Captured: the context, then parameters and buffers.
   * It reports the 2 * beams best continuations of each text, the best first (sums float32 [B, 2 * beams], tokens and
   * the beams that they go on from, int32), and for the rows that go on their tokens and beams, int32 [B, beams].
   */
  readonly step: StepProgram
  readonly state: readonly KeptEntry[]
  readonly captured: readonly Tensor[]
  /**
   * Reads prompts. Inputs: tokens int32 [N, length], lengths int32 [N], sums as of the state (of each text's rows but
   * the first a very small number), the context, parameters and buffers. Outputs: the state, then what a step reports.
   */
  prefill(length: number): Graph
}

/** What a choice among continuations leads to. */
interface Chosen {
  readonly token: Tensor
  readonly sums: Tensor
  /** Which row each row goes on from, int32 [N]. */
  readonly rows: Tensor
  readonly reported: readonly Tensor[]
}

/** The sum of a row that is not there: a text begins with one row. */
export const NO_ROW = -1e30

/**
 * Tokens and beams of places in a list of `words` numbers for each beam, int32. A half is added before the cut to
 * whole numbers: beyond 2^24 a quotient of float32 may lie below the true one.
 */
export function splitPlaces(places: Tensor, words: number): { token: Tensor; beam: Tensor } {
  const token = mod(places, words)
  return { token, beam: cast(add(div(cast(sub(places, token), 'float32'), words), 0.5), 'int32') }
}

/** The best continuations of each text, and those of them that go on. */
function choose(logits: Tensor, sums: Tensor, beams: number, endToken: number): Chosen {
  const [rows, words] = logits.shape as [number, number]
  const batch = rows / beams
  const all = add(reshape(logSoftmax(logits), [batch, beams, words]), reshape(sums, [batch, beams, 1]))
  const flat = reshape(all, [batch, beams * words])
  const best = topK(flat, 2 * beams)
  const found = splitPlaces(best.indices, words)
  const goesOn = reshape(where(equal(range(words), endToken), NO_ROW, all), [batch, beams * words])
  const next = topK(goesOn, beams)
  const taken = splitPlaces(next.indices, words)
  const offsets = mul(reshape(range(batch), [batch, 1]), beams)
  return {
    token: reshape(taken.token, [rows]),
    sums: next.values,
    rows: reshape(add(taken.beam, offsets), [rows]),
    reported: [best.values, found.token, found.beam, taken.token, taken.beam],
  }
}

/** What the layers keep of the rows that are gone on from. */
const followed = ({ kept, batchAxes }: Decoded, { rows }: Chosen): Tensor[] =>
  kept.map((value, i) => gather(value, rows, batchAxes[i] as number))

/**
 * Builds the graphs of a beam search. Rows of a text that goes on from another row take over what the layers keep of
 * that row.
 * @throws UserError as `generationProgram`
 */
export function beamProgram<M extends object>(options: BeamOptions<M>): BeamProgram {
  const { beams, endToken, batch, ...decoded } = checkOptions('beamProgram', options, {
    ...DECODED_KINDS, beams: kinds.needed(kinds.whole(1)), endToken: kinds.needed(kinds.whole(0)),
  })
  const decoder = new Decoder('beamProgram', { ...decoded, batch: batch * beams })
  const sums = input('sums', { shape: [batch, beams], dtype: 'float32' })
  const { token, positions } = decoder.stepInputs()
  const { given, ...read } = decoder.step(token, positions)
  const chosen = choose(read.logits, sums, beams, endToken)
  const state = [token, positions, sums, ...given]
  const inputs = [...state, ...decoder.context]
  const closed = graph(
    'beam', inputs, [chosen.token, add(positions, 1), chosen.sums, ...followed(read, chosen), ...chosen.reported],
  )
  const captured = closed.inputs.slice(inputs.length)
  return {
    step: { graph: closed, stateCount: state.length, capturedCount: decoder.context.length + captured.length },
    state: state.map(entryOf),
    captured,
    prefill(length: number): Graph {
      const { tokens, lengths } = decoder.readInputs(length)
      const first = input('sums', { shape: [batch, beams], dtype: 'float32' })
      const begun = decoder.read(tokens, lengths)
      const best = choose(begun.logits, first, beams, endToken)
      return graph(
        'beamPrefill',
        [tokens, lengths, first, ...decoder.context],
        [best.token, lengths, best.sums, ...followed(begun, best), ...best.reported],
      )
    },
  }
}
