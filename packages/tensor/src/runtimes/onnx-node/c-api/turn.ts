// A call of the C API blocks its thread: between calls the event loop turns, so that timers, signals and messages are
// heard however long a training goes on.

/** Milliseconds that may pass between two turns. */
const LONGEST = 5

let last = 0
let queue = Promise.resolve()

async function turnIfDue(): Promise<void> {
  const passed = performance.now() - last
  // A clock that was set back, as tests do, must not keep everybody out until it has caught up.
  if (passed >= 0 && passed < LONGEST) return
  await new Promise<void>(resolve => setImmediate(resolve))
  last = performance.now()
}

/**
 * Resolves at once, or after a turn of the event loop where none was let in for a while; in the order of the calls, so
 * that a run never overtakes one that was asked for before it and is still waiting.
 */
export function turn(): Promise<void> {
  queue = queue.then(turnIfDue)
  return queue
}
