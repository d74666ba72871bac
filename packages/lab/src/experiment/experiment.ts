// What an experiment is: a question, a data set, settings, a model and a task; everything a training run needs to know.
import { ddlfCommand } from '../command-text.ts'
import { checkOptions, nearestName, UserError } from '@ddlf/tensor'
import type { Dataset, Transform } from '@ddlf/data'
import type { Module, StateDict } from '@ddlf/nn'
import { z } from 'zod'
import type { DataForm, DataSource } from '../data-source/data-source.ts'
import type { Space } from '../studies/space/space.ts'
import type { Recipe, Task } from '../tasks/task.ts'
import { placedIssue } from './issue-words.ts'
import { SettingsError } from './settings-error.ts'
import type { trainingSettings } from './training-settings.ts'

/** A result that somebody published, with where it is written. */
export interface PublishedReference {
  readonly id: string
  readonly source: { readonly citation: string; readonly url: string; readonly table?: string }
  /** The configuration as published, in a few words. */
  readonly protocol: string
  readonly metric: string
  /** The part of the data that the figure is of, where it is not the one that our runs are judged by. */
  readonly part?: 'train' | 'validation'
  /**
   * The figure is that of the best epoch, chosen by itself; of the epoch that held-out data chose, by what the task is
   * monitored by; or of one evaluation, counted from 1. Default: the last epoch's.
   */
  readonly epoch?: 'best' | 'chosen' | number
  /** Of several seeds the median was published; default: their mean. */
  readonly over?: 'median'
  readonly value: number
  /** Standard deviation or rounding of the published value. */
  readonly tolerance?: number
  readonly comparable: 'same protocol' | 'shorter schedule' | 'different'
}

/** A trained model whose outputs over the training examples are a further column of them. */
export interface Teacher<Settings> {
  /** The experiment that the teacher is a run of. */
  readonly experiment: Experiment
  /** The settings of its run, where they are not the defaults; undefined: with these settings there is no teacher. */
  readonly settings: (settings: Settings) => Readonly<Record<string, unknown>> | undefined
  /** Which of its outputs, and what the column is called. */
  readonly output: string
  readonly column: string
  /** The shape of one example's output. */
  readonly shape: readonly number[]
}

/** What a model may take from the run that it starts from. */
export interface OfferedWeights {
  /** What the model begins with otherwise: its random weights, by name. */
  readonly own: StateDict
  /** The weights of the other run, by their names there. */
  readonly other: StateDict
  /** Files that the two runs keep of their data, by name: their vocabularies. @throws UserError where it is missing */
  readonly artifacts: { readonly own: (name: string) => string; readonly other: (name: string) => string }
}

/** A run of another experiment that a model starts from, though it is another model. */
export interface StartingPoint<Settings> {
  /** The experiment that it is a run of. */
  readonly experiment: Experiment
  /** The settings of that run, where they are not the defaults; undefined: with these settings all begins at random. */
  readonly settings: (settings: Settings) => Readonly<Record<string, unknown>> | undefined
  /** The weights to begin with, under the names of this model, and in a line what was found. */
  readonly weights: (offered: OfferedWeights) => { readonly tensors: StateDict; readonly said: string }
}

/** Settings that every experiment has. */
export type TrainingSettings = z.infer<typeof trainingSettings>

