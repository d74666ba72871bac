// The task of predicting a token from a fixed number of tokens before it.
import { concat, equal, full, reshape, slice, stack, where, type Tensor } from '@ddlf/tensor'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import type { Module } from '@ddlf/nn'
import { languageModel, type LanguageModelSettings } from './language-model.ts'
import type { Task } from './task.ts'

/** How far back a text of {@link contextModel} is looked at before its windows are read anew. */
const CONTEXT_CAPACITY = 64

/**
 * The contexts at all positions of texts, of `size` tokens each, as `textStream` with `contexts` makes them: int32
 * [N, T] to [N T, size]. What stands before a separator, or before the beginning, is a separator too.
 */
export function contextsAt(tokens: Tensor, size: number, separator: number): Tensor {
  const [texts = 1, length = 1] = tokens.shape
  const before = full([texts, size - 1], separator, 'int32')
  const padded = size > 1 ? concat([before, tokens], 1) : tokens
  const columns: Tensor[] = []
  let newer: Tensor | undefined
  for (let back = 0; back < size; back++) {
    const at = slice(padded, { axis: 1, start: size - 1 - back, end: size - 1 - back + length })
    newer = newer ? where(equal(newer, separator), separator, at) : at
    columns.unshift(newer)
  }
  return reshape(stack(columns, 2), [texts * length, size])
}

function sizeOfContext(model: Module): number {
  const { blockSize } = model as { readonly blockSize?: unknown }
  if (typeof blockSize === 'number') return blockSize
  throw new UserError({
    rule: 'A model of fixed contexts says in its field blockSize how many tokens it reads.',
    received: `a ${model.constructor.name} without it`,
    next: 'Write readonly blockSize = 3 into its class.',
  })
}

/**
 * Language modelling with a model that sees `blockSize` tokens and predicts one: int32 [N, blockSize] to logits
 * [N, 1, V], over `textStream` with `contexts`. Texts are made by moving the context on.
 * @param separator the token that begins and ends a text; default 0
 */
export function contextModel(options: { readonly separator?: number } = {}): Task<LanguageModelSettings> {
  const { separator = 0 } = checkOptions('contextModel', options, { separator: kinds.whole(0) })
  return {
    ...languageModel(),
    name: 'language model of fixed contexts',
    views: {
      text: {
        logits: (model, tokens) => {
          const logits = model.forward(contextsAt(tokens, sizeOfContext(model), separator))
          return reshape(logits, [...tokens.shape, logits.shape.at(-1) as number])
        },
        capacity: () => CONTEXT_CAPACITY,
      },
    },
  }
}
