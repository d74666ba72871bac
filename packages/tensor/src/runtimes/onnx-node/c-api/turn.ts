// A call of the C API blocks its thread: between calls the event loop turns, so that timers, signals and messages are
// heard however long a training goes on.

/** Milliseconds that may pass between two turns. */
const LONGEST = 5

let last = 0

/** Resolves at once, or after a turn of the event loop where none was let in for a while. */
export async function turn(): Promise<void> {
  if (performance.now() - last < LONGEST) return
  await new Promise<void>(resolve => setImmediate(resolve))
  last = performance.now()
}
