// What a model is trained to do, and how it is judged.
import type { Tensor, TypedArray } from '@ddlf/tensor'
import type { Dataset, TokenWriting } from '@ddlf/data'
import type {
  ColumnSpec, LossAndMetrics, Module, Optimizer, ParameterChoice, ParameterGroup, Schedule,
} from '@ddlf/nn'
import type { ActivationHealth } from '../analysis/model/activation-health.ts'
import type { Metric } from '../experiment/metric.ts'

/** Numbers by name, for example `{ loss: 0.07, accuracy: 0.98 }`. */
export type Metrics = Readonly<Record<string, number>>

/** The columns of a batch by name. */
export type BatchTensors = Readonly<Record<string, Tensor>>

/** Values that a model gives for a whole data set, one entry an example, by name with the shape of one example. */
export type KeptOutputs = Readonly<Record<string, { readonly data: Float32Array; readonly shape: readonly number[] }>>

/** Sums over all examples of a data set, by name. */
export type Sums = Readonly<Record<string, Float64Array>>

/** What an evaluation of a data set found. */
export interface Evaluation {
  readonly metrics: Metrics
  readonly sums: Sums
  /** What the task keeps of every example; empty where that was not asked for. */
  readonly outputs: KeptOutputs
}

/** What a finished run knows of itself beside its metrics on held-out data. */
export interface RunFacts {
  /** The learning rate at its peak. */
  readonly learningRate?: number
  /** It learns without steps: there is no rate, and there are no epochs, to change. */
  readonly withoutSteps?: true
  /** Over the last epoch of training. */
  readonly training?: Metrics
  /** Dead and saturated units on held-out examples. */
  readonly activations?: readonly ActivationHealth[]
  /** Norm of the last gradient, where it was measured. */
  readonly gradientNorm?: number
  /** Of the evaluation on held-out data. */
  readonly sums?: Sums
  /** Examples in the last batch of an epoch, where it has fewer than the others. */
  readonly lastBatch?: number
  /** The command that shows the data. */
  readonly look?: string
}

/** What the training examples decide of the loss. */
export interface LossContext {
  /** Factor of the loss of each class, by its number. */
  readonly classWeights?: readonly number[]
}

/** How parameters are moved, where it is not as the settings say. */
export interface Recipe {
  readonly optimizer?: Optimizer
  /** From progress to a factor of the learning rate; the warm-up that the settings ask for goes before it. */
  readonly schedule?: Schedule
  /** Parameters with a rate, a decay or betas of their own. */
  readonly groups?: readonly ParameterGroup[]
  /** The parameters that are moved; default all. */
  readonly trains?: ParameterChoice
}

/**
 * One update of a training step: a loss, the parameters that it moves, and how. A step takes its phases in order: a
 * later one sees what an earlier one has updated.
 */
export interface Phase<Settings, Model extends Module = Module> extends Recipe {
  /** Where a step has several phases, letters and digits: what it reports is called `<name>.loss`. */
  readonly name: string
  /** Columns of the data that the loss reads. */
  readonly columns: readonly string[]
  /** Columns that it reads where the data have them: a teacher's logits. */
  readonly optionalColumns?: readonly string[]
  /**
   * The mean loss of one batch, and scalars that are sums over its examples: they are reported as means over an epoch.
   */
  loss(model: Model, batch: BatchTensors, settings: Settings, context?: LossContext): Required<LossAndMetrics>
  /** It takes part in every n-th step; default in each. */
  readonly every?: number
  /** At its peak; default that of the settings. */
  readonly learningRate?: number
}

/**
 * How a data set is judged: batch by batch, so that nothing is held that its length multiplies, unless something is
 * kept.
 */
