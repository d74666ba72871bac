// The look-up tables of vectors: one vector for each index, or one for each bag of indices.
import {
  cast, detach, div, embedding, equal, formatType, gather, greaterEqual, less, logicalAnd, logicalNot, matmul, max,
  maximum, mul, range, requireTensors, reshape, sum, tensor, tensorKind, unsqueeze, where, zeros, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { initializerKind, newParameter, normal, valuesOf, type Initializer } from '../init.ts'

/** Settings of a table of vectors. */
export interface EmbeddingOptions {
  /** Default PyTorch's, normal with mean 0 and standard deviation 1. */
  readonly init?: Initializer
  /**
   * An index whose vector starts at 0 and is not trained, negative ones counted from the end; default none. PyTorch:
   * `padding_idx`.
   */
  readonly paddingIndex?: number
}

const TABLE_KINDS = { init: initializerKind, paddingIndex: kinds.whole() }

/** The padding's index counted from 0, checked. */
function paddingOf(owner: string, index: number | undefined, size: number): number | undefined {
  if (index === undefined) return undefined
  checkArgument(owner, 'paddingIndex', index, kinds.whole(-size, size - 1))
  return index < 0 ? index + size : index
}

/** The initialiser with the padding's row set to 0. */
const withPadding =
  (init: Initializer, padding: number | undefined): Initializer =>
  (shape, key) => {
    const values = valuesOf(init, shape, key)
    const width = shape[1] as number
    return padding === undefined ? values : values.fill(0, padding * width, (padding + 1) * width)
  }

function tableOf(
  owner: string,
  numEmbeddings: number,
  embeddingDim: number,
  { init = normal(), paddingIndex }: EmbeddingOptions,
) {
  checkArgument(owner, 'numEmbeddings', numEmbeddings, kinds.whole(1))
  checkArgument(owner, 'embeddingDim', embeddingDim, kinds.whole(1))
  const padding = paddingOf(owner, paddingIndex, numEmbeddings)
  return { weight: newParameter([numEmbeddings, embeddingDim], withPadding(init, padding)), padding }
}

/** Picks row i of a table for each index i: int32 [...] to float32 [..., embeddingDim]; indices count from 0. */
export class Embedding {
  readonly weight: Tensor
  readonly paddingIndex: number | undefined

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingOptions = {},
  ) {
    const { weight, padding } = tableOf(
      'Embedding',
      numEmbeddings,
      embeddingDim,
      checkOptions('Embedding', options, TABLE_KINDS),
    )
    this.weight = weight
    this.paddingIndex = padding
  }

  forward(indices: Tensor): Tensor {
    const rows = embedding(indices, this.weight)
    // The padding's vector is read as any other and passes no gradient on.
    return this.paddingIndex === undefined
      ? rows
      : where(unsqueeze(equal(indices, this.paddingIndex), -1), detach(rows), rows)
  }
}

/** Settings of a table that is read in bags. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** How the vectors of a bag become one; default 'mean'. */
  readonly mode?: 'sum' | 'mean' | 'max'
}

/** Where bags begin, and how much each index counts. */
export interface BagArguments {
  /**
   * int32 [B]: where each bag begins in one axis of indices [N]; the first is 0, and none is less than the one before
   * or above N. This is checked where they are fixed; of those that are fed, what is before the first is in no bag.
   */
  readonly offsets?: Tensor
  /** float32 in the shape of the indices: a factor of each vector; with `mode: 'sum'` only. */
  readonly perSampleWeights?: Tensor
}

/**
 * One vector for each bag of indices: the sum, mean or largest elements of the bag's rows. The padding counts in
 * none; an empty bag gives 0. PyTorch: `EmbeddingBag`.
 */
