// What a forward pass knows that makes a text token by token: which positions its tokens stand at, and what layers
// keep of earlier ones. Layers ask for it themselves, so that a model that trains also generates. As in mode.ts, the
// context is implicit and synchronous.
import {
  add, equal, input, lessEqual, range, requireTensors, reshape, Tensor, tensorKind, unsqueeze,
  where, zeros, type Shape,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'

/** How a forward pass decodes. */
export interface DecodingOptions {
  /** The most positions that a sequence may have: the size of caches. */
  readonly capacity: number
  /** int32 [B]: how many tokens came before. With `lengths` it is 0 everywhere. */
  readonly positions: Tensor
  /** int32 [B]: this is the first pass, over whole prompts, which have so many tokens each. Default: one token each. */
  readonly lengths?: Tensor
  /** What layers kept in the pass before, in the order in which they ask for it; default inputs of the graph. */
  readonly kept?: readonly Tensor[] | undefined
}

/** A decoding under way. */
export interface Decoding extends DecodingOptions {
  /** 0 at the positions up to the present one and a very small number beyond, [B, 1, 1, capacity]: added to scores. */
  readonly seen: Tensor
}

interface Context extends Decoding {
  readonly given: Tensor[]
  readonly next: Tensor[]
  readonly batchAxes: number[]
  asked: number
}

const countsKind: Kind = {
  is: 'an int32 tensor with one number for each sequence',
  accepts: value => value instanceof Tensor && value.dtype === 'int32' && value.rank === 1,
}

let current: Context | undefined

/** The present decoding; `undefined` in every other forward pass. */
export const currentDecoding = (): Decoding | undefined => current

/**
 * Runs a forward pass that decodes.
 * @returns what `run` returns, what layers kept of earlier tokens (inputs of the graph; none in the first pass), and
 * the next values of that, in the same order
 */
export function withDecoding<T>(
  options: DecodingOptions,
  run: () => T,
): { output: T; given: Tensor[]; next: Tensor[]; batchAxes: number[] } {
  const { capacity, positions } = checkOptions('withDecoding', options, {
    capacity: kinds.needed(kinds.whole(1)),
    positions: kinds.needed(countsKind),
    lengths: countsKind,
    kept: kinds.listOf(tensorKind, 'tensors'),
  })
  checkArgument(
    'withDecoding',
    'what runs',
    run,
    kinds.callable,
    'Write withDecoding({ capacity, positions }, () => model.forward(tokens)).',
  )
  const outer = current
  const all = range(capacity)
  const before = unsqueeze(positions, 1)
  const seen = reshape(where(lessEqual(all, before), 0, -1e30), [positions.size, 1, 1, capacity])
  const context: Context = { ...options, seen, given: [], next: [], batchAxes: [], asked: 0 }
  current = context
  try {
    return { output: run(), given: context.given, next: context.next, batchAxes: context.batchAxes }
  } finally {
    current = outer
  }
}

/** Positions of `count` tokens from the present one on, int32 [B, count]. */
export function decodingPositions(decoding: Pick<Decoding, 'positions'>, count: number): Tensor {
  checkArgument('decodingPositions', 'the decoding', decoding, kinds.dictionary(), 'Pass currentDecoding().')
  checkArgument('decodingPositions', 'the count', count, kinds.whole(1))
  requireTensors('decodingPositions', decoding.positions)
  return add(unsqueeze(decoding.positions, 1), range(count))
}

/** A value that a layer keeps from one pass to the next. */
export interface KeptState {
  /** What it is now. */
  readonly present: Tensor
  /** Says what it is after this pass, and returns that. */
  readonly keep: (next: Tensor) => Tensor
}

/**
 * Asks for a value that is kept, float32. Layers must ask in the same order in every pass.
 * @param options `first`: what it is in the first pass, default 0; `batchAxis`: its axis of sequences, default 0
 */
export function keptState(
  shape: Shape,
  options: { readonly first?: Tensor | undefined; readonly batchAxis?: number } = {},
): KeptState {
  const { first, batchAxis = 0 } = checkOptions('keptState', options, { first: tensorKind, batchAxis: kinds.whole(0) })
  checkArgument('keptState', 'the shape', shape, kinds.shape)
  checkArgument('keptState', 'batchAxis', batchAxis, kinds.whole(0, Math.max(0, shape.length - 1)))
  const context = current
  if (!context) {
    throw new UserError({
      rule: 'keptState is called where a text is being made.',
      next: 'Ask for it where currentDecoding() is defined.',
    })
  }
  const index = context.asked++
  context.batchAxes[index] = batchAxis
  const keep = (next: Tensor) => (context.next[index] = next)
  if (context.lengths) return { present: first ?? zeros(shape), keep }
  const kept = context.kept?.[index] ?? input(`kept${index}`, { shape, dtype: 'float32' })
  context.given.push(kept)
  if (!first) return { present: kept, keep }
  // A text that is read token by token from its first one on begins with the first state too.
  const { positions } = context
  const begins = reshape(equal(positions, 0), shape.map((_, axis) => (axis === batchAxis ? positions.size : 1)))
  return { present: where(begins, first, kept), keep }
}
