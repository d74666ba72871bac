// Writes what memos read of a study, or of a search for a learning rate, beside the results of its topic.
import path from 'node:path'
import { makeFolder } from '@ddlf/data/make-folder'
import { topics } from './course.ts'
import { compactTrials, type RateResult, type StudyResult } from '@ddlf/lab'
import {
  confirmationOf,
  machineText,
  provenance,
  readStudy,
  tuningRecord,
  writeFileAtomic,
} from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { topicFolder } from './course-folders.ts'
import { suggest } from './terminal/command-line.ts'

const rounded = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null)

/** The file in the topic of an experiment. @throws UserError where no topic has the experiment */
function fileOf(experiment: string, name: string): string {
  const topic = topics.find(({ experiments }) => experiments.some(one => one.name === experiment))
  if (topic) return path.join(topicFolder(topic), 'studies', `${name}.json`)
  throw new UserError({
    rule: 'No topic of the course has this experiment.',
    received: experiment,
    next: `A study of an own experiment is written as a page by: ${suggest('study', 'report', '<study>')}`,
  })
}

function write(file: string, result: StudyResult | RateResult): string {
  makeFolder(path.dirname(file))
  writeFileAtomic(file, `${JSON.stringify(result)}\n`)
  return path.relative('', file)
}

/** Records a study. @returns the file */
export function recordStudy(studies: string, name: string): string {
  const study = readStudy(studies, name)
  const { experiment, objectives, metrics, sampler, pruner } = tuningRecord(name, study.attributes)
  const found = study.best && confirmationOf(study.attributes, study.best.number)
  const runsOf = (runs: NonNullable<typeof found>['runs']) =>
    runs.map(({ seed, validation, test }) => ({ seed, validation, test }))
  return write(fileOf(experiment, study.name), {
    format: 1,
    kind: 'study',
    name: study.name,
    experiment,
    recordedAt: new Date().toISOString(),
    machine: machineText(provenance().machine),
    sampler,
    pruner,
    objectives,
    metrics,
    directions: [...study.directions],
    space: study.space,
    trials: compactTrials(study.trials, study.name),
    confirmed: found
      ? {
          trial: found.trial,
          metric: found.metric,
          inStudy: found.inStudy,
          runs: runsOf(found.runs),
          reference: runsOf(found.reference),
        }
      : null,
  })
}

/** Records what the learning-rate finder found. @returns the file */
export function recordRates(
  experiment: string,
  search: {
    readonly rates: ArrayLike<number>
    readonly losses: ArrayLike<number>
    readonly smoothed: ArrayLike<number>
    readonly suggestion: number | undefined
  },
): string {
  return write(fileOf(experiment, `${experiment}-learning-rates`), {
    format: 1,
    kind: 'learning-rates',
    experiment,
    recordedAt: new Date().toISOString(),
    machine: machineText(provenance().machine),
    rates: Array.from(search.rates, rate => Number(rate.toPrecision(6))),
    losses: Array.from(search.losses, rounded),
    smoothed: Array.from(search.smoothed, rounded),
    suggestion: search.suggestion === undefined ? null : Number(search.suggestion.toPrecision(6)),
  })
}
