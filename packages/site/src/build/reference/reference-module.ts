// Gives the pages what the packages export: read from the sources while the site is built, and kept until they change.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { AstroIntegration } from 'astro'
import { PACKAGES, type Documented } from './documented.ts'

/** What the pages import. */
const MODULE = 'virtual:reference'

const run = promisify(execFile)

const root = fileURLToPath(new URL('../../../../../', import.meta.url))
const kept = fileURLToPath(new URL('../../../node_modules/.cache/reference/', import.meta.url))
const reader = fileURLToPath(new URL('.', import.meta.url))

/** Changes with every source that is read, and with what reads them. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of [...PACKAGES.map(name => join(root, 'packages', name, 'src')), reader]) {
    const files = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.ts')).sort()
    for (const file of files) hash.update(`${file}\0`).update(await readFile(join(folder, file))).update('\0')
  }
  return hash.digest('hex').slice(0, 32)
}

/**
 * The reference, from the last build where no source has changed; empty where the site is an installed package, or that
 * of a course of somebody's own.
 */
export async function reference(): Promise<readonly Documented[]> {
  if (process.env['DDLF_COURSE'] || !existsSync(join(root, 'packages/site/tsconfig.reference.json'))) return []
  const file = join(kept, `${await fingerprint()}.json`)
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before !== undefined) return JSON.parse(before) as readonly Documented[]
  await rm(kept, { recursive: true, force: true })
  await mkdir(kept, { recursive: true })
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  await run(process.execPath, ['--import', tsx, join(reader, 'write-reference.ts'), root, file])
  return JSON.parse(await readFile(file, 'utf8')) as readonly Documented[]
}

/** Offers {@link reference} to pages as a module. */
export const referenceModule = (): AstroIntegration => ({
  name: 'reference',
  hooks: {
    'astro:config:setup': ({ updateConfig }) => {
      updateConfig({
        vite: {
          plugins: [
            {
              name: MODULE,
              resolveId: id => (id === MODULE ? `\0${MODULE}` : undefined),
              load: async id =>
                id === `\0${MODULE}` ? `export default ${JSON.stringify(await reference())}` : undefined,
            },
          ],
        },
      })
    },
  },
})
