// Which code computes results here.
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { codeHash } from '@ddlf/lab/node'
import { courseModule } from './course-folders.ts'
import { experimentModules } from './experiments.ts'

/**
 * The code that computes results, which the two ends of a queue must share: that of the course, and of a file of
 * somebody's own experiments where one is named.
 */
export function codeVersion(): string {
  const ofCourse = codeHash(fileURLToPath(new URL('.', courseModule()))) ?? 'unknown'
  const own = experimentModules.slice(0, -1).map(module => codeHash(fileURLToPath(module)) ?? 'unknown')
  return own.length === 0 ? ofCourse : createHash('sha256').update([ofCourse, ...own].join(' ')).digest('hex')
}
