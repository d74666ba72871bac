// The worker behind the trainer of names: fetches the names, learns for a few seconds, and goes on with beginnings.
import { fetchFile } from './fetch-file.ts'
import { learningNames, type LearningNames } from './learning-names.ts'

/** From the page. */
export type ToNamesWorker =
  | { readonly kind: 'train'; readonly address: string }
  | { readonly kind: 'finish'; readonly beginning: string; readonly temperature: number; readonly seed: number }

/** To the page. */
export type FromNamesWorker =
  | {
      readonly kind: 'learned'
      readonly step: number
      readonly loss: number
      readonly names: readonly string[]
      readonly done: boolean
    }
  | { readonly kind: 'finished'; readonly names: readonly { readonly name: string; readonly isListed: boolean }[] }
  | { readonly kind: 'failed'; readonly message: string }

const SECONDS = 5
const MILLISECONDS_A_LINE = 400
const WRITTEN = 8

const post = (message: FromNamesWorker) => globalThis.postMessage(message)
const breath = () => new Promise(resolve => setTimeout(resolve, 0))

let net: LearningNames | undefined
let listed = new Set<string>()

async function trainOn(address: string): Promise<void> {
  const names = new TextDecoder().decode(await fetchFile(address)).split('\n').filter(Boolean)
  listed = new Set(names)
  const model = (net = await learningNames(names))
  const blank = new Array<string>(WRITTEN).fill('')
  const started = performance.now()
  for (let steps = 1; ;) {
    const before = performance.now()
    const loss = await model.learn(steps)
    const spent = performance.now() - before
    const done = performance.now() - started > 1000 * SECONDS
    post({ kind: 'learned', step: model.steps, loss, names: await model.finish(blank, 1, model.steps), done })
    if (done) return
    steps = Math.max(1, Math.min(8 * steps, Math.round((steps * MILLISECONDS_A_LINE) / spent)))
    await breath()
  }
}

async function answer(message: ToNamesWorker): Promise<void> {
  if (message.kind === 'train') return trainOn(message.address)
  if (!net) return
  const beginnings = new Array<string>(WRITTEN).fill(message.beginning)
  const names = await net.finish(beginnings, message.temperature, message.seed)
  post({ kind: 'finished', names: names.map(name => ({ name, isListed: listed.has(name) })) })
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToNamesWorker>) => {
  answer(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
