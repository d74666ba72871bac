// What a forward pass knows that makes a text token by token: which positions its tokens stand at, and what layers
// keep of earlier ones. Layers ask for it themselves, so that a model that trains also generates. As in mode.ts, the
// context is implicit and synchronous.
import {
  add, input, lessEqual, equal, range, reshape, unsqueeze, where, zeros, type Shape, type Tensor,
} from '@ddlf/tensor'

/** How a forward pass decodes. */
export interface DecodingOptions {
  /** The most positions that a sequence may have: the size of caches. */
  readonly capacity: number
  /** int32 [B]: how many tokens came before. With `lengths` it is 0 everywhere. */
  readonly positions: Tensor
  /** int32 [B]: this is the first pass, over whole prompts, which have so many tokens each. Default: one token each. */
  readonly lengths?: Tensor
}

/** A decoding under way. */
export interface Decoding extends DecodingOptions {
  /** 0 at the positions up to the present one and a very small number beyond, [B, 1, 1, capacity]: added to scores. */
  readonly seen: Tensor
  /** bool [B, 1, capacity, 1]: the place of the present token. */
  readonly here: Tensor
}

interface Context extends Decoding {
  readonly given: Tensor[]
  readonly next: Tensor[]
  asked: number
}

let current: Context | undefined

/** The present decoding; `undefined` in every other forward pass. */
export const currentDecoding = (): Decoding | undefined => current

/**
 * Runs a forward pass that decodes.
 * @returns what `run` returns, what layers kept of earlier tokens (inputs of the graph; none in the first pass), and
 * the   next values of that, in the same order
 */
export function withDecoding<T>(
  options: DecodingOptions,
  run: () => T,
): { output: T; given: Tensor[]; next: Tensor[] } {
  const outer = current
  const { capacity, positions } = options
  const all = range(capacity)
  const before = unsqueeze(positions, 1)
  const seen = reshape(where(lessEqual(all, before), 0, -1e30), [positions.size, 1, 1, capacity])
  const here = reshape(equal(all, before), [positions.size, 1, capacity, 1])
  const context: Context = { ...options, seen, here, given: [], next: [], asked: 0 }
  current = context
  try {
    return { output: run(), given: context.given, next: context.next }
  } finally {
    current = outer
  }
}

/** Positions of `count` tokens from the present one on, int32 [B, count]. */
export function decodingPositions({ positions }: Decoding, count: number): Tensor {
  return add(unsqueeze(positions, 1), range(count))
}

/** A value that a layer keeps from one pass to the next. */
export interface KeptState {
  /** What it is now; 0 in the first pass. */
  readonly present: Tensor
  /** Says what it is after this pass, and returns that. */
  readonly keep: (next: Tensor) => Tensor
}

/** Asks for a value that is kept, float32. Layers must ask in the same order in every pass. */
export function keptState(shape: Shape): KeptState {
  const context = current
  if (!context) throw new Error('keptState is called within withDecoding.')
  const index = context.asked++
  const present = context.lengths ? zeros(shape) : input(`kept${index}`, { shape, dtype: 'float32' })
  if (!context.lengths) context.given.push(present)
  return { present, keep: next => (context.next[index] = next) }
}
