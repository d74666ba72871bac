// Where the course lies on the disk: the 30 days, or the folder of somebody's own course.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import type { Topic } from '@ddlf/course'

/** The folder that the environment names; undefined: the 30 days. */
export const ownCourse: string | undefined = process.env['DDLF_COURSE']
  ? resolve(process.env['DDLF_COURSE'])
  : undefined

/** The file of a course of somebody's own that lists its topics; undefined where the folder has none. */
export const ownIndex = (folder: string): string | undefined =>
  ['index.ts', 'index.mts', 'index.js', 'index.mjs'].map(name => join(folder, name)).find(file => existsSync(file))

/** The address of the module that lists the topics. @throws UserError where the folder of an own course has none */
export function courseModule(own: string | undefined = ownCourse): string {
  if (own === undefined) return import.meta.resolve('@ddlf/course')
  const file = ownIndex(own)
  if (file !== undefined) return pathToFileURL(file).href
  throw new UserError({
    rule: 'The folder that DDLF_COURSE names is no course: it has no index.ts that exports its topics.',
    received: own,
    next: `'ddlf new my-topic --course ${own}' makes one.`,
  })
}

/** The folder of all topics. */
export const topicsFolder = (own: string | undefined = ownCourse): string =>
  own === undefined ? fileURLToPath(new URL('topics', courseModule())) : join(own, 'topics')

/** The folder of a topic: `<number>-<slug>`. @throws UserError where there is none */
export function topicFolder({ slug }: Pick<Topic, 'slug'>): string {
  const name = readdirSync(topicsFolder()).find(folder => folder.replace(/^\d+-/, '') === slug)
  if (name !== undefined) return join(topicsFolder(), name)
  throw new UserError({
    rule: 'The topic has no folder.', received: slug, next: `'ddlf new ${slug}' makes one.`,
  })
}
