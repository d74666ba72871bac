// The worker behind the speller of sounds: fetches a small recorded net at the first word, and spells.
import type { Spelled } from '../explain/sounds-figure.ts'
import { soundsSpeller, type SoundsNet } from '../explain/sounds-net.ts'
import { fetchFile } from './fetch-file.ts'

/** From the page: which word, with the address and the sizes of the net. */
export interface ToSoundsWorker {
  readonly word: string
  readonly address: string
  readonly net: Pick<SoundsNet, 'width' | 'layers' | 'symbols'>
}

/** To the page. */
export type FromSoundsWorker =
  | { readonly kind: 'spelled'; readonly found: Spelled; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly message: string }

const post = (message: FromSoundsWorker) => globalThis.postMessage(message)

let speller: Promise<(word: string) => Promise<Spelled>> | undefined

async function load({ address, net }: ToSoundsWorker) {
  return soundsSpeller(net, (await fetchFile(address)).buffer)
}

async function answer(asked: ToSoundsWorker): Promise<void> {
  speller ??= load(asked)
  const spell = await speller
  const started = performance.now()
  const found = await spell(asked.word)
  post({ kind: 'spelled', found, milliseconds: performance.now() - started })
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToSoundsWorker>) => {
  answer(data).catch((error: unknown) => {
    speller = undefined
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  })
})