/** The record that defines an experiment. */
export interface ExperimentDefinition<Schema extends z.ZodObject, Model extends Module = Module> {
  /** As typed on the command line: `mlp-on-mnist`. */
  readonly name: string
  readonly title: string
  /** The question the experiment answers. */
  readonly question: string
  /** What it learns from: `publishedSet(id)`, `textStream(...)`, `ownData(...)`. */
  readonly data: DataSource<z.infer<Schema>>
  /** Settings with their defaults and descriptions; contains the fields of `trainingSettings`. */
  readonly config: Schema
  /** Whatever model it asks for: it says itself where the model is another. */
  readonly task: Task<z.infer<Schema>, never>
  /** Builds the model for data of some form; its initial weights follow from the run's seed. */
  readonly model: (settings: z.infer<Schema>, form: DataForm) => Model
  /**
   * Sets what the model takes from its training examples before the first step, such as the statistics it whitens with.
   * A
   * resumed run does it too, before it loads its state: it must follow from the examples and the settings alone.
   */
  readonly prepare?: (model: Model, train: Dataset, settings: z.infer<Schema>) => void
  /** Augmentations of the training images. */
  readonly transforms?: (settings: z.infer<Schema>) => readonly Transform[]
  /** Chooses what is learned from: a part of the training examples, or the same with other right answers. */
  readonly trainingSet?: (train: Dataset, settings: z.infer<Schema>) => Dataset
  /** Whom the model learns from beside the data. */
  readonly teacher?: Teacher<z.infer<Schema>>
  /** The run of another experiment that it starts from, where nobody names one. */
  readonly startsFrom?: StartingPoint<z.infer<Schema>>
  /** What a study tunes where nothing else is said, beside or instead of the general parameters. */
  readonly space?: (settings: z.infer<Schema>) => Space
  /** How its parameters are moved, where it is not as the settings say; a phase of its task may say otherwise. */
  readonly recipe?: (settings: z.infer<Schema>, length: { readonly totalSteps: number }) => Recipe
  /**
   * Settings that change nothing beside others, by name, with what keeps them from that: `{ mixAlpha: 'mix=none' }`. A
   * training says so of those that were chosen.
   */
  readonly idle?: (settings: z.infer<Schema>) => Readonly<Record<string, string>>
  readonly published?: readonly PublishedReference[]
  /**
   * Brings weights that another project trained under the names and layouts of the model; others are left as they are.
   */
  readonly foreignWeights?: (state: StateDict) => StateDict
  /** What runs did before a setting existed: its value where a record lacks it, instead of today's default. */
  readonly earlier?: Partial<z.infer<Schema>>
}

/** The parts of a definition that are functions of the settings. */
type Parts =
  | 'data' | 'task' | 'model' | 'prepare' | 'transforms' | 'trainingSet' | 'teacher' | 'startsFrom' | 'space' | 'recipe'
  | 'idle'

/** An experiment whose settings are known to be those of its schema. */
export interface Experiment extends Omit<ExperimentDefinition<z.ZodObject>, Parts> {
  readonly data: DataSource<TrainingSettings>
  readonly task: Task<TrainingSettings>
  readonly model: (settings: TrainingSettings) => Module
  readonly prepare?: (model: Module, train: Dataset, settings: TrainingSettings) => void
  readonly transforms: (settings: TrainingSettings) => readonly Transform[]
  readonly trainingSet?: (train: Dataset, settings: TrainingSettings) => Dataset
  readonly teacher?: Teacher<TrainingSettings>
  readonly startsFrom?: StartingPoint<TrainingSettings>
  readonly space?: (settings: TrainingSettings) => Space
  readonly recipe?: (settings: TrainingSettings, length: { readonly totalSteps: number }) => Recipe
  readonly idle?: (settings: TrainingSettings) => Readonly<Record<string, string>>
}

/**
 * Defines an experiment.
 * @throws UserError for a part that experiments do not have, naming the nearest one, and for a monitor that has no best
 */
