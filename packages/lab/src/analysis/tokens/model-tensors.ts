// What is inside a model of language, found in the graph of its logits, so that no model has to say it.
import type { Tensor } from '@ddlf/tensor'
import { learnedTensors } from '../attribution/feature-tensors.ts'
import { layerBefore } from '../model/activation-health.ts'

/** The vectors of the tokens, [B, T, E], and the table that they are taken from; undefined where there is no table. */
export function embeddedTokens(logits: Tensor, tokens: Tensor): { vectors: Tensor; table: Tensor } | undefined {
  const vectors = learnedTensors(logits, tokens).find(({ op, inputs: [table, index] }) =>
    op?.name === 'gather' && index === tokens && table?.leaf?.kind === 'parameter' && table.rank === 2)
  return vectors && { vectors, table: vectors.inputs[0] as Tensor }
}

/** The weights of every attention of the tokens to each other, [B, heads, T, T], in the order of the forward pass. */
export function attentionWeights(logits: Tensor, tokens: Tensor): Tensor[] {
  const time = tokens.shape[1]
  return learnedTensors(logits, tokens).filter(({ op, rank, shape }) =>
    op?.name === 'softmax' && rank === 4 && shape[2] === time && shape[3] === time)
}

/** Hidden units over the tokens. */
export interface HiddenUnits {
  /** Where in the model they are. */
  readonly name: string
  /** [B, T, units] */
  readonly values: Tensor
}

const ACTIVATIONS: readonly string[] = ['relu', 'gelu', 'silu', 'tanh', 'sigmoid']

/** What activation functions give for each token, and what the last layer reads. */
export function hiddenUnits(logits: Tensor, tokens: Tensor): HiddenUnits[] {
  const time = tokens.shape[1]
  const overTokens = ({ rank, shape }: Tensor) => rank === 3 && shape[1] === time
  const learned = learnedTensors(logits, tokens)
  const activations = learned.filter(one => ACTIVATIONS.includes(one.op?.name ?? '') && overTokens(one))
  const isProduct = ({ op }: Tensor) => op?.name === 'linear' || op?.name === 'matmul'
  const rows = learned.findLast(isProduct)?.inputs[0]
  // A product over the last axis reads the vectors of all tokens as the rows of one matrix.
  const last = rows?.op?.name === 'reshape' ? rows.inputs[0] : rows
  return [
    ...activations.map(values => ({ name: `after ${layerBefore(values)}`, values })),
    ...(last && overTokens(last) && learned.includes(last) && !activations.includes(last)
      ? [{ name: 'what the last layer reads', values: last }]
      : []),
  ]
}
