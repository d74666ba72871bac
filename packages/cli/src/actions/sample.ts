// ddlf sample <run>: a trained language model goes on with a text, or with several.
import { sampleText, textViewOf } from '@ddlf/lab'
import { openTrainedRun, runTokenizer } from '@ddlf/lab/node'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { pc } from '../terminal/colour.ts'
import { experiments } from '../experiments.ts'

/** The options of the command. */
export interface SampleOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly prompt: readonly string[]
  readonly tokens: number
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly stop: readonly string[]
  readonly seed: number
  readonly threads: number
  readonly json?: boolean
}

/** Several texts are written one after the other, so that lines do not mix; one is written as it is made. */
async function collect(pieces: AsyncIterable<readonly string[]>, count: number, onPiece: (piece: string) => void) {
  const texts = new Array<string>(count).fill('')
  for await (const made of pieces) {
    made.forEach((piece, i) => (texts[i] = `${texts[i] ?? ''}${piece}`))
    if (count === 1) onPiece(made[0] ?? '')
  }
  return texts
}

/** Does what `ddlf sample` is asked for. */
export async function sampleAction(reference: string, options: SampleOptions): Promise<void> {
  const { runs, checkpoint, tokens, temperature, topK, topP, seed, threads, stop, json = false } = options
  const trained = openTrainedRun(experiments, runs, reference, checkpoint)
  textViewOf(trained)
  const prompts = options.prompt.length === 0 ? [''] : options.prompt
  const pieces = sampleText(trained, {
    // Small models are fastest on one thread.
    runtime: onnxNodeRuntime({ threads }),
    tokenizer: await runTokenizer(trained),
    prompts,
    tokens,
    temperature,
    seed,
    stop,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
  })
  let begun = false
  const texts = await collect(pieces, prompts.length, piece => {
    if (json) return
    // Not before the model has read it: a prompt that it cannot spell is refused.
    process.stdout.write(begun ? piece : `${prompts[0] ?? ''}${piece}`)
    begun = true
  })
  if (json) {
    const settings = { temperature, topK: topK ?? null, topP: topP ?? null, seed, tokens }
    const said = prompts.map((prompt, i) => ({ prompt, text: texts[i] ?? '' }))
    console.log(JSON.stringify({ run: trained.name, checkpoint, ...settings, texts: said }))
    return
  }
  if (prompts.length === 1) console.log('')
  else prompts.forEach((prompt, i) => console.log(`${pc.dim(`--- ${i + 1}`)}\n${prompt}${texts[i] ?? ''}`))
}
