// What a task has to show of a trained model, beside what is shown of every model.
import type { Runtime } from '@ddlf/tensor'
import { take, type Dataset } from '@ddlf/data'
import type { Tokenizer } from '@ddlf/data/tokenizers'
import type { TaskFigure, TextsAsked } from '../tasks/task.ts'
import { Evaluator } from '../train/evaluator.ts'
import { askModel } from './ask-model.ts'
import type { SampledModel } from './sample-pictures.ts'
import { sampleText } from './sample-text.ts'

/** Texts from their beginning to their last token. */
async function writtenTexts(
  model: SampledModel, tokenizer: Tokenizer, runtime: Runtime, { count, ...how }: TextsAsked,
): Promise<string[]> {
  const texts = new Array<string>(count).fill('')
  for await (const pieces of sampleText(model, { ...how, tokenizer, runtime, prompts: [...texts] })) {
    pieces.forEach((piece, i) => (texts[i] = `${texts[i] ?? ''}${piece}`))
  }
  return texts
}

/**
 * The figures of a task; none where it has none.
 * @param judging gives the data that judge the model; asked where a figure is of them
 * @param tokenizer of a model of language: its run's, without which no text is shown
 */
export async function taskFigures(
  sampled: SampledModel,
  judging: () => Promise<Dataset>,
  runtime: Runtime,
  tokenizer?: Tokenizer,
): Promise<readonly TaskFigure[]> {
  const { experiment, settings, model } = sampled
  const { figures } = experiment.task.views ?? {}
  if (!figures) return []
  const asked = askModel(experiment, settings, model, runtime)
  const evaluator = new Evaluator(experiment, settings, model, runtime)
  const firstOf = async (examples: number) => take(await judging(), examples)
  try {
    return await figures({
      settings,
      ask: asked.ask,
      judging: firstOf,
      evaluated: async (examples, names) =>
        (await evaluator.evaluate(await firstOf(examples), { also: names })).outputs,
      ...(tokenizer && { write: how => writtenTexts(sampled, tokenizer, runtime, how) }),
    })
  } finally {
    await Promise.all([asked.release(), evaluator.release()])
  }
}
