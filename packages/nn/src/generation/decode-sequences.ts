// Sequences decoded inside a graph: each goes on with its likeliest tokens, several continuations of it at once, for a
// fixed number of steps. For evaluations and exports, where `beamProgram` would answer token by token.
import {
  add, div, equal, expand, formatShape, full, gather, greater, logSoftmax, maximum, mul, pow, range, requireTensors,
  reshape, scan, slice, sub, takeAlongAxis, tensor, topK, UserError, where, zeros, type Tensor,
} from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { NO_ROW, splitPlaces } from './beam-program.ts'
import { withDecoding } from './decoding.ts'

/** What is decoded, and how. */
export interface DecodeOptions {
  /**
   * The logits of the next token at each place: int32 [batch * beams, T] to float32 [batch * beams, T, V]. The forward
   * pass that trains; the rows of one sequence stand one behind the other ({@link repeatRows}).
   */
  readonly logits: (tokens: Tensor) => Tensor
  /** Sequences. */
  readonly batch: number
  /** Tokens that are decoded of each. */
  readonly steps: number
  readonly startToken: number
  /** The token that ends a sequence, and fills up what is behind its end. */
  readonly endToken: number
  /** Continuations of each sequence that are followed; default 1, the likeliest token at every step. */
  readonly beams?: number
  /**
   * Continuations are compared by the logarithm of their probability, divided by their length (the end included) to
   * this power; default 1. 0 likes short ones.
   */
  readonly lengthPenalty?: number
}

const KINDS = {
  logits: kinds.needed(kinds.callable),
  batch: kinds.needed(kinds.whole(1)),
  steps: kinds.needed(kinds.whole(1)),
  startToken: kinds.needed(kinds.whole(0)),
  endToken: kinds.needed(kinds.whole(0)),
  beams: kinds.whole(1, 1000),
  lengthPenalty: kinds.finite,
}

/** Every row of [B, ...] as often as there are beams, one behind the other: [B * beams, ...]. */
export function repeatRows(x: Tensor, beams: number): Tensor {
  requireTensors('repeatRows', x)
  if (!Number.isInteger(beams) || beams < 1 || x.shape.length === 0)
    throw new UserError({
      rule: 'repeatRows repeats the rows of a tensor a whole number of times, at least once.',
      received: `${formatShape(x.shape)}, ${String(beams)} times`,
      next: 'Give a tensor [B, ...] and how many beams a row has.',
    })
  if (beams === 1) return x
  const [batch, ...rest] = x.shape as [number, ...number[]]
  return reshape(expand(reshape(x, [batch, 1, ...rest]), [batch, beams, ...rest]), [batch * beams, ...rest])
}

/** Continuations of all sequences, [batch, beams] each. */
interface Beam {
  /** Logarithms of probabilities. */
  readonly sums: Tensor
  /** 1 where it has ended, else 0. */
  readonly ended: Tensor
  /** Tokens, the end included. */
  readonly lengths: Tensor
}

/** The best continuations by one more token, and the rows that they go on from, int32 [batch * beams]. */
function best(logits: Tensor, { sums, ended, lengths }: Beam, endToken: number, lengthPenalty: number) {
  const [batch, beams] = sums.shape as [number, number]
  const words = logits.shape.at(-1) as number
  const each = (x: Tensor) => reshape(x, [batch, beams, 1])
  const flat = (x: Tensor) => reshape(x, [batch, beams * words])
  // What has ended stays as it is: its one continuation is the end once more, at no cost.
  const stays = where(equal(range(words), endToken), 0, NO_ROW)
  const next = where(greater(each(ended), 0), stays, reshape(logSoftmax(logits), [batch, beams, words]))
  const all = add(each(sums), next)
  const long = add(lengths, sub(1, ended))
  const scores = lengthPenalty === 0 ? all : div(all, each(pow(long, lengthPenalty)))
  const { indices } = topK(flat(scores), beams)
  const { token, beam } = splitPlaces(indices, words)
  const of = (x: Tensor) => (beams === 1 ? x : takeAlongAxis(x, beam, 1))
  const offsets = mul(reshape(range(batch), [batch, 1]), beams)
  return {
    token: reshape(token, [batch * beams]),
    rows: reshape(add(beam, offsets), [batch * beams]),
    beam: {
      sums: takeAlongAxis(flat(all), indices, 1),
      ended: maximum(of(ended), where(equal(token, endToken), 1, 0)),
      lengths: of(long),
    },
  }
}

/**
 * The likeliest sequence of each that is found, int32 [batch, steps]: greedily, or by following several continuations.
 * What has ended stays among those that are followed and is compared with them. Source: Graves 2012; Sutskever, Vinyals
 * and Le 2014.
 */
export function decodeSequences(options: DecodeOptions): Tensor {
  const {
    logits, batch, steps, startToken, endToken, beams = 1, lengthPenalty = 1,
  } = checkOptions('decodeSequences', options, KINDS)
  const [rows, capacity] = [batch * beams, steps + 1]
  const lastOf = (all: Tensor) => reshape(all, [rows, all.shape.at(-1) as number])
  const start = full([rows, 1], startToken, 'int32')
  const first = withDecoding(
    { capacity, positions: zeros([rows], 'int32'), lengths: full([rows], 1, 'int32') },
    () => lastOf(logits(start)),
  )
  const follow = (kept: readonly Tensor[], from: Tensor, axes: readonly number[]) =>
    beams === 1 ? [...kept] : kept.map((value, i) => gather(value, from, axes[i] as number))
  const written = (before: Tensor, from: Tensor, token: Tensor, at: Tensor | number) =>
    where(equal(range(steps), at), reshape(token, [rows, 1]), beams === 1 ? before : gather(before, from, 0))

  // A sequence begins with one row.
  const only = tensor(Float32Array.from({ length: beams }, (_, i) => (i === 0 ? 0 : NO_ROW)))
  const nothing = zeros([batch, beams])
  const begun = best(first.output, { sums: add(nothing, only), ended: nothing, lengths: nothing }, endToken,
    lengthPenalty)
  const blank = full([rows, steps], endToken, 'int32')
  const texts = written(blank, begun.rows, begun.token, 0)
  const { sums, ended, lengths } = begun.beam
  const firstRow = (all: Tensor) =>
    reshape(slice(reshape(all, [batch, beams, steps]), { axis: 1, end: 1 }), [batch, steps])
  if (steps === 1) return firstRow(texts)
  const { carry } = scan(
    ([token, positions, history, nowSums, nowEnded, nowLengths, ...kept], [at]) => {
      const read = withDecoding({ capacity, positions, kept }, () => lastOf(logits(reshape(token, [rows, 1]))))
      const now = { sums: nowSums, ended: nowEnded, lengths: nowLengths }
      const found = best(read.output, now, endToken, lengthPenalty)
      return {
        carry: [
          found.token, add(positions, 1), written(history, found.rows, found.token, at),
          found.beam.sums, found.beam.ended, found.beam.lengths, ...follow(read.next, found.rows, read.batchAxes),
        ],
      }
    },
    [
      begun.token, full([rows], 1, 'int32'), texts, sums, ended, lengths,
      ...follow(first.next, begun.rows, first.batchAxes),
    ] as readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, ...Tensor[]],
    [add(range(steps - 1), 1)],
  )
  return firstRow(carry[2])
}
