// What the process that shows a training and the thread that trains say to each other.
import type { TrainEvent } from '../train/events.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'

/** What to train. */
export interface TrainingJob {
  /** Address of the module, or of several, that export the experiments, such as the course's. */
  readonly experimentsModule: ExperimentModules
  /** The folder that holds all runs. */
  readonly root: string
  /** A new run of an experiment, or a run to go on with. */
  readonly task:
    | {
        readonly kind: 'start'
        readonly experiment: string
        readonly settings: Readonly<Record<string, unknown>>
        readonly command: readonly string[]
        /** The study whose trial the run is. */
        readonly study?: { readonly name: string; readonly trial: number }
        /** The run whose weights the new one begins with. */
        readonly from?: string
        /** SHA-256 of the data that it is to be compared on, by name: on others it does not begin. */
        readonly data?: Readonly<Record<string, string>>
      }
    | {
        readonly kind: 'resume'
        readonly run: string
        /** Goes on although something has changed since the checkpoint; the record says so. */
        readonly changed?: boolean
        /** Where own data lie now, where they were moved. */
        readonly data?: string
        /** Where the second table lies now, where it was moved. */
        readonly testData?: string
      }
  readonly threads?: number
  /** How many `step-N` checkpoints to keep. */
  readonly keepLast?: number
}

export type ToTrainer = { readonly kind: 'stop' }
export type FromTrainer =
  { readonly kind: 'event'; readonly event: TrainEvent } | { readonly kind: 'folder'; readonly folder: string }
