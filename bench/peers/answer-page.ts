// What the workers of page-step.ts have in common: they prepare a training when the page asks, then time its bursts.
import type { FromPeer, ToPeer } from './page-messages.ts'

/** A training that is ready to be timed. */
export interface Prepared {
  /** What trains, for the table. */
  readonly description: string
  /** Milliseconds of parts of the preparation. */
  readonly parts?: Readonly<Record<string, number>>
  /** Takes so many steps. @returns the loss of each */
  readonly burst: (steps: number) => readonly number[] | Promise<readonly number[]>
}

/** Answers the page from now on. */
export function answerPage(prepare: (asked: Extract<ToPeer, { kind: 'prepare' }>) => Promise<Prepared>): void {
  let prepared: Prepared | undefined
  const answer = async (asked: ToPeer): Promise<FromPeer> => {
    if (asked.kind === 'prepare') {
      prepared = await prepare(asked)
      const { description, parts } = prepared
      return { kind: 'ready', description, ...(parts && { parts }) }
    }
    if (!prepared) throw new Error('Not prepared.')
    const started = performance.now()
    const losses = await prepared.burst(asked.steps)
    return { kind: 'burst', seconds: (performance.now() - started) / 1000, losses }
  }
  const post = (message: FromPeer) => { globalThis.postMessage(message) }
  globalThis.addEventListener('message', ({ data }: MessageEvent<ToPeer>) => {
    answer(data).then(post, (error: unknown) => { post({ kind: 'failed', message: String(error) }) })
  })
}
