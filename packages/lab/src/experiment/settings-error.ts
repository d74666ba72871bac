// A refusal of settings that says what is wrong with each, so that a form shows it beside its field.
import { UserError, type UserErrorParts } from '@ddlf/tensor/errors'

/** Settings that were refused. */
export class SettingsError extends UserError {
  /** What is wrong, by the name of the setting. */
  readonly faults: Readonly<Record<string, string>>

  constructor(faults: Readonly<Record<string, string>>, parts: UserErrorParts) {
    super(parts)
    this.faults = faults
  }
}

/** What is wrong with each setting, where an error says so, itself or the one that it was made of. */
export const faultsOf = (error: unknown): Readonly<Record<string, string>> | undefined =>
  error instanceof SettingsError
    ? error.faults
    : error instanceof Error && error.cause
      ? faultsOf(error.cause)
      : undefined