export function experiment<Schema extends z.ZodObject, Model extends Module>(
  definition: ExperimentDefinition<Schema, Model>,
): Experiment {
  checkOptions('experiment', definition, [
    'name',
    'title',
    'question',
    'data',
    'config',
    'task',
    'model',
    'prepare',
    'transforms',
    'trainingSet',
    'teacher',
    'startsFrom',
    'space',
    'recipe',
    'idle',
    'published',
    'earlier',
    'foreignWeights',
  ])
  const { monitor } = definition.task
  if (monitor.better === 'neither') {
    throw new UserError({
      rule: 'The best checkpoint is chosen by a metric of which one way is better.',
      received: `monitor '${monitor.name}' of the task of ${definition.name}, with better: 'neither'`,
      next: "Give the monitor better: 'higher' or better: 'lower'.",
    })
  }
  // Settings reach the functions only through parseSettings, which has applied the schema.
  const { data, model: build } = definition
  // The form is asked for by models that read it alone: a made source may have none.
  const model = (settings: z.infer<Schema>) => build(settings, build.length > 1 ? data.form(settings) : { columns: {} })
  return { transforms: () => [], ...definition, model } as unknown as Experiment
}

/**
 * The settings of a run from its record, which may be older than some of them.
 * @throws UserError as {@link parseSettings}
 */
export const recordedSettings = (
  experiment: Pick<Experiment, 'config' | 'name' | 'earlier'>,
  config: Readonly<Record<string, unknown>>,
): TrainingSettings => parseSettings(experiment, { ...experiment.earlier, ...config })

/** Finds an experiment by name. @throws UserError naming the nearest one */
export function findExperiment(experiments: readonly Experiment[], name: string): Experiment {
  const found = experiments.find(candidate => candidate.name === name)
  if (found) return found
  const near = nearestName(name, experiments.map(candidate => candidate.name))
  throw new UserError({
    rule: 'There is no experiment of this name.',
    received: name,
    next:
      (near ? `Did you mean '${near}'? ` : 'Where a file of your own has it: export DDLF_EXPERIMENTS=./its-file.ts. ') +
      `All names: ${ddlfCommand('days')}`,
  })
}

const FOUND = ['classes', 'encoding', 'targetMean', 'targetScale', 'vocabulary', 'sourceVocabulary', 'grams']

/** Whether a setting is found in the data, not given. */
export const isFoundSetting = ({ data: { own, settle } }: Pick<Experiment, 'data'>, name: string): boolean =>
  (own !== undefined || settle !== undefined) && FOUND.includes(name)

/**
 * The settings that are not the defaults of the experiment: what `--set` has to be given for the same training. What
 * was found in own data is not.
 */
export function givenSettings(
  experiment: Pick<Experiment, 'config' | 'name' | 'data'>,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const defaults = parseSettings(experiment) as Readonly<Record<string, unknown>>
  const names = Object.keys(defaults)
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) =>
        JSON.stringify(value) !== JSON.stringify(defaults[name]) &&
        !isFoundSetting(experiment, name) &&
        !isFormer(names, name, value),
    ),
  )
}

/**
 * A value from the command line: a number, a boolean, a list (`128,32`) or a word, also one that looks like a number
 * where a word is asked for.
 */
function parseValue(text: string, field: z.ZodType | undefined): unknown {
  const one = (word: string): unknown => {
    try {
      return JSON.parse(word) as unknown
    } catch {
      return word
    }
  }
  const isList = field !== undefined && Array.isArray(field.safeParse(undefined).data)
  if (isList && !text.startsWith('[')) return text === '' ? [] : text.split(',').map(one)
  const value = one(text)
  return field && !field.safeParse(value).success && field.safeParse(text).success ? text : value
}

/** A setting's value from its text, as the command line gives it; {@link parseSettings} checks it. */
export const parseSetting = ({ config }: Pick<Experiment, 'config'>, name: string, text: string): unknown =>
  parseValue(text, Object.hasOwn(config.shape, name) ? (config.shape[name] as z.ZodType) : undefined)

/** A value as JSON, with the numbers that JSON does not have. */
function valueText(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return Array.isArray(value) ? `[${value.map(valueText).join(',')}]` : JSON.stringify(value)
}

/** Settings that more experiments had once than read them, with the values of those who never chose one. */
const FORMER: Readonly<Record<string, unknown>> = { labelSmoothing: 0, lookahead: 0, subwords: 4000 }

