// The worker behind the plan page's button: fetches a few digits and trains while the page draws.
import { unpack } from './bytes.ts'
import { PIXELS, readDigits, type Digits } from './digits.ts'
import { fetchFile } from './fetch-file.ts'
import { quickNet, type QuickNet } from './quick-net.ts'

/** From the page. */
export type ToQuickWorker =
  | { readonly kind: 'train'; readonly digits: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'read'; readonly pixels: Uint8Array }
  | { readonly kind: 'example'; readonly index: number }

/** To the page. */
export type FromQuickWorker =
  | { readonly kind: 'loading'; readonly loaded: number; readonly total: number }
  | {
      readonly kind: 'learned'
      readonly step: number
      readonly epoch: number
      /** Digits that it learns from. */
      readonly from: number
      /** Share of the unseen digits that are read wrongly. */
      readonly error: number
      readonly seen: number
      readonly filters: readonly Float32Array[]
      readonly done: boolean
    }
  | { readonly kind: 'reading'; readonly probabilities: Float32Array }
  | { readonly kind: 'example'; readonly pixels: Uint8Array; readonly label: number }
  | { readonly kind: 'failed'; readonly message: string }

const post = (message: FromQuickWorker) => globalThis.postMessage(message)
const SECONDS = 12
const FIRST_STEPS = 5
const MILLISECONDS_A_PICTURE = 180

let net: QuickNet | undefined
let judged: Digits | undefined
/** Set by the page while a training goes on. */
const asked = { toStop: false }
const isAskedToStop = () => asked.toStop

const breath = () => new Promise(resolve => setTimeout(resolve, 0))

async function errorOf(model: QuickNet, { images, labels }: Digits): Promise<number> {
  const rows = await model.read(images)
  const wrong = rows.filter((row, i) => row.indexOf(row.reduce((a, b) => Math.max(a, b))) !== labels[i]).length
  return wrong / labels.length
}

async function trainOn(address: string): Promise<void> {
  asked.toStop = false
  const packed = await fetchFile(address, (loaded, total) => post({ kind: 'loading', loaded, total }))
  const { train, test } = readDigits(await unpack(packed))
  judged = test
  const model = (net = await quickNet(train))
  const started = performance.now()
  let steps = FIRST_STEPS
  for (;;) {
    const before = performance.now()
    await model.learn(steps)
    const spent = performance.now() - before
    steps = Math.max(1, Math.min(60, Math.round((steps * MILLISECONDS_A_PICTURE) / spent)))
    const done = isAskedToStop() || performance.now() - started > 1000 * SECONDS
    const { steps: step, epoch } = model
    post({
      kind: 'learned',
      step,
      epoch,
      error: await errorOf(model, test),
      from: train.labels.length,
      seen: test.labels.length,
      filters: model.filters(),
      done,
    })
    if (done) return
    await breath()
  }
}

async function answer(message: ToQuickWorker): Promise<void> {
  if (message.kind === 'train') await trainOn(message.digits)
  else if (message.kind === 'stop') asked.toStop = true
  else if (message.kind === 'read') {
    const [probabilities] = (await net?.read(message.pixels)) ?? []
    if (probabilities) post({ kind: 'reading', probabilities })
  } else if (judged) {
    const index = message.index % judged.labels.length
    const pixels = judged.images.slice(index * PIXELS, (index + 1) * PIXELS)
    post({ kind: 'example', pixels, label: judged.labels[index] ?? 0 })
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToQuickWorker>) => {
  answer(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
