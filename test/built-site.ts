// The pages, built once for every suite that looks at them, and again only when what they are made of has changed.
import { createHash } from 'node:crypto'
import {
  cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor'
import { acquireRunLock, type RunLock } from '../packages/lab/src/runs/run-lock.ts'
import { buildSite } from '../packages/cli/src/site/build-site.ts'

/** The path below which the pages of `site` expect to be served: not the root, as on many a host. */
export const SITE_BASE = '/some/course/'

export interface BuiltSite {
  /** The pages below {@link SITE_BASE}. */
  readonly site: string
  /** The same pages at the root of a host, where the lab serves them. */
  readonly atRoot: string
}

const checkout = fileURLToPath(new URL('../', import.meta.url))
const kept = join(checkout, 'node_modules', '.cache', 'ddlf-pages')
/** What pages are made of. */
const MADE_OF = [
  ...readdirSync(join(checkout, 'packages')).map(name => `packages/${name}/src`),
  ...['astro.config.ts', 'package.json', 'public', 'tsconfig.json'].map(name => `packages/site/${name}`),
  'course',
  'package-lock.json',
]
const WRITTEN = /\.(html|js|css|json|svg|xml)$/
const PAUSE = 300

function filesOf(place: string): string[] {
  const path = join(checkout, place)
  const status = statSync(path, { throwIfNoEntry: false })
  if (!status?.isDirectory()) return status ? [path] : []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Names the state of all sources. */
function stateOfSources(): string {
  const hash = createHash('sha256')
  for (const file of MADE_OF.flatMap(filesOf).filter(name => !/node_modules|\.test\.ts$/.test(name)).sort())
    hash.update(file.slice(checkout.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

/** Waits until nobody else builds. */
async function locked(): Promise<RunLock> {
  for (;;) {
    try {
      return acquireRunLock(kept, { subject: 'folder of built pages' })
    } catch (error) {
      if (!(error instanceof UserError) || !error.parts.rule.startsWith('Another process')) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE))
    }
  }
}

/** The pages as if they had been built for the root: only the addresses in them differ. */
function moveToRoot(site: string, atRoot: string): void {
  cpSync(site, atRoot, { recursive: true })
  for (const entry of readdirSync(atRoot, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !WRITTEN.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const text = readFileSync(file, 'utf8')
    if (text.includes(SITE_BASE)) writeFileSync(file, text.replaceAll(SITE_BASE, '/'))
  }
}

/**
 * The built pages, whichever suite comes first builds them. A developer finds them built again in
 * `node_modules/.cache/ddlf-pages` until a source changes.
 */
export async function builtSite(): Promise<BuiltSite> {
  mkdirSync(kept, { recursive: true })
  const lock = await locked()
  try {
    const state = stateOfSources()
    const folder = join(kept, state)
    const built = { site: join(folder, 'site'), atRoot: join(folder, 'at-root') }
    if (existsSync(folder)) return built
    for (const old of readdirSync(kept).filter(name => !name.startsWith('lock-')))
      rmSync(join(kept, old), { recursive: true, force: true })
    const unfinished = join(kept, 'unfinished')
    await buildSite({ base: SITE_BASE, out: join(unfinished, 'site'), quiet: true })
    moveToRoot(join(unfinished, 'site'), join(unfinished, 'at-root'))
    renameSync(unfinished, folder)
    return built
  } finally {
    lock.release()
  }
}
