// Builds the course's pages when they are missing or older than what they are made of.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { checkMemo } from '@ddlf/course/memo-rule'
import { filesBelow } from '@ddlf/data/files-below'
import { UserError } from '@ddlf/tensor'
import { ownCourse, topicsFolder } from '../course-folders.ts'
import { packageFolder, siteFolder } from './site-folder.ts'

const newest = (folder: string): number =>
  filesBelow(folder).reduce((latest, file) => Math.max(latest, statSync(join(folder, file)).mtimeMs), 0)

/** Whether the pages have to be built (again). */
export function isSiteStale(): boolean {
  const built = join(siteFolder(), 'pagefind', 'pagefind.js')
  if (!existsSync(built)) return true
  return Math.max(newest(join(packageFolder(), 'src')), newest(topicsFolder())) > statSync(built).mtimeMs
}

/** What a builder complains about: its message without colours and stack; its last lines where no message is found. */
function mistakeIn(said: string): string {
  const lines = stripVTControlCharacters(said).trim().split('\n')
  const from = lines.findLastIndex(line => /\bError\b|\[ERROR\]|^Stack trace:/.test(line) && !line.startsWith('Stack'))
  const message = from < 0 ? lines.slice(-12) : lines.slice(from)
  return message.filter(line => !/^\s*(at |Stack trace:)/.test(line)).slice(0, 12).join('\n')
}

/** The file of the program that a package installs under its own name. */
function programOf(name: string): string | undefined {
  // Packages that list their exports hide their programs from `require.resolve`: the folder is found as Node finds it.
  const places = createRequire(join(packageFolder(), 'package.json')).resolve.paths(name) ?? []
  const folder = places.map(place => join(place, name)).find(candidate => existsSync(join(candidate, 'package.json')))
  if (folder === undefined) return undefined
  const { bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin?: string | Record<string, string>
  }
  const program = typeof bin === 'string' ? bin : bin[name]
  return program === undefined ? undefined : join(folder, program)
}

/** Runs the program of a package with Node; quietly, its output is shown only when it fails. */
function runProgram(
  name: string, args: readonly string[], environment: NodeJS.ProcessEnv, quiet: boolean,
): Promise<void> {
  const file = programOf(name)
  if (file === undefined)
    throw new UserError({ rule: `Building the pages needs ${name}.`, received: 'it is not installed', next: 'npm ci' })
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: packageFolder(),
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // A build does not outlive the command, or the test, that asked for it.
    const end = () => void child.kill()
    process.once('exit', end)
    let said = ''
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]] as const) {
      from.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (!quiet) to.write(chunk)
      })
    }
    child.on('error', reject)
    child.on('exit', code => {
      process.off('exit', end)
      if (code === 0) resolve()
      else
        reject(
          new UserError({
            rule: 'A page could not be built.',
            received: mistakeIn(said) || `${name} ended with ${String(code)}`,
            next: 'Mend what the message names; course/AUTHORING.md lists the parts of a memo.',
          }),
        )
    })
  })
}

/**
 * Builds the site and its search index.
 * @param options `base`: the path under which the pages will be served; `out`: where to write them
 * @throws UserError with the builder's message when it fails, and before that for a memo that types a measured number
 */
export async function buildSite({
  base = '/',
  out = siteFolder(),
  quiet = false,
}: { readonly base?: string; readonly out?: string; readonly quiet?: boolean } = {}): Promise<void> {
  for (const file of filesBelow(topicsFolder())) {
    if (!/^[^/]+\/memo[^/]*\.mdx$/.test(file)) continue
    const memo = join(topicsFolder(), file)
    checkMemo(relative('', memo), readFileSync(memo, 'utf8'))
  }
  // Another builder around this process (a test runner, say) leaves its own base and mode in the environment.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(BASE_URL|MODE|DEV|PROD|SSR|NODE_ENV|NODE_OPTIONS|VITEST.*)$/.test(name),
  )
  const environment = {
    ...Object.fromEntries(inherited),
    DDLF_BASE: base,
    ASTRO_TELEMETRY_DISABLED: '1',
    // The pages are built in another folder than the one that the command was called in.
    ...(ownCourse !== undefined && { DDLF_COURSE: ownCourse }),
  }
  await runProgram('astro', ['build', '--outDir', out], environment, quiet)
  await runProgram('pagefind', ['--site', out], environment, quiet)
}
