// What the workers of studies and recordings can do.
import { trainTrial } from '../studies/node/trial-training.ts'
import { trainRun } from './train-run.ts'
import type { WorkFunction } from './workers.ts'

/** The functions by the names that work is given under. */
export const work: Readonly<Record<string, WorkFunction>> = { trial: trainTrial, training: trainRun }
