// What an analysis is of: a run's model with its data.
import type { Dataset } from '@ddlf/data'
import type { Tokenizer } from '@ddlf/data/tokenizers'
import type { Module } from '@ddlf/nn'
import type { Runtime } from '@ddlf/tensor'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { Measurement } from '../runs/metrics-log.ts'

/** A run to analyse. */
export interface AnalysedRun {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  /** The model with the weights to analyse. */
  readonly model: Module
  /** What was measured in training. */
  readonly metrics: readonly Measurement[]
  /** The part that judged the run, as its settings say: the test part, or the validation part. */
  readonly test: Dataset
  /** Needed for sharpness and the loss landscape. */
  readonly train?: Dataset
  readonly runtime: Runtime
  /** Of a model of language: its run's, without which nothing is said of its tokens. */
  readonly tokenizer?: Tokenizer | undefined
  /** Of vectors of words: the words that its run keeps, in the order of the vectors. */
  readonly words?: readonly string[] | undefined
}