export interface Evaluate<Settings, Model extends Module = Module> {
  /** Columns of the data that are read. */
  readonly columns: readonly string[]
  /**
   * Of one batch, in evaluation mode: sums over its examples of any shape (they are added up in double precision), and
   * values with one entry an example, of which those in `keep` are kept where that is asked for. What it draws
   * (`randomNormal` of `@ddlf/nn`) follows from the number of the batch: the same in every evaluation.
   */
  compute(
    model: Model,
    batch: BatchTensors,
    settings: Settings,
  ): { readonly sums: BatchTensors; readonly outputs?: BatchTensors }
  /** From the sums over all examples to metrics. */
  metrics(sums: Sums, examples: number, settings: Settings): Metrics
  /** Outputs that a run keeps of the data that judge it: what analyses start from. */
  readonly keep?: readonly string[]
  /** Columns of right answers, one number each, kept beside them: what is wrong is then known without the data. */
  readonly answers?: readonly string[]
  /** Further metrics, which need the kept outputs of all examples at once. */
  readonly judge?: (outputs: KeptOutputs, dataset: Dataset, settings: Settings) => Metrics
  /**
   * Settings that differ in the evaluations between epochs, where those of the last epoch take several passes over the
   * data.
   */
  readonly between?: Partial<Settings>
}

/** How a model of language is asked for the next token. */
export interface TextView<Settings> {
  /** Logits of the next token at each position: int32 [B, T] to float32 [B, T, V]. */
  logits(model: Module, tokens: Tensor): Tensor
  /** Tokens that the model sees at once. */
  capacity(settings: Settings): number
}

/** Outputs of a model, by name: their first axis counts examples. */
export type AskedOutputs = Readonly<
  Record<string, { readonly data: Float32Array; readonly shape: readonly number[] }>
>

/** A model that is asked: from its inputs, by name and of as many examples each, to its outputs. */
export type Ask = (inputs: Readonly<Record<string, TypedArray>>) => Promise<AskedOutputs>

/** How sure a model is of one class. */
export interface ClassProbability {
  readonly name: string
  readonly probability: number
}

/** What a model says of one thing that it is asked about: its classes have the most likely first. */
export type Answer =
  | { readonly kind: 'classes'; readonly classes: readonly ClassProbability[] }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'picture'; readonly picture: MadePictures }

/** Which pictures are made. */
export interface PictureOptions {
  readonly count: number
  readonly seed: number
}

/** Pictures one after another, their values from 0 to 1. */
export interface MadePictures {
  readonly data: Float32Array
  /** Of one: channels, height, width. */
  readonly shape: readonly [channels: number, height: number, width: number]
}

/** Something of a model to be looked at: a heading, how to read it, and pictures in rows or texts. */
export interface TaskFigure {
  readonly title: string
  readonly text: string
  readonly pictures?: MadePictures
  /** Pictures in a row; default: as many as fit. */
  readonly columns?: number
  readonly texts?: readonly string[]
}

/** What the figures of a task are made of. */
export interface FigureSources<Settings> {
  readonly settings: Settings
  readonly ask: Ask
  /** What `evaluate.compute` gives of each of the first examples that judge the model, by name. */
  readonly evaluated: (examples: number, names: readonly string[]) => Promise<KeptOutputs>
  /** These examples. */
  readonly judging: (examples: number) => Promise<Dataset>
  /** Texts that the model writes from their beginning; only where its tokenizer is known. */
  readonly write?: (asked: TextsAsked) => Promise<readonly string[]>
}

/** Which texts are written. */
export interface TextsAsked {
  readonly count: number
  /** Of each. */
  readonly tokens: number
  readonly temperature: number
  readonly seed: number
}

/** What is recorded of a run beside its figures, as far as its task has something to say. */
export interface RecordedDetails {
  /** Of a classifier, over the data that judged it. Rows: what it is; columns: what the model says. */
  readonly confusion?: readonly (readonly number[])[]
  /** The mistakes with the largest loss. */
  readonly mistakes?: readonly {
    readonly index: number
    readonly truth: number
    readonly prediction: number
    readonly probability: number
  }[]
  readonly calibration?: { readonly expectedCalibrationError: number; readonly brier: number }
}

