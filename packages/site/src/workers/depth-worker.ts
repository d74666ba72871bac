// The worker behind the trainer of deep nets: fetches a few digits and lets two nets learn while the page draws.
import { unpack } from './bytes.ts'
import { deepNets, type Passage } from './deep-nets.ts'
import { readDigits, type Digits } from './digits.ts'
import { fetchFile } from './fetch-file.ts'

/** From the page: train nets with so many blocks. */
export interface ToDepthWorker {
  readonly digits: string
  readonly depth: number
}

/** To the page. */
export type FromDepthWorker =
  | {
      readonly kind: 'learned'
      readonly step: number
      /** The training loss of each net, a mean over the steps since the last. */
      readonly losses: Readonly<Record<Passage, number>>
      readonly done: boolean
    }
  | { readonly kind: 'judged'; readonly errors: Readonly<Record<Passage, number>>; readonly seen: number }
  | { readonly kind: 'failed'; readonly message: string }

const post = (message: FromDepthWorker) => globalThis.postMessage(message)
const breath = () => new Promise(resolve => setTimeout(resolve, 0))
const SECONDS = 12
const STEPS_A_LINE = 5
const JUDGED = 1000

const byPassage = (entries: readonly (readonly [Passage, number])[]) =>
  Object.fromEntries(entries) as Record<Passage, number>

async function train({ digits, depth }: ToDepthWorker): Promise<void> {
  const { train: known, test } = readDigits(await unpack(await fetchFile(digits)))
  const nets = await deepNets(known, depth)
  const started = performance.now()
  for (let step = STEPS_A_LINE; ; step += STEPS_A_LINE) {
    const losses: (readonly [Passage, number])[] = []
    for (const [passage, net] of nets) losses.push([passage, await net.learn(STEPS_A_LINE)])
    const done = performance.now() - started > 1000 * SECONDS
    post({ kind: 'learned', step, losses: byPassage(losses), done })
    if (done) break
    await breath()
  }
  post({ kind: 'judged', errors: byPassage(await errorsOf(nets, test)), seen: Math.min(JUDGED, test.labels.length) })
}

type Nets = Awaited<ReturnType<typeof deepNets>>

/** The share of unseen digits that each net reads wrongly. */
async function errorsOf(nets: Nets, { images, labels }: Digits): Promise<(readonly [Passage, number])[]> {
  const count = Math.min(JUDGED, labels.length)
  const pixels = images.slice(0, (count * images.length) / labels.length)
  const errors: (readonly [Passage, number])[] = []
  for (const [passage, net] of nets) {
    const rows = await net.read(pixels)
    const wrong = rows.filter((row, i) => row.indexOf(row.reduce((a, b) => Math.max(a, b))) !== labels[i]).length
    errors.push([passage, wrong / count])
  }
  return errors
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToDepthWorker>) => {
  train(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