/** Whether a record holds a setting only because experiments had it that did not read it. */
const isFormer = (names: readonly string[], name: string, value: unknown): boolean =>
  !names.includes(name) && Object.hasOwn(FORMER, name) && FORMER[name] === value

/** What a setting is that nobody gave. */
const defaultOf = ({ shape }: z.ZodObject, name: string): unknown =>
  (shape[name] as z.ZodType | undefined)?.safeParse(undefined).data

/** What rules over several settings find, of those that read none of the wrong ones. */
function rulesBroken(
  { shape, def }: z.ZodObject,
  values: Readonly<Record<string, unknown>>,
  wrong: readonly string[],
): readonly z.core.$ZodIssue[] {
  const sound = Object.fromEntries(
    Object.entries(shape)
      .filter(([name]) => !wrong.includes(name))
      .map(([name, field]) => [name, (field as z.ZodType).safeParse(values[name]).data]),
  )
  const readable = new Proxy(sound, {
    get(from, name) {
      if (typeof name === 'string' && wrong.includes(name)) throw new Error(`${name} is wrong itself`)
      return from[name as string]
    },
  })
  return (def.checks ?? []).flatMap(rule => {
    try {
      return z.any().check(rule as z.core.$ZodCheck<unknown>).safeParse(readable).error?.issues ?? []
    } catch {
      return []
    }
  })
}

/**
 * Resolves the settings of an experiment: defaults, then the given values.
 * @param given values by name, or `key=value` texts from the command line
 * @throws UserError for an unknown name (with the nearest one) or a value of the wrong type or out of range
 */
export function parseSettings(
  { config, name: experimentName }: Pick<Experiment, 'config' | 'name'>,
  given: readonly string[] | Readonly<Record<string, unknown>> = {},
): TrainingSettings {
  const names = Object.keys(config.shape)
  const values: Record<string, unknown> = {}
  const assign = (name: string, value: (field: z.ZodType) => unknown) => {
    const field = names.includes(name) ? (config.shape[name] as z.ZodType) : undefined
    if (!field) {
      const near = nearestName(name, names)
      throw new UserError({
        rule: `${experimentName} has no setting of this name.`,
        received: name,
        next: near ? `Did you mean '${near}'?` : `The settings are ${names.join(', ')}.`,
      })
    }
    values[name] = value(field)
  }
  if (Array.isArray(given)) {
    for (const text of given as readonly string[]) {
      const at = text.indexOf('=')
      if (at < 1)
        throw new UserError({
          rule: 'A setting must be written key=value.',
          received: text,
          next: `For example: --set ${names[0] ?? 'seed'}=1`,
        })
      assign(text.slice(0, at).trim(), field => parseValue(text.slice(at + 1).trim(), field))
    }
  } else {
    for (const [name, value] of Object.entries(given)) if (!isFormer(names, name, value)) assign(name, () => value)
  }
  const result = config.safeParse(values)
  if (result.success) return result.data as TrainingSettings
  const namesIn = (all: readonly z.core.$ZodIssue[]) => [...new Set(all.map(({ path }) => String(path[0])))]
  // A schema itself asks its rules of settings that are out of their range, too.
  const found = config.clone({ ...config.def, checks: [] }).safeParse(values).error?.issues
  const issues = found ? [...found, ...rulesBroken(config, values, namesIn(found))] : result.error.issues
  const wrong = namesIn(issues)
  const wordsOf = (name: string) => issues.filter(({ path }) => String(path[0]) === name).map(placedIssue).join('; ')
  const received = (name: string) => (Object.hasOwn(values, name) ? values[name] : defaultOf(config, name))
  throw new SettingsError(Object.fromEntries(wrong.map(name => [name, `${wordsOf(name)}.`])), {
    rule: `Settings of ${experimentName}: ${issues.map(placedIssue).join('; ')}.`,
    received: wrong.map(name => `${name}=${valueText(received(name))}`).join(', '),
    next: `The settings with their ranges: ${ddlfCommand('show', experimentName)}`,
  })
}
