// What a training reads, whatever it was read from.
import type { Dataset } from '@ddlf/data'
import type { TrainingSettings } from '../../experiment/experiment.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import type { RunRecord } from '../../runs/run-record.ts'
import type { Artifacts } from '../data-source.ts'
import type { DataChanges, SplitList } from './recorded-split.ts'

/** What a training reads. */
export interface TrainingData {
  readonly train: Dataset
  /** Absent where nobody has set a test part aside: `validation` judges then. */
  readonly test?: Dataset
  /**
   * Examples for choosing the best checkpoint: a part of their own, or the share that `validation` holds out of own
   * data.
   */
  readonly validation?: Dataset
  /** The settings with what the data decide filled in: the classes found, and the absolute path. */
  readonly settings: TrainingSettings
  /**
   * SHA-256 by file of a published set, or one for all that own data hold: it follows their content, not their place.
   */
  readonly checksums: Readonly<Record<string, string>>
  /** Of own data: which example is in which part, for the run to keep. */
  readonly split?: SplitList
  /** What the run keeps of its data beside its examples, such as a tokenizer. */
  readonly artifacts?: Artifacts
  /** Of a run's own data: how they differ from what it recorded. */
  readonly changes?: DataChanges
  /** What a user should know of how own data were read. */
  readonly notes?: readonly string[]
}

/** Own data, of which a test part is always set aside. */
export interface OwnTrainingData extends TrainingData {
  readonly test: Dataset
}

/** A run whose data are wanted again. */
export interface RunWithData {
  readonly run: RunFolder
  readonly record: RunRecord
}
