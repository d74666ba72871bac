// A run's events as they happen: metrics, how it stands, and a heartbeat; closed where nobody reads.
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { within, type Places } from './limits.ts'
import { Outbox, type RunFollowers, type WatchedStatus } from './run-followers.ts'

/** Without news a stream says so often that it lives. */
const HEARTBEAT = 15_000
/** A reader that takes nothing for so long has gone, or is no reader. */
const STALLED = 30_000

/** Where a reader that lost the line was: the id of the last event that it saw. */
const cursorOf = (text: string | undefined) =>
  text !== undefined && /^\d{1,15}\.[0-9a-f]{16}$/.test(text) ? text : undefined

/**
 * Answers with server-sent events: `metrics` (rows of step, epoch, name, value; `restarted` where they are the whole),
 * `reading` (how far a long log has been read), `status` and `trouble`.
 * @param log the run's log of metrics
 * @throws Busy where too many streams are open
 */
export function watchRun(
  context: Context,
  options: {
    readonly log: string
    readonly statusOf: () => WatchedStatus
    readonly followers: RunFollowers
    readonly places: Places
  },
): Response {
  const { log, statusOf, followers, places } = options
  const leave = places.take()
  const outbox = new Outbox(cursorOf(context.req.header('last-event-id') ?? context.req.query('cursor')))
  const unwatch = followers.watch(log, statusOf, outbox)
  const end = () => {
    unwatch()
    leave()
  }
  return streamSSE(context, async stream => {
    stream.onAbort(end)
    try {
      while (!stream.aborted && !stream.closed) {
        const next = await outbox.next(HEARTBEAT)
        const sent = next ? stream.writeSSE({ ...next }) : stream.write(': the lab is here\n\n')
        if (
          (await within(
            sent.then(() => true),
            STALLED,
          )) === undefined
        )
          stream.abort()
      }
    } finally {
      end()
    }
  })
}
