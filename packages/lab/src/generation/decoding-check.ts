// Before a model makes texts token by token: does it say the same then as of the whole text?
import { decodingCheck, type DecodedModel } from '@ddlf/nn'
import { UserError } from '@ddlf/tensor/errors'
import type { Graph, Runtime, TypedArray } from '@ddlf/tensor'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { dataOf } from './leaf-data.ts'

/** Longest text that is read for a comparison. */
const LONGEST = 32
/** The largest difference of a logit, relative to it where it is above 1: far beyond rounding. */
const TOLERANCE = 1e-3

/** Whether logits are equal but for rounding. */
export const sameLogits = (one: ArrayLike<number>, other: ArrayLike<number>): boolean =>
  one.length === other.length && Array.from(one).every((a, i) => {
    const b = other[i] as number
    return Object.is(a, b) || Math.abs(a - b) < TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b))
  })

/** Whether the two outputs of a graph are equal but for rounding. */
async function agree(graph: Graph, runtime: Runtime, given: readonly TypedArray[]): Promise<boolean> {
  const executable = await runtime.compile(graph)
  try {
    const [one, other] = await executable.run([...given, ...graph.inputs.slice(given.length).map(dataOf)])
    return sameLogits(one as Float32Array, other as Float32Array)
  } finally {
    await executable.release()
  }
}

/**
 * Compares a model that makes texts token by token with its pass over whole texts, on tokens drawn at random.
 * @param context what all tokens read beside the text
 * @returns whether it keeps all that it needs of earlier tokens; else the text must be read anew for every token
 * @throws UserError where what comes later changes what it says of earlier tokens: it makes no texts at all
 */
export async function keepsWhatItNeeds<M extends object>(
  decoded: DecodedModel<M>, runtime: Runtime, context: readonly TypedArray[] = [],
): Promise<boolean> {
  const length = Math.min(LONGEST, decoded.capacity)
  // Of a text of two tokens nothing is kept but what a first prompt leaves.
  if (length < 3) return false
  const { words, steps, causal } = decodingCheck(decoded, length)
  const key = randomKey(0, 'decoding check')
  const tokens = Int32Array.from({ length: decoded.batch * length }, (_, i) => Math.floor(uniformAt(key, i) * words))
  if (await agree(steps, runtime, [tokens, ...context])) return true
  if (await agree(causal, runtime, [tokens, ...context])) return false
  throw new UserError({
    rule: 'A model that makes texts must not look ahead: what it says of a token may depend on earlier ones alone.',
    received: 'a model whose logits change with the tokens that come later',
    next: 'Give its attention causal: true, and pad its convolutions at the beginning only.',
  })
}

/** The error for what needs a model that keeps what it needs of earlier tokens. */
export class KeepsTooLittle extends UserError {
  constructor(what: string) {
    super({
      rule: `${what} needs a model that keeps what it needs of earlier tokens.`,
      received: 'a model that says something else of a token that is read alone than of the whole text',
      next: 'Let the layer that looks at earlier tokens keep them with keptState, or write texts without beams.',
    })
  }
}
