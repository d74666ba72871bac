// The task of turning one sequence into another: each token of the target is learned from the source and the right
// tokens before it; judged is what the model makes of the source alone.
import {
  argmax, cast, concat, div, equal, full, greater, logicalAnd, logicalNot, slice, stack, sum, where, zeros, type Tensor,
} from '@ddlf/tensor'
import { checkOptions } from '@ddlf/tensor/errors'
import { crossEntropy, decodeSequences, repeatRows, type Module } from '@ddlf/nn'
import { PAIR_TOKENS } from '../../data-source/pairs.ts'
import type { TokenWriting } from '@ddlf/data'
import {
  total, type Answer, type AskedOutputs, type BatchTensors, type Metrics, type Sums, type Task,
} from '../task.ts'
import type { BleuTokenizer } from '../../analysis/text/bleu.ts'
import { judgePairs, writtenText } from './judge-pairs.ts'
import { pairFigures } from './pair-figures.ts'
import { BY_POSITION, metricsOfPairs, POSITIONS, type JudgedBy } from './pair-metrics.ts'
import { waysOfWriting, type PairTaskSettings, type WayOfWriting } from './pair-settings.ts'

/** A model that reads a sequence and writes another. Its forward pass writes greedily. */
export interface PairModel extends Module {
  /**
   * What a decoder may look at: of sources int32 [B, S], which are filled up with 0, any number of tensors, the first
   * axis B.
   */
  encode(source: Tensor): readonly Tensor[]
  /**
   * The logits of the next token at each place [B, T, V], from the tokens before it, int32 [B, T], and what `encode`
   * gives; and where the model attends, the weights of that, [B, T, S].
   */
  decode(tokens: Tensor, memory: readonly Tensor[]): { readonly logits: Tensor; readonly weights?: Tensor }
}

// #region shift
/** What a decoder reads where it is to write `target`, int32 [B, T]: the start, then all tokens but the last. */
export function shifted(target: Tensor): Tensor {
  const [batch, time] = target.shape as [number, number]
  const start = full([batch, 1], PAIR_TOKENS.start, 'int32')
  return time === 1 ? start : concat([start, slice(target, { axis: 1, end: -1 })], 1)
}
// #endregion

/**
 * Which places of a target count. `written`: those that hold a token. `read`: those before which one stands, so that
 * what fills up behind an end counts once, too, and the sum of losses is divided by all places, filled up or not, as in
 * Keras where the vectors of tokens hand on a mask.
 */
export type CountedPlaces = 'written' | 'read'

/** bool [B, T] */
const countedOf = (target: Tensor, counted: CountedPlaces): Tensor =>
  greater(counted === 'read' ? shifted(target) : target, PAIR_TOKENS.padding)

/** The losses of the places that count, added up, or the mean that is learned from. */
function lossOf(
  logits: Tensor, target: Tensor, counted: CountedPlaces, reduction: 'sum' | 'mean', labelSmoothing = 0,
): Tensor {
  if (counted === 'written')
    return crossEntropy(logits, target, { ignoreIndex: PAIR_TOKENS.padding, labelSmoothing, reduction })
  const losses = crossEntropy(logits, target, { ignoreIndex: null, labelSmoothing, reduction: 'none' })
  const all = sum(where(countedOf(target, counted), losses, 0))
  return reduction === 'sum' ? all : div(all, target.size)
}

/** The logits of a model that is shown the right tokens before each. */
const forced = (model: PairModel, source: Tensor, target: Tensor): Tensor =>
  model.decode(shifted(target), model.encode(source)).logits

/** Tokens that a model writes of sources, int32 [B, steps]. */
export function writePairs(
  model: PairModel, source: Tensor, steps: number,
  { beams, lengthPenalty }: Pick<WayOfWriting, 'beams' | 'lengthPenalty'>,
): Tensor {
  const memory = model.encode(source).map(one => repeatRows(one, beams))
  return decodeSequences({
    logits: tokens => model.decode(tokens, memory).logits,
    batch: source.shape[0] as number,
    steps,
    startToken: PAIR_TOKENS.start,
    endToken: PAIR_TOKENS.end,
    beams,
    lengthPenalty,
  })
}

/** Places [B, T] as sums over the batch of the first so many places. */
function byPosition(places: Tensor, length: number): Tensor {
  const sums = sum(cast(places, 'float32'), { axes: 0 })
  const time = sums.size
  if (time >= length) return slice(sums, { axis: 0, end: length })
  return concat([sums, zeros([length - time])], 0)
}

/** Tokens as they are compared with a target of some length. */
function asLongAs(tokens: Tensor, time: number): Tensor {
  const [batch, steps] = tokens.shape as [number, number]
  return steps >= time
    ? slice(tokens, { axis: 1, end: time })
    : concat([tokens, full([batch, time - steps], PAIR_TOKENS.end, 'int32')], 1)
}

/** How a model writes where it is asked about something, or exported. */
const outputsOf = (model: PairModel, source: Tensor, settings: PairTaskSettings) => {
  const [way] = waysOfWriting(settings)
  return { tokens: writePairs(model, source, settings.longest, way as WayOfWriting) }
}

