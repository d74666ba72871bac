// The worker behind the table of own words: learns from it while the page stays alive, and answers sentences.
import { learnWords, readRows, type Answer, type OwnModel, type Progress, type Way } from './own-words.ts'

/** From the page. */
export type ToWordsWorker =
  | { readonly kind: 'learn'; readonly table: string; readonly way: Way }
  | { readonly kind: 'ask'; readonly text: string }

/** To the page. */
export type FromWordsWorker =
  | ({ readonly kind: 'progress' } & Progress)
  | {
      readonly kind: 'learned'
      readonly labels: readonly string[]
      readonly held: OwnModel['held']
      readonly milliseconds: number
    }
  | ({ readonly kind: 'answer' } & Answer)
  | { readonly kind: 'failed'; readonly message: string }

const post = (message: FromWordsWorker) => globalThis.postMessage(message)
let model: OwnModel | undefined

async function hear(message: ToWordsWorker): Promise<void> {
  if (message.kind === 'ask') {
    if (model) post({ kind: 'answer', ...model.answer(message.text) })
    return
  }
  const began = performance.now()
  model = await learnWords(readRows(message.table), message.way, progress => post({ kind: 'progress', ...progress }))
  post({ kind: 'learned', labels: model.labels, held: model.held, milliseconds: performance.now() - began })
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToWordsWorker>) => {
  hear(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
