// A trained model of language goes on with texts.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Module } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { generateText, type GenerateTextOptions } from '../generation/generate-text.ts'
import type { TextView } from '../tasks/task.ts'
import { ddlfCommand } from '../command-text.ts'

/** A trained model with what it belongs to. */
export interface TextModel {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly model: Module
  /** Its name, for messages. */
  readonly name?: string
}

/** How the model of a run is asked for text. @throws UserError where it is no model of language */
export function textViewOf({
  experiment, name = experiment.name,
}: Pick<TextModel, 'experiment' | 'name'>): TextView<TrainingSettings> {
  const view = experiment.task.views?.text
  if (view) return view
  throw new UserError({
    rule: 'Only a language model goes on with a text.',
    received: `${name}, whose task is ${experiment.task.name}`,
    next: `Ask it with: ${ddlfCommand('predict', 'latest', '<input>')}`,
  })
}

/** How texts are gone on with; `tokenizer` is that of the run (`runTokenizer`). */
export type SampleTextOptions = Omit<GenerateTextOptions<Module>, 'model' | 'logits' | 'capacity'>

/**
 * Goes on with texts: what was added to each of them, piece by piece.
 * @throws UserError where the model is none of language, or the prompts cannot be spelled by its vocabulary
 */
export function sampleText(
  trained: TextModel,
  options: SampleTextOptions,
): AsyncGenerator<readonly string[], void> {
  checkOptions('sampleText', options, [
    'tokenizer', 'prompts', 'tokens', 'runtime', 'temperature', 'topK', 'topP', 'seed', 'perRun', 'stop',
  ])
  const { model, settings } = trained
  const view = textViewOf(trained)
  return generateText<Module>({
    ...options,
    model,
    capacity: view.capacity(settings),
    logits: (one, tokens) => view.logits(one, tokens),
  })
}
