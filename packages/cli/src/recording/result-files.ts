// Where a topic's recorded results lie in the course.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor'
import type { Topic } from '@ddlf/course'
import { resultSchema, type RecordedResult } from '@ddlf/course/results'

/** The folder of all topics. */
export const topicsFolder = (): string => fileURLToPath(new URL('topics', import.meta.resolve('@ddlf/course')))

/** The folder of a topic: `<number>-<slug>`. @throws UserError where there is none */
export function topicFolder({ slug }: Pick<Topic, 'slug'>): string {
  const name = readdirSync(topicsFolder()).find(folder => folder.replace(/^\d+-/, '') === slug)
  if (name === undefined) throw new UserError({ rule: 'The topic has no folder.', received: slug, next: `'ddlf new ${slug}' makes one.` })
  return join(topicsFolder(), name)
}

/** The file of an experiment's recorded result. */
export const resultFile = (topic: Pick<Topic, 'slug'>, experiment: string): string => join(topicFolder(topic), 'results', `${experiment}.json`)

/** An experiment's recorded result; undefined where nothing is recorded yet. @throws when the file is not one */
export function readResult(topic: Pick<Topic, 'slug'>, experiment: string): RecordedResult | undefined {
  const file = resultFile(topic, experiment)
  return existsSync(file) ? resultSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}
