// The address that a page asks for a text: it streams what a run's model of language writes, and ends with its reader.
import { UserError } from '@ddlf/tensor/errors'
import type { Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import { z } from 'zod'
import { TEXT_DEFAULTS } from '../generation/text-defaults.ts'
import { streamFromChild } from '../jobs/process/stream-from-child.ts'
import { nameOfRun } from '../runs/node.ts'
import { Places, within } from './limits.ts'
import { requestJson } from './request-json.ts'
import type { RunIndex } from './run-index.ts'
import type { TextQuestion } from './written-text.ts'

/** Texts at once: each is a process that opens a model. */
const MOST_TEXTS = 3
/** Milliseconds that a text may take, and that a reader may take nothing. */
const [PATIENCE, STALLED] = [5 * 60_000, 30_000]

const questionSchema = z.strictObject({
  prompt: z.string().max(20_000).default(''),
  tokens: z.number().int().min(1).max(4000).default(TEXT_DEFAULTS.tokens),
  temperature: z.number().min(0).max(100).default(TEXT_DEFAULTS.temperature),
  topK: z.number().int().min(1).max(1_000_000).optional(),
  topP: z.number().gt(0).max(1).optional(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(TEXT_DEFAULTS.seed),
})

/** A line of the answer. */
export type TextLine =
  | { readonly text: string }
  | { readonly end: true }
  | { readonly error: string; readonly received?: string | undefined; readonly next?: string | undefined }

function refusalOf(error: unknown): TextLine {
  if (error instanceof UserError) {
    const { rule, received, next } = error.parts
    return { error: rule, received, next }
  }
  console.error(error)
  return { error: 'The lab failed to write.' }
}

/** Answers `POST /api/runs/<experiment>/<id>/text` with lines of JSON, each a {@link TextLine}. */
export function serveText(
  app: Hono,
  { index, ...about }: { readonly index: RunIndex } & Pick<TextQuestion, 'experimentsModule' | 'root'>,
): void {
  const places = new Places(MOST_TEXTS, 'texts')
  app.post('/api/runs/:experiment/:id/text', async (context: Context) => {
    const run = nameOfRun(index.find(context.req.param('experiment') ?? '', context.req.param('id') ?? ''))
    const question: TextQuestion = { ...about, run, ...questionSchema.parse(await requestJson(context)) }
    const leave = places.take()
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), PATIENCE)
    context.header('Content-Type', 'application/x-ndjson')
    return stream(context, async answer => {
      answer.onAbort(() => stop.abort())
      const say = async (line: TextLine) => {
        const sent = answer.write(`${JSON.stringify(line)}\n`).then(() => true)
        if ((await within(sent, STALLED)) === undefined) stop.abort()
      }
      try {
        const module = new URL('./written-text.ts', import.meta.url)
        for await (const text of streamFromChild<string>(module, 'writtenText', question, { signal: stop.signal })) {
          if (text !== '') await say({ text })
        }
        const late = { error: 'The text took too long.', next: 'Ask for fewer tokens.' }
        await say(stop.signal.aborted ? late : { end: true })
      } catch (error) {
        await say(refusalOf(error))
      } finally {
        clearTimeout(timer)
        leave()
      }
    })
  })
}
