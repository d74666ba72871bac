// The one way to the terminal: what it would obey is written out, and an output that can take no more stops nothing.
import { printableLines } from '@ddlf/lab/printable'

/** What a guarded output does besides passing text on. */
export interface GuardOptions {
  /** Whether our own bold, dim and colours pass. */
  readonly styles: boolean
  /** Called once, when the output can take no more: its reader is gone, or the disk is full. */
  readonly onClosed: (error: NodeJS.ErrnoException) => void
}

const plain = new WeakMap<NodeJS.WriteStream, NodeJS.WriteStream>()

/**
 * Guards an output of the process, for good: all that `write` gets, and so all that `console` prints, is cleaned of
 * control characters. {@link liveOutput} leads past it.
 */
export function guardOutput(stream: NodeJS.WriteStream, { styles, onClosed }: GuardOptions): void {
  if (plain.has(stream)) return
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  let closed = false
  const fail = (error: unknown) => {
    if (closed) return
    closed = true
    onClosed(error as NodeJS.ErrnoException)
  }
  stream.on('error', fail)
  // Writing to a file or a device fails at once, to a pipe later.
  const attempt = (...args: unknown[]): boolean => {
    if (closed) {
      const last = args.at(-1)
      if (typeof last === 'function') process.nextTick(last)
      return true
    }
    try {
      return write(...args)
    } catch (error) {
      fail(error)
      return true
    }
  }
  plain.set(stream, new Proxy(stream, {
    get: (target, key) => {
      if (key === 'write') return attempt
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  }))
  stream.write = (chunk: unknown, ...rest: unknown[]) =>
    attempt(typeof chunk === 'string' ? printableLines(chunk, { styles }) : chunk, ...rest)
}

/**
 * The output for what moves the cursor: live bars and questions. Whoever writes to it cleans foreign text first.
 */
export const liveOutput = (stream: NodeJS.WriteStream): NodeJS.WriteStream => plain.get(stream) ?? stream
