// Where a topic's recorded results lie: in its folder, a file an experiment.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resultSchema, type RecordedResult } from '../result.ts'

/** The file of an experiment's recorded result in the folder of its topic. */
export const resultFile = (topicFolder: string, experiment: string): string =>
  join(topicFolder, 'results', `${experiment}.json`)

/** An experiment's recorded result; undefined where nothing is recorded yet. @throws when the file is not one */
export function readResult(topicFolder: string, experiment: string): RecordedResult | undefined {
  const file = resultFile(topicFolder, experiment)
  return existsSync(file) ? resultSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}
