// Checks that optimizers share.
import { UserError } from '@ddlf/tensor'

/** @throws UserError when a setting is not in [0, 1) */
export function requireShare(owner: string, name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new UserError({ rule: `${owner}: ${name} must be at least 0 and less than 1.`, received: String(value) })
}

/** @throws UserError when a setting is negative or not a number */
export function requireAtLeastZero(owner: string, name: string, value: number): void {
  if (!(value >= 0)) throw new UserError({ rule: `${owner}: ${name} must be at least 0.`, received: String(value) })
}
