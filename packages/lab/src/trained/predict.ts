// One text or prepared picture of the user's through a trained model.
import { UserError, type Runtime, type TypedArray } from '@ddlf/tensor'
import type { Module } from '@ddlf/nn'
import { ddlfCommand } from '../command-text.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { hashText, type HashingOptions } from '../own-data/hashed-tokens.ts'
import { classesOf, inputOf } from '../experiment/experiment-data.ts'
import type { Answer, TaskViews } from '../tasks/task.ts'
import { assertFiniteOutputs } from '../train/finite.ts'
import { askModel } from './ask-model.ts'

/** What a model reads, made of something of the user's. */
export interface PreparedInput {
  readonly data: TypedArray
  /** What was done to it, in order, for the reader: `grey`, `resized from 200x160 to 28x28`. */
  readonly steps: readonly string[]
}

/**
 * Brings a text into the form a model reads.
 * @param artifact what the run of the model keeps, by name
 * @throws UserError where the model reads no text of this form
 */
export function prepareText(
  experiment: Experiment,
  settings: TrainingSettings,
  text: string,
  artifact: (name: string) => string | undefined = () => undefined,
): PreparedInput {
  const { own, readText } = experiment.data
  if (own !== 'text-table' && !readText) {
    throw new UserError({
      rule: `${experiment.name} reads ${inputOf(experiment, settings).name}, not a text.`,
      received: text.slice(0, 60),
      next: 'Give the path of a picture.',
    })
  }
  const options = settings as unknown as HashingOptions
  const data = readText ? readText(text, settings, artifact) : hashText(text, options)
  const tokens = data.filter(token => token > 0).length
  if (tokens === 0) throw new UserError({ rule: 'The text has no word.', received: JSON.stringify(text.slice(0, 60)) })
  return { data, steps: [`${tokens} words and word groups`] }
}

/** A trained model that is asked again and again. */
export interface Predictor {
  /** What it says of one input. */
  ask(input: PreparedInput): Promise<Answer>
  release(): Promise<void>
}

/**
 * How the outputs of a model are read.
 * @param asked names the run in the command that is advised, with `--runs` where that is needed
 * @throws UserError where it is not asked about single things
 */
export function answersOfTask(
  { name, task }: Pick<Experiment, 'name' | 'task'>,
  asked: readonly string[] = ['latest'],
): NonNullable<TaskViews<never>['answers']> {
  const { answers, text, pictures } = task.views ?? {}
  if (answers) return answers
  throw new UserError({
    rule: 'Only a model that answers is asked about something.',
    received: `${name}, whose task is ${task.name}`,
    next: text ?? pictures
      ? `It makes ${text ? 'texts' : 'pictures'}: ${ddlfCommand('sample', ...asked)}`
      : `Judge it on its data: ${ddlfCommand('evaluate', ...asked)}`,
  })
}

/**
 * Compiles a model for single inputs.
 * @throws UserError where it is not asked about single things; when it is asked, where its outputs are not finite
 */
export function predictor(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  runtime: Runtime,
): Predictor {
  const answers = answersOfTask(experiment)
  const { name } = inputOf(experiment, settings)
  const asked = askModel(experiment, settings, model, runtime)
  return {
    async ask({ data }) {
      const outputs = await asked.ask({ [name]: data })
      assertFiniteOutputs(outputs)
      return answers(outputs, classesOf(experiment, settings))[0] as Answer
    },
    release: () => asked.release(),
  }
}

/** What a model says of one input; see {@link predictor}. */
export async function predict(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  input: PreparedInput,
  runtime: Runtime,
): Promise<Answer> {
  const asked = predictor(experiment, settings, model, runtime)
  try {
    return await asked.ask(input)
  } finally {
    await asked.release()
  }
}
