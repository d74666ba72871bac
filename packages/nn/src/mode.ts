// What a forward pass may know beyond its input: whether it trains, its random key, and the buffers it wants to change.
// The context is implicit and synchronous: it lasts while the function given to withMode runs.
import { bernoulli, formatType, isTracingBody, normal, requireTensors, Tensor, uniform, type Shape } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'

/** How a forward pass runs. */
export interface Mode {
  /** Whether layers behave as in training: dropout drops, batch norm uses the batch's statistics. */
  readonly training: boolean
  /** int32[2], a new value at every step; needed by layers that draw random numbers. */
  readonly randomKey?: Tensor
  /**
   * The number of the first place that draws random numbers, default 0: what an earlier pass with the same key ended
   * at.
   */
  readonly firstStream?: number
}

interface Context extends Mode {
  randomSites: number
  readonly updates: Map<Tensor, Tensor>
}

const keyKind: Kind = {
  is: 'an int32[2] tensor', accepts: value => value instanceof Tensor && formatType(value) === 'int32[2]',
}

let current: Context | undefined

/**
 * Runs a forward pass in a mode. Outside of any call the mode is evaluation.
 * @returns what `run` returns; for each buffer that a layer changed, its new value as a tensor; and the number of the
 *   next place that would draw random numbers
 */
export function withMode<T>(
  mode: Mode, run: () => T,
): { output: T; bufferUpdates: Map<Tensor, Tensor>; nextStream: number } {
  checkOptions(
    'withMode', mode, { training: kinds.needed(kinds.flag), randomKey: keyKind, firstStream: kinds.whole(0) },
  )
  checkArgument(
    'withMode', 'what runs', run, kinds.callable, 'Write withMode({ training: true }, () => model.forward(x)).',
  )
  const outer = current
  const context: Context = { ...mode, randomSites: mode.firstStream ?? 0, updates: new Map() }
  current = context
  try {
    const output = run()
    return { output, bufferUpdates: context.updates, nextStream: context.randomSites }
  } finally {
    current = outer
  }
}

/** Whether the present forward pass trains. */
export const isTraining = (): boolean => current?.training ?? false

/**
 * The number of the next place that draws random numbers, counted from 0 in the order of the calls, so that each has
 * numbers of its own.
 * @throws UserError when the forward pass was given no random key
 */
export function nextRandomStream(): number {
  if (!current?.randomKey) {
    throw new UserError({
      rule: 'A forward pass that draws random numbers needs a random key.',
      received: current ? 'a mode without randomKey' : 'a call outside withMode',
      next: 'Run it inside withMode({ training: true, randomKey }, ...), with randomKey an int32[2] tensor.',
    })
  }
  return current.randomSites++
}

/** The key of the present forward pass, int32[2]; undefined when it was given none. */
export const currentRandomKey = (): Tensor | undefined => current?.randomKey

/** The next stream of the present forward pass, together with its key. */
function draw(): { key: Tensor; stream: number } {
  const stream = nextRandomStream()
  return { key: current?.randomKey as Tensor, stream }
}

// A normal tensor with stream s is made from the uniform streams 2 s and 2 s + 1, so a site owns both.

/** Uniform numbers in (0, 1) that no other place of this forward pass draws. */
export function randomUniform(shape: Shape): Tensor {
  const { key, stream } = draw()
  return uniform(key, shape, 2 * stream)
}

/** Normal numbers with mean 0 and standard deviation 1 that no other place of this forward pass draws. */
export function randomNormal(shape: Shape): Tensor {
  const { key, stream } = draw()
  return normal(key, shape, stream)
}

/** 1 with the given probability and 0 otherwise, float32, drawn by no other place of this forward pass. */
export function randomBernoulli(shape: Shape, probability: number): Tensor {
  const { key, stream } = draw()
  return bernoulli(key, shape, probability, 2 * stream)
}

/** The value of a buffer as changed so far in this forward pass, so that a layer used twice sees its first change. */
export function bufferValue(buffer: Tensor): Tensor {
  requireTensors('bufferValue', buffer)
  return current?.updates.get(buffer) ?? buffer
}

/**
 * Asks that a buffer take a new value after this forward pass.
 * @throws UserError when the value has another shape or dtype, or inside the body of a scan, which has many values for
 *   it
 */
export function updateBuffer(buffer: Tensor, value: Tensor): void {
  requireTensors('updateBuffer', buffer, value)
  if (isTracingBody()) {
    throw new UserError({
      rule: 'A buffer cannot be updated inside the body of a scan, which runs many times in one step.',
      received: buffer.toString(),
      next: 'Carry the value through the scan and update the buffer after it, or use LayerNorm instead of batch norm.',
    })
  }
  if (formatType(buffer) !== formatType(value)) {
    throw new UserError({
      rule: `A buffer must keep its shape and dtype: ${formatType(buffer)}.`,
      received: formatType(value),
    })
  }
  current?.updates.set(buffer, value)
}
