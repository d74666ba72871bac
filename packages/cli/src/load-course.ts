// Reads a course: the 30 days, or one of somebody's own.
import { fileURLToPath } from 'node:url'
import type { Topic } from '@ddlf/course'
import type { Experiment } from '@ddlf/lab'
import { UserError } from '@ddlf/tensor/errors'
import { courseModule, ownCourse } from './course-folders.ts'

/** A course as its module exports it. */
interface Course {
  readonly topics: readonly Topic[]
  readonly experiments: readonly Experiment[]
}

const FIELDS = ['slug', 'title', 'days', 'permalink', 'datasets', 'models', 'experiments']

/** What is wrong with what a module exports as a course; undefined where nothing is. */
function faultOf({ topics, experiments }: Readonly<Record<string, unknown>>): string | undefined {
  if (!Array.isArray(topics) || !Array.isArray(experiments)) {
    return `no list of ${Array.isArray(topics) ? 'experiments' : 'topics'}`
  }
  for (const [i, topic] of (topics as unknown[]).entries()) {
    const lacking = FIELDS.filter(field => typeof topic !== 'object' || topic === null || !(field in topic))
    if (lacking.length > 0) return `topic ${i + 1} lacks ${lacking.join(', ')}`
  }
  return undefined
}

/**
 * Reads a course.
 * @param own the folder of somebody's own; undefined: the 30 days
 * @throws UserError where it cannot be loaded, naming the file; where it exports no topics or experiments, or a topic
 *   that lacks something
 */
export async function loadCourse(own: string | undefined = ownCourse): Promise<Course> {
  if (own === undefined) return await import('@ddlf/course')
  const address = courseModule(own)
  // Loaded for an own course only: it is large.
  const { importOwn } = await import('@ddlf/lab/node')
  const module = await importOwn(address, 'The course that DDLF_COURSE names cannot be loaded.')
  const fault = faultOf(module)
  if (fault === undefined) return module as unknown as Course
  throw new UserError({
    rule: 'The module of a course exports its topics and its experiments.',
    received: `${fileURLToPath(address)}: ${fault}`,
    next: 'export const topics: readonly Topic[] = [ … ]; export const experiments = topics.flatMap( … )',
  })
}
