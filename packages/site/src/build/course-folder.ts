// Where the course lies whose pages are built: the 30 days, or the folder that DDLF_COURSE names.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'

/** The folder with `topics/`: that of the sources, where the course is an installed package. */
export function courseFolder(): string {
  if (process.env['DDLF_COURSE']) return resolve(process.env['DDLF_COURSE'])
  // Astro reads its configuration where there is no `import.meta.resolve`.
  const folder = dirname(createRequire(import.meta.url).resolve('@ddlf/course'))
  return basename(folder) === 'dist' ? join(dirname(folder), 'src') : folder
}

/** The file that exports the topics. */
export function courseIndex(folder: string): string {
  const found = ['index.ts', 'index.mts', 'index.js', 'index.mjs'].find(name => existsSync(join(folder, name)))
  if (found !== undefined) return join(folder, found)
  throw new Error(`${folder} is no course: it has no index.ts.`)
}
