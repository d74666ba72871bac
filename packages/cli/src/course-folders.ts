// Where the course's topics lie on the disk.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import type { Topic } from '@ddlf/course'

/** The folder of all topics. */
export const topicsFolder = (): string => fileURLToPath(new URL('topics', import.meta.resolve('@ddlf/course')))

/** The folder of a topic: `<number>-<slug>`. @throws UserError where there is none */
export function topicFolder({ slug }: Pick<Topic, 'slug'>): string {
  const name = readdirSync(topicsFolder()).find(folder => folder.replace(/^\d+-/, '') === slug)
  if (name === undefined) throw new UserError({ rule: 'The topic has no folder.', received: slug, next: `'ddlf new ${slug}' makes one.` })
  return join(topicsFolder(), name)
}
