// What the learning-rate finder found for an experiment, kept beside the studies, whose default range it gives.
import fs from 'node:fs'
import path from 'node:path'
import { makeFolder } from '@ddlf/data/make-folder'
import { checkOptions } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import type { LearningRateFinderOptions, LearningRateSearch } from '../../analysis/training/learning-rate-finder.ts'
import { loadTrainingData } from '../../data-source/node/training-data.ts'
import { findExperiment, parseSettings } from '../../experiment/experiment.ts'
import type { ExperimentModules } from '../../experiment/experiment-modules.ts'
import { experimentsFrom } from '../../experiment/node/experiments-from.ts'
import { callInChild } from '../../jobs/process/call-in-child.ts'
import { explained, filePieces, writeFileAtomic } from '../../runs/atomic-file.ts'
import { findLearningRate } from '../../train/find-learning-rate.ts'
import { rateRangeOf, type RateRange } from '../default-space.ts'
import { studyFolder } from './study-folders.ts'

type Values = Readonly<Record<string, unknown>>

/** Settings that do not move the rate that is found, or that say what is tried. */
const APART = [
  'learningRate',
  'epochs',
  'schedule',
  'scheduleEpochs',
  'scheduleFactor',
  'warmupEpochs',
  'validation',
  'evaluateTest',
  'patience',
  'histograms',
  'seed',
]

const foundSchema = z.object({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  suggestion: z.number().positive(),
})

const fileOf = (studies: string, experiment: string) =>
  path.join(studyFolder(studies, experiment), 'learning-rate.json')

const relevant = (settings: Values) =>
  JSON.stringify(
    Object.entries(settings)
      .filter(([name]) => !APART.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

/** Keeps a rate that was found. */
export function keepRate(studies: string, experiment: string, settings: Values, suggestion: number): string {
  const file = fileOf(studies, experiment)
  explained(file, () => {
    makeFolder(path.dirname(file))
  })
  writeFileAtomic(file, `${JSON.stringify({ experiment, settings, suggestion }, null, 2)}\n`)
  return file
}

/** The rates to look through that were found for an experiment with these settings; undefined where none were. */
export function keptRates(studies: string, experiment: string, settings: Values): RateRange | undefined {
  const file = fileOf(studies, experiment)
  if (!fs.existsSync(file)) return undefined
  let text: unknown
  try {
    // The first piece is all: what is longer is no file of ours.
    const [piece = new Uint8Array()] = filePieces(file, 2 ** 20)
    text = JSON.parse(Buffer.from(piece).toString())
  } catch {
    return undefined
  }
  const found = foundSchema.safeParse(text).data
  return found && relevant(found.settings) === relevant(settings) ? rateRangeOf(found.suggestion) : undefined
}

interface Asked {
  readonly experimentsModule: ExperimentModules
  readonly experiment: string
  readonly settings: Values
  readonly finder: LearningRateFinderOptions
  readonly threads?: number
}

/** Looks for a rate. Called in a process of its own. */
export async function searchRate({
  experimentsModule,
  experiment,
  settings: given,
  finder,
  threads,
}: Asked): Promise<LearningRateSearch> {
  const found = findExperiment(await experimentsFrom(experimentsModule), experiment)
  const { train, validation, settings } = await loadTrainingData(found, parseSettings(found, given))
  const runtime = onnxNodeRuntime(threads === undefined ? {} : { threads })
  return findLearningRate({ experiment: found, settings, train, ...(validation && { validation }), runtime, ...finder })
}

/** Looks for a rate in a process of its own. @throws UserError where it cannot begin */
export async function searchRateInChild(asked: Asked): Promise<LearningRateSearch> {
  checkOptions('searchRateInChild', asked, ['experimentsModule', 'experiment', 'settings', 'finder', 'threads'])
  return await callInChild<LearningRateSearch>(new URL(import.meta.url), 'searchRate', asked)
}
