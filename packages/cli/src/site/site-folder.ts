// Where the course's pages are made, and where they lie once they are built.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package that builds the pages. */
export const packageFolder = (): string => fileURLToPath(new URL('../../../site/', import.meta.url))

/** The folder of the built site. */
export const siteFolder = (): string => join(packageFolder(), 'dist')
