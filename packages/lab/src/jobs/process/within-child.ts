// What a process that works for another one does first: it lives and dies with its parent's wishes, not with the
// terminal's.
import { writeFileSync } from 'node:fs'

/** Where memory runs out, Linux ends the process with the highest score: this one, not the lab that serves others. */
const FIRST_TO_GO = '500'

/**
 * Prepares this process for work.
 * @param stop called when the parent has gone, or the system asks to end: save what there is. Ctrl-C reaches all
 *   processes of a terminal, and is the parent's to answer.
 */
export function beginChild(stop: () => void): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', FIRST_TO_GO)
  } catch {
    // Not Linux, or not allowed.
  }
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
  process.on('SIGTERM', stop)
  process.on('disconnect', stop)
}

/** Milliseconds that threads get to end by themselves after the last message. */
const LAST_MOMENT = 5000

/** Ends this process after its last message has left. */
export function endChild(): void {
  if (process.connected) process.disconnect()
  setTimeout(() => process.exit(), LAST_MOMENT).unref()
}
