// The one way to ask before something is removed.
import { confirm, isCancel } from '@clack/prompts'
import { printableLines } from '@ddlf/lab/printable'
import { UserError } from '@ddlf/tensor/errors'
import { liveOutput } from './output.ts'

/**
 * Asks on the terminal; the preset is no.
 * @param what what is removed, for the error where there is no terminal: 'Removing runs'
 * @param withYes the command that needs no answer
 * @throws UserError where there is no terminal to ask on
 */
export async function confirmed(
  question: string,
  { what, withYes }: { readonly what: string; readonly withYes: string },
): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UserError({ rule: `${what} must be confirmed.`, received: 'no terminal to ask on', next: withYes })
  }
  const answer = await confirm({
    message: printableLines(question),
    initialValue: false,
    output: liveOutput(process.stdout),
  })
  return !isCancel(answer) && answer
}