/** What a trained model of the task can be asked, beside its outputs. */
export interface TaskViews<Settings> {
  /** What is recorded of a run for the memo, from what it kept. */
  readonly details?: (outputs: KeptOutputs, dataset: Dataset) => RecordedDetails
  /**
   * What its outputs say of each example, in order; default: it is not asked about single things.
   * @param classes the names of the classes, where there are some
   * @param writing how tokens become a text, where it writes some
   */
  readonly answers?: (outputs: AskedOutputs, classes: readonly string[], writing?: TokenWriting) => readonly Answer[]
  /** Whether these answers are pictures, which go into a file. */
  readonly answersInPictures?: boolean
  /** Set where the model predicts the next token of a text: what makes texts, exports and analyses ask. */
  readonly text?: TextView<Settings>
  /** Makes pictures. @param options.from the number of the first: each follows from the seed and its number */
  readonly pictures?: (
    ask: Ask,
    settings: Settings,
    options: PictureOptions & { readonly from: number },
  ) => Promise<MadePictures>
  /** What the report of a run and its page show beside what they show of every run. */
  readonly figures?: (sources: FigureSources<Settings>) => Promise<readonly TaskFigure[]>
}

/** How far a task is that learns without steps of a graph. */
export interface FitProgress {
  /** Of all passes, in what the task counts: words. */
  readonly done: number
  /** Mean loss since the last report. */
  readonly loss: number
  readonly learningRate: number
}

/** How a model learns without steps of a graph: by counting, by keeping examples, or in loops of its own. */
export interface TaskFit<Settings> {
  /** Sets the model's parameters and buffers; they must follow from the examples and the settings alone. */
  learn(model: Module, train: Dataset, settings: Settings): void | Promise<void>
  /**
   * The same, where it takes long: reports how far it is, a few times a second. A training that is asked to stop stops
   * there.
   */
  learnInParts?(model: Module, train: Dataset, settings: Settings): Iterable<FitProgress>
  /** What it counts of one pass, and its passes; default one step, once. */
  length?(train: Dataset, settings: Settings): { readonly steps: number; readonly passes: number }
  /** Whether the model is judged on what it learned from, too; default true. */
  readonly judgesTraining?: boolean
  /** The settings of steps (`learningRate`, `epochs`, ...) that it heeds all the same; default none. */
  readonly heeds?: readonly string[]
}

/** What a model is trained to do. */
export interface Task<Settings, Model extends Module = Module> {
  readonly name: string
  /** Set where it is learned without steps; `phases` gives none then. */
  readonly fit?: TaskFit<Settings>
  /** The updates of one training step. */
  phases(settings: Settings): readonly Phase<Settings, Model>[]
  /** The column of classes whose weights the loss heeds; default: it heeds none. */
  readonly classColumn?: string
  /** What the model reads when it is asked or exported: columns of the data, or inputs that are `made`. */
  readonly inputs: readonly string[]
  /** Inputs that no data have, such as the noise that a generator begins with: dtype and shape of one of each. */
  made?(settings: Settings): Readonly<Record<string, ColumnSpec>>
  /** From a column as it is stored to the numbers the model reads (scaling of pixels); default: as it is. */
  readonly prepare?: (input: Tensor) => Tensor
  /** The model's outputs for one batch of its inputs, by name. */
  outputs(model: Model, inputs: BatchTensors, settings: Settings): BatchTensors
  readonly evaluate: Evaluate<Settings, Model>
  /** What its evaluations measure: the first that a run has is the one that lists show and comparisons judge by. */
  readonly metrics: readonly Metric[]
  /** The one of them that the best checkpoint is chosen by. */
  readonly monitor: Metric
  /**
   * What to say of a run that ended with these metrics on held-out data, where it learned nothing: one line what is
   * wrong, and
   * what to try. Undefined where it did learn. It is asked without `facts` first, and again with all that the run knows
   * where
   * it has something to say.
   */
  readonly adviceOn?: (metrics: Metrics, heldOut: Dataset, train: Dataset, facts?: RunFacts) => string | undefined
  readonly views?: TaskViews<Settings>
}

/** A sum of one number. */
export const total = (sums: Sums, name: string): number => sums[name]?.[0] ?? Number.NaN
