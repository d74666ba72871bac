// Writes what memos read of a study, or of a search for a learning rate, beside the results of its topic.
import path from 'node:path'
import { makeFolder } from '@ddlf/data/make-folder'
import type { RateResult, StudyResult } from '@ddlf/lab'
import { compactRateSearch, compactStudy, writeFileAtomic } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { topics } from './course.ts'
import { topicFolder } from './course-folders.ts'
import { suggest } from './terminal/command-line.ts'

/** Writes a result into the topic of its experiment. @throws UserError where no topic has the experiment */
function write(name: string, result: StudyResult | RateResult): string {
  const topic = topics.find(({ experiments }) => experiments.some(one => one.name === result.experiment))
  if (!topic) {
    throw new UserError({
      rule: 'No topic of the course has this experiment.',
      received: result.experiment,
      next: `A study of an own experiment is written as a page by: ${suggest('study', 'report', '<study>')}`,
    })
  }
  const file = path.join(topicFolder(topic), 'studies', `${name.replaceAll(/[^\w.-]+/g, '-')}.json`)
  makeFolder(path.dirname(file))
  writeFileAtomic(file, `${JSON.stringify(result)}\n`)
  return path.relative('', file)
}

/** Records a study. @returns the file */
export function recordStudy(studies: string, name: string): string {
  const result = compactStudy(studies, name)
  return write(result.name, result)
}

/** Records what the learning-rate finder found. @returns the file */
export const recordRates = (experiment: string, search: Parameters<typeof compactRateSearch>[1]): string =>
  write(`${experiment}-learning-rates`, compactRateSearch(experiment, search))