function computeEvaluation(
  model: PairModel, { source, target }: BatchTensors, settings: PairTaskSettings, counted: CountedPlaces,
) {
  const [read, right] = [source as Tensor, target as Tensor]
  const logits = forced(model, read, right)
  const ways = waysOfWriting(settings).map(way => writePairs(model, read, settings.longest, way))
  const counts = countedOf(right, counted)
  const wrong = (tokens: Tensor, beside: Tensor) => logicalAnd(counts, logicalNot(equal(tokens, beside)))
  const length = Math.min(settings.longest, POSITIONS)
  const free = asLongAs(ways[0] as Tensor, right.shape[1] as number)
  // What is written is filled up with ends.
  const ended = where(greater(right, PAIR_TOKENS.padding), right, PAIR_TOKENS.end)
  return {
    sums: {
      loss: lossOf(logits, right, counted, 'sum'),
      tokens: sum(cast(counts, 'float32')),
      ...(counted === 'read' && { all: full([], right.size) }),
      [BY_POSITION.count]: byPosition(counts, length),
      [BY_POSITION.forced]: byPosition(wrong(argmax(logits), right), length),
      [BY_POSITION.free]: byPosition(wrong(free, ended), length),
    },
    // One entry an example: [B, ways, steps].
    outputs: { written: cast(stack(ways, 1), 'float32') },
  }
}

/** Places that so few sequences have say little. */
const LEAST = 20

/** Shares of wrong tokens by their place in the target, counted from 1. */
function byPlace(sums: Sums, name: string, metric: string): Metrics {
  const counts = sums[BY_POSITION.count] ?? []
  const told = Array.from(counts, (count, i) => [`${metric}/${i + 1}`, (sums[name]?.[i] ?? 0) / count] as const)
  return Object.fromEntries(told.filter((_, i) => (counts[i] ?? 0) >= LEAST))
}

/** From sums over all examples to what needs no text. */
function metricsOf(sums: Sums, _: number, { byLength }: PairTaskSettings): Metrics {
  const ofTokens = total(sums, 'loss') / total(sums, 'tokens')
  const share = (name: string) => {
    const wrong = sums[name]?.reduce((all, value) => all + value, 0) ?? Number.NaN
    return wrong / (sums[BY_POSITION.count]?.reduce((all, value) => all + value, 0) ?? Number.NaN)
  }
  return {
    loss: sums['all'] ? total(sums, 'loss') / total(sums, 'all') : ofTokens,
    perplexity: Math.exp(ofTokens),
    forcedError: share(BY_POSITION.forced),
    ...(byLength > 0 && { ...byPlace(sums, BY_POSITION.forced, 'forced'), ...byPlace(sums, BY_POSITION.free, 'free') }),
  }
}

/** What a model writes of each source. */
function writtenAnswers({ tokens }: AskedOutputs, _: readonly string[], writing?: TokenWriting): Answer[] {
  if (!tokens || !writing) throw new Error('the answers of pairs are tokens, which their data say how to write')
  const [count = 0, steps = 0] = tokens.shape
  return Array.from({ length: count }, (_row, i) => {
    const written = Float32Array.from(tokens.data.subarray(i * steps, (i + 1) * steps))
    return { kind: 'text', text: writtenText(writing, written) }
  })
}

/** How {@link pairs} judges. */
export interface PairTaskOptions {
  readonly judgedBy?: JudgedBy
  readonly tokenize?: BleuTokenizer
  readonly chosenBy?: 'loss'
  readonly counted?: CountedPlaces
}

/**
 * Turning sequences into others, over the columns `source` and `target` of `pairSource`: cross-entropy of each target
 * token given the right ones before it.
 * @param options.judgedBy `exact`: the share of sequences that are not exactly one of those that count as right;
 * `bleu`: the overlap of words with a translation; `edits`: the edits to the nearest that counts as right, over its
 * tokens (texts of any kind; BLEU is told where they are long enough); default `exact`
 * @param options.tokenize how BLEU cuts texts into words; default '13a', and 'none' where they are cut already
 * @param options.chosenBy what the best checkpoint is chosen by: what it is judged by (default), or the loss
 * @param options.counted which places of a target count in loss and wrong tokens: those that are `written` (default),
 * or those before which a token was `read`, with the loss divided by all places ({@link CountedPlaces})
 */
export function pairs(options: PairTaskOptions = {}): Task<PairTaskSettings, PairModel> {
  const { judgedBy = 'exact', tokenize = '13a', chosenBy, counted = 'written' } =
    checkOptions('pairs', options, ['judgedBy', 'tokenize', 'chosenBy', 'counted'])
  const { metrics, monitor } = metricsOfPairs(judgedBy, chosenBy ?? 'decides')
  return {
    name: 'pairs of sequences',
    phases: () => [
      {
        name: 'next token',
        columns: ['source', 'target'],
        loss: (model, { source, target }, { labelSmoothing }) => {
          const [read, right] = [source as Tensor, target as Tensor]
          return { loss: lossOf(forced(model, read, right), right, counted, 'mean', labelSmoothing), metrics: {} }
        },
      },
    ],
    inputs: ['source'],
    outputs: (model, { source }, settings) => outputsOf(model, source as Tensor, settings),
    evaluate: {
      columns: ['source', 'target'],
      compute: (model, batch, settings) => computeEvaluation(model, batch, settings, counted),
      metrics: metricsOf,
      keep: ['written'],
      judge: (outputs, dataset, settings) => judgePairs(outputs, dataset, settings, judgedBy, tokenize),
      between: { beams: [1], penalties: [], byLength: 0 },
    },
    metrics,
    monitor,
    views: { figures: pairFigures, answers: writtenAnswers },
  }
}
