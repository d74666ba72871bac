// What a run's model of language writes, in a process of its own.
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { experimentsFrom } from '../experiment/node/experiments-from.ts'
import { runTokenizer } from '../trained/node/run-tokenizer.ts'
import { openTrainedRun } from '../trained/node/trained-run.ts'
import { sampleText, textViewOf } from '../trained/sample-text.ts'

/** What is to be written. */
export interface TextQuestion {
  readonly experimentsModule: ExperimentModules
  /** The folder that holds all runs. */
  readonly root: string
  /** `<experiment>/<id>` */
  readonly run: string
  readonly prompt: string
  readonly tokens: number
  readonly temperature: number
  readonly topK?: number | undefined
  readonly topP?: number | undefined
  readonly seed: number
}

/** What is added to the prompt, piece by piece. @throws UserError where the run has no model of language */
export async function* writtenText(question: TextQuestion): AsyncGenerator<string, void> {
  const { experimentsModule, root, run, prompt, topK, topP, ...how } = question
  const trained = openTrainedRun(await experimentsFrom(experimentsModule), root, run)
  // Said before a tokenizer is looked for.
  textViewOf(trained)
  const pieces = sampleText(trained, {
    tokenizer: await runTokenizer(trained),
    // Small models are fastest on one thread, and a training may have the others.
    runtime: onnxNodeRuntime({ threads: 1 }),
    prompts: [prompt],
    tokens: how.tokens,
    temperature: how.temperature,
    seed: how.seed,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
  })
  for await (const [piece = ''] of pieces) yield piece
}
