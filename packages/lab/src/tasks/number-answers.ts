// What a model that predicts a number says of each example.
import { UserError } from '@ddlf/tensor/errors'
import type { Answer, AskedOutputs } from './task.ts'

/** The number of each example. @throws UserError where there are several of one */
export function numberAnswers({ prediction }: AskedOutputs): Answer[] {
  const [examples = 0] = prediction?.shape ?? []
  if (!prediction || prediction.data.length !== examples) {
    throw new UserError({
      rule: 'A model that is asked about single things predicts one number of each.',
      received: prediction ? `predictions [${prediction.shape.join(', ')}]` : 'no prediction',
    })
  }
  return Array.from(prediction.data, value => ({ kind: 'number', value }))
}
