// The recorded GPT, ready to write on any runtime: in the page's worker, and in tests beside the terminal's.
import { experiments } from '@ddlf/course'
import { characterTokenizer } from '@ddlf/data/tokenizers'
import { findExperiment, parseSettings, sampleText } from '@ddlf/lab'
import { loadStateDict, withSeed, type Module } from '@ddlf/nn'
import type { Runtime } from '@ddlf/tensor'
import { unpackWeights, type ShakespeareGpt } from '../explain/shakespeare-gpt.ts'

/** What is asked for. */
export interface Writing {
  readonly prompt: string
  readonly temperature: number
  /** Only the k likeliest characters. */
  readonly topK: number
  readonly seed: number
  /** Characters to add. */
  readonly tokens: number
}

export interface GptWriter {
  readonly model: Module
  /** Goes on with a text, one character at a time. @throws UserError for characters that it never saw */
  write(writing: Writing): AsyncGenerator<string, void>
}

/** A model with the packed weights. */
export function gptWriter(recorded: ShakespeareGpt, bytes: Uint8Array, runtime: Runtime): GptWriter {
  const experiment = findExperiment(experiments, recorded.experiment)
  const settings = parseSettings(experiment, recorded.settings)
  const model = withSeed(settings.seed, () => experiment.model(settings))
  loadStateDict(model, unpackWeights(recorded.tensors, bytes))
  const tokenizer = characterTokenizer(recorded.alphabet)
  return {
    model,
    async *write({ prompt, temperature, topK, seed, tokens }) {
      const pieces = sampleText({ experiment, settings, model }, {
        temperature, topK, seed, tokens, prompts: [prompt], tokenizer, runtime, perRun: 1,
      })
      for await (const [piece = ''] of pieces) if (piece !== '') yield piece
    },
  }
}
