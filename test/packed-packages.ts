// The packages as they are published, built and packed into a folder of the test's own, and a project that has them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What a program that ended left behind. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of Node in a folder, without what this test runner put into the environment. */
export function runNode(args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): Ended {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_ENV|NODE_OPTIONS|VITEST.*|npm_.*)$/.test(name),
  )
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return { status, stdout, stderr }
}

/** Runs npm in a folder. */
export function runNpm(args: readonly string[], cwd: string): Ended {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_ENV|NODE_OPTIONS|VITEST.*|npm_.*)$/.test(name),
  )
  const env = Object.fromEntries(inherited)
  const npm = process.env['npm_execpath']
  const [program, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const { status, stdout, stderr } = spawnSync(program, [...before, ...args], { cwd, env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** The packages, built. */
export interface BuiltPackages {
  /** Folders by name, as `tensor`. */
  readonly folders: Readonly<Record<string, string>>
  readonly tarballs: readonly string[]
}

/** Builds and packs all packages below a folder. */
export function buildPackages(folder: string): BuiltPackages {
  const out = join(folder, 'built')
  const { status, stderr } = runNode([join(root, 'scripts/build.mjs'), '--pack', '--out', out], root)
  if (status !== 0) throw new Error(`The build failed.\n${stderr}`)
  const below = (name: string) => readdirSync(join(out, name)).map(one => join(out, name, one))
  return {
    folders: Object.fromEntries(readdirSync(join(out, 'packages')).map(name => [name, join(out, 'packages', name)])),
    tarballs: below('tarballs'),
  }
}

/**
 * An empty project with packages from tarballs, the rest from npm's registry.
 * @throws with npm's words where it fails
 */
export function projectWith(folder: string, tarballs: readonly string[], more: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "newcomer", "private": true, "type": "module" }\n')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { status, stderr } = runNpm(['install', ...options, ...tarballs, ...more], folder)
  if (status !== 0) throw new Error(`The packages cannot be installed.\n${stderr}`)
  return folder
}
