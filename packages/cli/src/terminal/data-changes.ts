// Says how a user's own data differ from what a run recorded: on the error stream, so that results stay clean.
import { changeLine, type DataChanges } from '@ddlf/lab/node'
import { errorColours } from './colour.ts'

/** Prints what has changed, where something has. */
export function warnOfChanges(changes: DataChanges): void {
  const line = changeLine(changes)
  if (line !== undefined)
    console.error(
      errorColours.yellow(`The data have changed since the training, and are divided as they were then: ${line}.`),
    )
}
