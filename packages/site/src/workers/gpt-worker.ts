// The worker behind the box that writes: fetches the weights, and goes on with a text one character at a time.
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url'
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import weights from '../explain/shakespeare-gpt.bin?url'
import recorded from '../explain/shakespeare-gpt.json'
import { shakespeareGptSchema } from '../explain/shakespeare-gpt.ts'
import { fetchFile } from './fetch-file.ts'
import { gptWriter, type GptWriter, type Writing } from './gpt-writer.ts'

/** From the page. */
export type ToGptWorker = ({ readonly kind: 'write' } & Writing) | { readonly kind: 'stop' }

/** To the page. */
export type FromGptWorker =
  | { readonly kind: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly kind: 'wrote'; readonly piece: string }
  | { readonly kind: 'done'; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly message: string }

const post = (message: FromGptWorker) => globalThis.postMessage(message)
const breath = () => new Promise(resolve => setTimeout(resolve, 0))
const absolute = (address: string) => new URL(address, location.href).href

let writer: Promise<GptWriter> | undefined
/** Set by the page while a text is written. */
const asked = { toStop: false }
const isAskedToStop = () => asked.toStop

async function load(): Promise<GptWriter> {
  const model = shakespeareGptSchema.parse(recorded)
  const total = model.bytes
  const bytes = await fetchFile(absolute(weights), loaded => post({ kind: 'loading', loaded, total }))
  const runtime = onnxWebRuntime({ threads: 1, assets: { mjs: absolute(mjs), wasm: absolute(wasm) } })
  return gptWriter(model, bytes, runtime)
}

async function write(writing: Writing): Promise<void> {
  asked.toStop = false
  writer ??= load()
  const ready = await writer.catch((error: unknown) => {
    writer = undefined
    throw error
  })
  for await (const piece of ready.write(writing)) {
    post({ kind: 'wrote', piece })
    // The kernels block this thread: a turn of the event loop lets the page's word in.
    await breath()
    if (isAskedToStop()) break
  }
  post({ kind: 'done', stopped: isAskedToStop() })
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToGptWorker>) => {
  if (data.kind === 'stop') {
    asked.toStop = true
    return
  }
  write(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
