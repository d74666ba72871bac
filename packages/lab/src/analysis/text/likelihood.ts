// How surprising a text is to a model of language, in the units that the literature uses.
import { checkOptions, kinds } from '@ddlf/tensor/errors'

/** What was predicted, and how well in all. */
export interface TextLoss {
  /** Sum of the cross-entropies of all predicted tokens, in nats. */
  readonly nats: number
  /** Predicted tokens. */
  readonly tokens: number
  /** Code points of the text that these tokens stand for. */
  readonly characters?: number
  /** Bytes of that text in UTF-8. */
  readonly bytes?: number
}

export interface Likelihood {
  /** e to the power of the mean cross-entropy: among how many equally likely tokens the model is undecided. */
  readonly perplexity: number
  readonly bitsPerToken: number
  /** Comparable between tokenizers, as perplexity is not. */
  readonly bitsPerCharacter: number | undefined
  readonly bitsPerByte: number | undefined
}

const count = kinds.atLeast(0)
const KINDS = {
  nats: kinds.needed(kinds.number),
  tokens: kinds.needed(kinds.above(0)),
  characters: count,
  bytes: count,
}

/** @throws UserError where nothing was predicted */
export function likelihood(loss: TextLoss): Likelihood {
  const { nats, tokens, characters, bytes } = checkOptions('likelihood', loss, KINDS)
  const bits = nats / Math.LN2
  const per = (count: number | undefined) => (count === undefined || count === 0 ? undefined : bits / count)
  return {
    perplexity: Math.exp(nats / tokens),
    bitsPerToken: bits / tokens,
    bitsPerCharacter: per(characters),
    bitsPerByte: per(bytes),
  }
}

/** Bits by token, character and byte, in a sentence. */
export function likelihoodText(tokens: number, found: Likelihood): string {
  const bits = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(4))
  return `Over ${tokens.toLocaleString('en-US')} tokens: perplexity ${found.perplexity.toPrecision(5)}, ` +
    `${bits(found.bitsPerToken)} bits a token, ${bits(found.bitsPerCharacter)} a character, ` +
    `${bits(found.bitsPerByte)} a byte; the last two compare models with other tokenizers, too.`
}
