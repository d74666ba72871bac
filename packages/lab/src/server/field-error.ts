// A refusal that says which field of a form it is about, so that the page shows it there.
import { UserError, type UserErrorParts } from '@ddlf/tensor/errors'

/** What was refused, and in which field of the form it stands. */
export class FieldError extends UserError {
  readonly field: string

  constructor(field: string, parts: UserErrorParts, options?: ErrorOptions) {
    super(parts, options)
    this.field = field
  }
}

/** Does something with what a field holds. @throws FieldError where that is refused */
export function atField<T>(field: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw withField(field, error)
  }
}

/** An error as one about a field, where it is a user's and says of no other field. */
export const withField = (field: string, error: unknown): unknown =>
  error instanceof UserError && !(error instanceof FieldError)
    ? new FieldError(field, error.parts, { cause: error })
    : error
