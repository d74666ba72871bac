// The worker behind the trainer of words: fetches speeches, learns for a few seconds, and says who is near whom.
import { fetchFile } from './fetch-file.ts'
import { learningWords, type LearningWords } from './learning-words.ts'

/** From the page. */
export type ToVectorsWorker =
  | { readonly kind: 'train'; readonly words: string; readonly tokens: string; readonly asked: readonly string[] }
  | { readonly kind: 'near'; readonly word: string }

/** A word and those that are near it so far; undefined: it is not known. */
export interface NearWords {
  readonly word: string
  readonly near: readonly { readonly word: string; readonly similarity: number }[] | undefined
}

/** To the page. */
export type FromVectorsWorker =
  | {
      readonly kind: 'learned'
      readonly read: number
      readonly loss: number
      readonly perSecond: number
      readonly near: readonly NearWords[]
      readonly done: boolean
    }
  | ({ readonly kind: 'near' } & NearWords)
  | { readonly kind: 'failed'; readonly message: string }

const SECONDS = 5
const MILLISECONDS_A_LINE = 700

const post = (message: FromVectorsWorker) => globalThis.postMessage(message)
const breath = () => new Promise(resolve => setTimeout(resolve, 0))

let vectors: LearningWords | undefined

async function trainOn({ words, tokens, asked }: Extract<ToVectorsWorker, { kind: 'train' }>): Promise<void> {
  const [about, bytes] = await Promise.all([fetchFile(words), fetchFile(tokens)])
  const listed = JSON.parse(new TextDecoder().decode(about)) as { words: string[]; lengths: number[] }
  const model = (vectors = learningWords({ ...listed, tokens: Int32Array.from(new Uint16Array(bytes.buffer)) }))
  const started = performance.now()
  let told = started
  for (;;) {
    const loss = model.learn()
    const now = performance.now()
    const done = loss === undefined || now - started > 1000 * SECONDS
    if (done || now - told > MILLISECONDS_A_LINE || model.read < 30_000) {
      told = now
      const near = asked.map(word => ({ word, near: model.near(word) }))
      const perSecond = (1000 * model.read) / (now - started)
      post({ kind: 'learned', read: model.read, loss: loss ?? Number.NaN, perSecond, near, done })
      await breath()
    }
    if (done) return
  }
}

async function answer(message: ToVectorsWorker): Promise<void> {
  if (message.kind === 'train') return trainOn(message)
  if (vectors) post({ kind: 'near', word: message.word, near: vectors.near(message.word) })
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToVectorsWorker>) => {
  answer(data).catch((error: unknown) =>
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