export class EmbeddingBag {
  readonly weight: Tensor
  readonly mode: 'sum' | 'mean' | 'max'
  readonly paddingIndex: number | undefined

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingBagOptions = {},
  ) {
    const { mode = 'mean', ...table } = checkOptions('EmbeddingBag', options, {
      ...TABLE_KINDS, mode: kinds.oneOf('sum', 'mean', 'max'),
    })
    const { weight, padding } = tableOf('EmbeddingBag', numEmbeddings, embeddingDim, table)
    this.weight = weight
    this.mode = mode
    this.paddingIndex = padding
  }

  /**
   * @param indices int32 [B, N], a bag a row; or [N] with `offsets`
   * @returns float32 [B, embeddingDim]
   */
  forward(indices: Tensor, given: BagArguments = {}): Tensor {
    const { offsets, perSampleWeights } = checkOptions('EmbeddingBag', given, {
      offsets: tensorKind, perSampleWeights: tensorKind,
    })
    requireTensors('EmbeddingBag', indices)
    if (indices.rank !== (offsets ? 1 : 2)) {
      throw new UserError({
        rule: 'EmbeddingBag: indices are [B, N], a bag a row, or [N] with offsets [B].',
        received: formatType(indices),
      })
    }
    if (perSampleWeights && this.mode !== 'sum')
      throw new UserError({ rule: "EmbeddingBag: perSampleWeights need mode 'sum'.", received: this.mode })
    if (offsets) checkOffsets(offsets, indices.size)
    const rows = embedding(indices, this.weight)
    const bags = offsets ? offsets.size : (indices.shape[0] as number)
    if (indices.size === 0) return zeros([bags, this.embeddingDim])
    const counts = this.paddingIndex === undefined ? undefined : logicalNot(equal(indices, this.paddingIndex))
    return offsets ? this.inBags(rows, offsets, counts, perSampleWeights) : this.inRows(rows, counts, perSampleWeights)
  }

  /** The rows [B, N, E] of bags of one length. */
  private inRows(rows: Tensor, counts: Tensor | undefined, factors: Tensor | undefined): Tensor {
    if (this.mode === 'max') return largest(rows, counts)
    const kept = counts && unsqueeze(cast(counts, 'float32'), -1)
    const weighted = [factors && unsqueeze(factors, -1), kept].reduce<Tensor>(
      (x, factor) => (factor ? mul(x, factor) : x),
      rows,
    )
    const total = sum(weighted, { axes: 1 })
    if (this.mode === 'sum') return total
    return div(total, kept ? maximum(sum(kept, { axes: 1 }), 1) : (rows.shape[1] as number))
  }

  /** The rows [N, E] of bags that begin at offsets: a product with the matrix that says which row is in which bag. */
  private inBags(rows: Tensor, offsets: Tensor, counts: Tensor | undefined, factors: Tensor | undefined): Tensor {
    const [count, bags] = [rows.shape[0] as number, offsets.size]
    const positions = range(count)
    const begins = reshape(offsets, [bags, 1])
    const after =
      bags > 1
        ? gather(offsets, tensor(Int32Array.from({ length: bags }, (_, i) => Math.min(i + 1, bags - 1))))
        : offsets
    const last = equal(range(bags), bags - 1)
    const ends = reshape(where(last, count, after), [bags, 1])
    const within = logicalAnd(greaterEqual(positions, begins), less(positions, ends))
    const members = counts ? logicalAnd(within, counts) : within
    if (this.mode === 'max') return largest(unsqueeze(rows, 0), members)
    const weights = cast(members, 'float32')
    const total = matmul(factors ? mul(weights, factors) : weights, rows)
    return this.mode === 'sum' ? total : div(total, maximum(sum(weights, { axes: 1, keepDims: true }), 1))
  }
}

/** @throws UserError where offsets that are fixed do not divide `count` indices among bags */
function checkOffsets({ leaf }: Tensor, count: number): void {
  if (leaf?.kind !== 'constant') return
  const begins = Array.from(leaf.data ?? [])
  const wrong = begins.findIndex((begin, i) => (i === 0 ? begin !== 0 : begin < (begins[i - 1] ?? 0)) || begin > count)
  if (wrong < 0) return
  throw new UserError({
    rule: `EmbeddingBag: offsets begin at 0, do not fall, and are at most ${count}, the number of indices.`,
    received: `${String(begins[wrong])} at ${wrong}`,
    next: 'Give where each bag begins, the first at 0.',
  })
}

/** The largest elements of rows [B or 1, N, E] that count (bool [B, N]), and 0 where none does. */
function largest(rows: Tensor, counts: Tensor | undefined): Tensor {
  if (!counts) return max(rows, { axes: 1 })
  const best = max(where(unsqueeze(counts, -1), rows, -Infinity), { axes: 1 })
  const none = equal(sum(cast(counts, 'int32'), { axes: 1, keepDims: true }), 0)
  return where(none, 0, best)
}
