// Ctrl-C and its kin: the first asks to save and stop, the second quits at once.
import { errorColours } from './colour.ts'

/** Ctrl-C, a request to end, a terminal that goes away: the exit status of a program that one of them ended. */
const STOPPING = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type StoppingSignal = keyof typeof STOPPING

/** Whether somebody has asked to stop. */
export interface Stopping {
  /** Aborted with the first signal. */
  readonly signal: AbortSignal
  /** The exit status of what was stopped; undefined where nobody asked. */
  exitCode(): number | undefined
  /** Stops listening. */
  off(): void
}

function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/**
 * Listens to the signals that end a program.
 * @param message what is said on the first one, or what to say by then
 * @param tidy called before, so that the terminal is free for it
 */
export function stopOnSignals(message: string | (() => string), tidy: () => void): Stopping {
  const stop = new AbortController()
  let asked: StoppingSignal | undefined
  const interrupt = (signal: StoppingSignal) => {
    // A terminal that goes away may say so twice; it must not cost the checkpoint.
    if (asked && signal === 'SIGHUP') return
    // Dying of the signal, as a program without a listener does: exiting would tear down a thread inside native code.
    if (asked) {
      dieOf(signal)
      return
    }
    asked = signal
    tidy()
    console.error(errorColours.yellow(typeof message === 'string' ? message : message()))
    stop.abort()
  }
  const signals = Object.keys(STOPPING) as StoppingSignal[]
  for (const signal of signals) process.on(signal, interrupt)
  return {
    signal: stop.signal,
    exitCode: () => (asked ? STOPPING[asked] : undefined),
    off: () => {
      for (const signal of signals) process.off(signal, interrupt)
    },
  }
}
