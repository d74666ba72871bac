// What a journal can hold of a value.
import { UserError } from '@ddlf/tensor/errors'

/** The value as a journal gives it back. @throws UserError where a value is no JSON */
export function asJson(value: unknown): unknown {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    text = undefined
  }
  if (text === undefined)
    throw new UserError({
      rule: 'An attribute holds JSON.',
      received: typeof value,
      next: 'Give numbers, strings, lists or plain objects.',
    })
  return JSON.parse(text)
}
