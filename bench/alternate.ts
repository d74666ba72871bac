// Times peers against each other in alternation: each is a process of its own that runs bursts of steps on request, and
// all sleep between bursts, because spinning threads of one inflate the other.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A program that answers `{"steps": n}` on a line with `{"seconds": s}` on a line, after a first line that describes
 * it.
 */
export interface Peer {
  readonly name: string
  /** Which of its variants this is, where there are several. */
  readonly detail?: string
  readonly command: readonly [string, ...string[]]
  /** The variables it runs with. @default those of this process */
  readonly environment?: NodeJS.ProcessEnv
  /** Steps in one burst; slow peers take fewer. */
  readonly steps: number
}

/** What a peer was measured to need. */
export interface Timing {
  readonly name: string
  /** Its versions and threads, in its own words. */
  readonly description: string
  /** Milliseconds a step, one value a burst. */
  readonly milliseconds: readonly number[]
}

interface Running extends Peer {
  readonly process: ChildProcessWithoutNullStreams
  readonly lines: AsyncIterator<string>
  readonly input: Interface
  readonly description: string
  readonly milliseconds: number[]
}

const PAUSE = 120

async function start(peer: Peer): Promise<Running> {
  const [program, ...args] = peer.command
  const process = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: peer.environment ?? globalThis.process.env,
  })
  process.stderr.on('data', (text: Buffer) => globalThis.process.stderr.write(text))
  const input = createInterface({ input: process.stdout })
  const lines = input[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) throw new Error(`${peer.name} did not start.`)
  return { ...peer, process, input, lines, description: first.value, milliseconds: [] }
}

async function burst(peer: Running, steps: number): Promise<number> {
  peer.process.stdin.write(`${JSON.stringify({ steps })}\n`)
  const answer = await peer.lines.next()
  if (answer.done) throw new Error(`${peer.name} ended early.`)
  return (JSON.parse(answer.value) as { seconds: number }).seconds
}

/** Runs all peers in turn, A B C A B C ..., `rounds` times after two rounds of warming up. */
export async function alternate(peers: readonly Peer[], rounds: number): Promise<Timing[]> {
  const running: Running[] = []
  for (const peer of peers) running.push(await start(peer))
  try {
    for (let round = -2; round < rounds; round++) {
      for (const peer of running) {
        await sleep(PAUSE)
        const steps = round < 0 ? Math.ceil(peer.steps / 2) : peer.steps
        const seconds = await burst(peer, steps)
        if (round >= 0) peer.milliseconds.push((1000 * seconds) / steps)
      }
    }
  } finally {
    for (const peer of running) {
      peer.input.close()
      peer.process.kill()
    }
  }
  return running.map(({ name, detail, description, milliseconds }) =>
    ({ name, description: detail === undefined ? description : `${description}, ${detail}`, milliseconds }))
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Median of the ratios of two peers' bursts, round by round. */
export const ratio = (a: Timing, b: Timing): number =>
  median(a.milliseconds.map((value, i) => value / (b.milliseconds[i] as number)))

/** One line about the machine, and how busy it was when the measurement began. */
export const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, `
  + `load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}`

/** A table of timings as Markdown; the first row is what the others are compared with, by medians and by minima. */
export function table(timings: readonly Timing[], digits: number): string {
  const [first] = timings
  if (!first) return ''
  const least = ({ milliseconds }: Timing) => Math.min(...milliseconds)
  const rows = timings.map(timing => [
    `${timing.name} (${timing.description})`,
    ...[median(timing.milliseconds), least(timing), Math.max(...timing.milliseconds)].map(value =>
      value.toFixed(digits),
    ),
    ratio(first, timing).toFixed(2),
    (least(first) / least(timing)).toFixed(2),
  ])
  return [
    ['', 'ms, median', 'min', 'max', '30ddlf / this', 'of the minima'],
    Array.from({ length: 6 }, () => '---'),
    ...rows,
  ]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}
