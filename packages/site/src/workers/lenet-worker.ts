// The worker behind the trainer of feature maps: fetches a few digits, and shows what a LeNet finds while it learns.
import { unpack } from './bytes.ts'
import { PIXELS, readDigits, type Digits } from './digits.ts'
import { fetchFile } from './fetch-file.ts'
import { quickLeNet, type QuickLeNet, type Sight } from './quick-lenet.ts'

/** From the page. */
export type ToLeNetWorker =
  | { readonly kind: 'train'; readonly digits: string }
  | { readonly kind: 'stop' }
  /** From now on this picture is looked at. */
  | { readonly kind: 'look'; readonly pixels: Uint8Array }
  /** The same with a digit of the test. */
  | { readonly kind: 'example'; readonly index: number }

/** To the page. */
export type FromLeNetWorker =
  | { readonly kind: 'loading'; readonly loaded: number }
  | {
      readonly kind: 'learned'
      readonly step: number
      /** Digits that it learns from. */
      readonly from: number
      readonly loss: number
      /** Share of the unseen digits that are read wrongly. */
      readonly error: number
      readonly judged: number
      readonly windows: readonly Float32Array[]
      readonly done: boolean
    }
  | {
      readonly kind: 'seen'
      readonly pixels: Uint8Array
      /** What a digit of the test is; undefined of a drawing. */
      readonly label: number | undefined
      /** Another one for each picture. */
      readonly turn: number
      readonly sight: Sight
    }
  | { readonly kind: 'failed'; readonly message: string }

const post = (message: FromLeNetWorker) => globalThis.postMessage(message)
const SECONDS = 15
const MILLISECONDS_A_PICTURE = 400
/** Unseen digits that are judged on the way, and at the end. */
const JUDGED = { often: 100, once: 1000 } as const

let net: QuickLeNet | undefined
let unseen: Digits | undefined
let looked: { readonly pixels: Uint8Array; readonly label: number | undefined; readonly turn: number } | undefined
let turns = 0
/** Set by the page while a training goes on. */
const asked = { toStop: false }
const isAskedToStop = () => asked.toStop
const breath = () => new Promise(resolve => setTimeout(resolve, 0))

async function errorOf(model: QuickLeNet, { images, labels }: Digits, count: number): Promise<number> {
  const rows = await model.read(images.subarray(0, count * PIXELS))
  const wrong = rows.filter((row, i) => row.indexOf(row.reduce((a, b) => Math.max(a, b))) !== labels[i]).length
  return wrong / rows.length
}

async function show(): Promise<void> {
  if (!net || !looked) return
  post({ kind: 'seen', ...looked, sight: await net.see(looked.pixels) })
}

function take(index: number): void {
  if (!unseen) return
  const at = index % unseen.labels.length
  looked = { pixels: unseen.images.slice(at * PIXELS, (at + 1) * PIXELS), label: unseen.labels[at], turn: ++turns }
}

async function trainOn(address: string): Promise<void> {
  asked.toStop = false
  const packed = await fetchFile(address, loaded => post({ kind: 'loading', loaded }))
  const { train, test } = readDigits(await unpack(packed))
  unseen = test
  if (!looked) take(0)
  const model = (net = await quickLeNet(train))
  await show()
  const started = performance.now()
  for (let steps = 1; ;) {
    const before = performance.now()
    const loss = await model.learn(steps)
    const spent = performance.now() - before
    steps = Math.max(1, Math.min(4 * steps, Math.round((steps * MILLISECONDS_A_PICTURE) / spent)))
    const done = isAskedToStop() || performance.now() - started > 1000 * SECONDS
    const judged = done ? JUDGED.once : JUDGED.often
    const error = await errorOf(model, test, judged)
    const from = train.labels.length
    post({ kind: 'learned', step: model.steps, from, loss, error, judged, windows: model.windows(), done })
    await show()
    if (done) return
    await breath()
  }
}

async function answer(message: ToLeNetWorker): Promise<void> {
  if (message.kind === 'train') await trainOn(message.digits)
  else if (message.kind === 'stop') asked.toStop = true
  else {
    if (message.kind === 'look') looked = { pixels: message.pixels, label: undefined, turn: ++turns }
    else take(message.index)
    await show()
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToLeNetWorker>) => {
  answer(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
