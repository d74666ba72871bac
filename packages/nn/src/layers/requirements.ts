// Checks that layers share.
import { UserError } from '@ddlf/tensor'

/** @throws UserError when a size is not a whole number of at least 1 */
export function requirePositiveInteger(owner: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new UserError({ rule: `${owner}: ${name} must be a whole number of at least 1.`, received: String(value) })
  }
}
