// One text or prepared picture of the user's through a trained model.
import { UserError, type Runtime, type TypedArray } from '@ddlf/tensor'
import type { TokenWriting } from '@ddlf/data'
import type { Module } from '@ddlf/nn'
import { ddlfCommand } from '../command-text.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
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

/** How texts are brought into the form that a model reads, and what it writes into texts. */
export interface TextReader {
  /** @throws UserError where the model cannot read the text */
  readonly prepare: (text: string) => PreparedInput
  /** Where the model writes tokens: how they become a text. */
  readonly writing?: TokenWriting
}

/**
 * Brings texts into the form that a model reads.
 * @param artifact what the run of the model keeps, by name
 * @throws UserError where the model reads no text
 */
export async function textReader(
  experiment: Experiment,
  settings: TrainingSettings,
  artifact: (name: string) => string | undefined = () => undefined,
): Promise<TextReader> {
  const { textForm } = experiment.data
  if (!textForm) {
    const { name } = inputOf(experiment, settings)
    throw new UserError({
      rule: `${experiment.name} reads ${name}, not a text.`,
      received: 'a text',
      next: name === 'images'
        ? 'Give the path of a picture.'
        : `Nobody can write them by hand; judge it on its own data: ${ddlfCommand('evaluate', '<run>')}`,
    })
  }
  const { read, counts, writing } = await textForm(settings, artifact)
  return {
    prepare(text) {
      const data = read(text)
      const count = data.filter(token => token > 0).length
      // One of `words and word groups` is a word.
      const noun = count === 1 ? counts.replace(/s\b.*$/, '') : counts
      if (count > 0 && text.trim() !== '') return { data, steps: [`${count} ${noun}`] }
      throw new UserError({
        rule: 'The text has no word.',
        received: JSON.stringify(text.slice(0, 60)),
        next: 'Write at least one word, in quotes.',
      })
    },
    ...(writing && { writing }),
  }
}

/** A trained model that is asked again and again. */
export interface Predictor {
  /** What it says of one input. */
  ask(input: PreparedInput): Promise<Answer>
  /** What it says of several, asked at once, in their order. */
  askAll(inputs: readonly PreparedInput[]): Promise<readonly Answer[]>
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

/** Several inputs in one array. */
function joined(inputs: readonly PreparedInput[]): TypedArray {
  const [first] = inputs
  if (!first || inputs.length === 1) return first?.data ?? new Int32Array()
  const all = new (first.data.constructor as new (length: number) => TypedArray)(inputs.length * first.data.length)
  for (const [i, { data }] of inputs.entries()) all.set(data, i * first.data.length)
  return all
}

/**
 * Compiles a model for single inputs.
 * @param writing how the tokens that it writes become a text, where it writes some
 * @throws UserError where it is not asked about single things; when it is asked, where its outputs are not finite
 */
export function predictor(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  runtime: Runtime,
  writing?: TokenWriting,
): Predictor {
  const answers = answersOfTask(experiment)
  const { name } = inputOf(experiment, settings)
  const asked = askModel(experiment, settings, model, runtime)
  const askAll = async (inputs: readonly PreparedInput[]) => {
    const outputs = await asked.ask({ [name]: joined(inputs) })
    assertFiniteOutputs(outputs)
    return answers(outputs, classesOf(experiment, settings), writing)
  }
  return {
    askAll,
    ask: async input => (await askAll([input]))[0] as Answer,
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
  writing?: TokenWriting,
): Promise<Answer> {
  const asked = predictor(experiment, settings, model, runtime, writing)
  try {
    return await asked.ask(input)
  } finally {
    await asked.release()
  }
}
