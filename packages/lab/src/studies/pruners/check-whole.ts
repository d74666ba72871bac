// The check of options that are whole numbers.
import { UserError } from '@ddlf/tensor/errors'

/** @throws UserError naming the first option that is no whole number of at least `least` */
export function checkWhole(owner: string, options: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isSafeInteger(value) && value >= least) continue
    throw new UserError({
      rule: `${owner}: ${name} is a whole number from ${least} on.`,
      received: String(value),
      next: `Give ${least} or more, or leave it out.`,
    })
  }
}
