// The error of a task that counts for one kind of model alone.
import { UserError } from '@ddlf/tensor/errors'

/** @param task as it is called in an experiment @param wanted the model that it fills */
export const otherModel = (task: string, wanted: string): UserError =>
  new UserError({
    rule: `The task ${task} learns for a model of its own.`,
    received: 'another model',
    next: `Give the experiment ${wanted} as its model.`,
  })
