// A text that is drawn again and again at the same place, cleaned like everything else that is printed.
import { printableLines } from '@ddlf/lab/printable'
import { createLogUpdate } from 'log-update'
import { liveOutput } from './output.ts'

/** The live text at the end of an output. */
export interface LiveText {
  (text: string): void
  clear(): void
  /** Leaves the text as it stands. */
  done(): void
}

/** Opens a live text on a terminal. */
export function liveText(stream: NodeJS.WriteStream): LiveText {
  // Hiding the cursor would go past this output, to standard error.
  const update = createLogUpdate(liveOutput(stream), { showCursor: true })
  const show = (text: string) => { update(printableLines(text, { styles: true })) }
  return Object.assign(show, { clear: () => { update.clear() }, done: () => { update.done() } })
}
