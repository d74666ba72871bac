// Where a result comes from: the commit and what differs from it, the lock file, the machine, the versions. Never
// throws.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from './atomic-file.ts'
import { importedModules } from './imported-modules.ts'
import type { GitState, Machine } from './run-record.ts'

/** What {@link provenance} finds out. */
export interface Provenance {
  readonly git: GitState | null
  /** SHA-256 of the sources that compute results ({@link codeHash}); not known where left out. */
  readonly code?: string | null
  /** SHA-256 of the nearest package-lock.json. */
  readonly lockFile: string | null
  readonly machine: Machine
  readonly versions: Record<string, string>
}

const orNull = <T>(find: () => T): T | null => {
  try {
    return find()
  } catch {
    return null
  }
}

const git = (folder: string, ...args: string[]): Buffer =>
  execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000, maxBuffer: 2 ** 28 })

/** The folder and every folder above it. */
function* upwards(folder: string): Generator<string> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    yield current
    if (current === path.dirname(current)) return
  }
}

/** Untracked files above this size count by size and time of change rather than by content. */
const HASHED_WHOLE = 2 ** 24

/**
 * The commit of the folder's repository, and a SHA-256 of everything in which the working tree differs from it (the
 * diff against HEAD and the untracked files that are not ignored). Null outside a repository or without git.
 */
export function gitState(folder: string): GitState | null {
  return orNull(() => {
    const commit = git(folder, 'rev-parse', 'HEAD').toString().trim()
    const top = git(folder, 'rev-parse', '--show-toplevel').toString().replace(/\n$/, '')
    const difference = git(top, 'diff', 'HEAD', '--binary', '--no-ext-diff', '--no-textconv', '--no-color')
    const untracked = git(top, 'ls-files', '--others', '--exclude-standard', '-z')
      .toString()
      .split('\0')
      .filter(Boolean)
      .sort()
    if (difference.length === 0 && untracked.length === 0) return { commit, dirty: null }
    const hash = createHash('sha256').update(difference)
    for (const name of untracked) {
      const file = path.join(top, name)
      const status = orNull(() => fs.lstatSync(file))
      hash.update(`\0${name}\0`)
      if (status?.isFile() && status.size <= HASHED_WHOLE)
        hash.update(orNull(() => fs.readFileSync(file)) ?? 'unreadable')
      else hash.update(`${status?.size ?? 0} ${status?.mtimeMs ?? 0}`)
    }
    return { commit, dirty: hash.digest('hex') }
  })
}

/** SHA-256 of the package-lock.json in the folder or the nearest folder above it; null where there is none. */
export function lockFileHash(folder: string): string | null {
  for (const current of upwards(folder)) {
    const content = orNull(() => fs.readFileSync(path.join(current, 'package-lock.json')))
    if (content) return sha256(content)
  }
  return null
}

/** The machine that this process runs on. */
export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: os.totalmem(),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
  }
}

/** A machine as recorded results name it. */
export const machineText = (machine: Machine | null): string =>
  machine ? `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}` : 'unknown'

const PACKAGES = ['@ddlf/tensor', '@ddlf/nn', '@ddlf/data', '@ddlf/lab', 'onnxruntime-node']

function installedVersion(name: string): string | undefined {
  for (const folder of upwards(path.dirname(fileURLToPath(import.meta.url)))) {
    const text = orNull(() => fs.readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8'))
    if (text === null) continue
    const parsed = orNull(() => JSON.parse(text) as unknown)
    if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string')
      return parsed.version
  }
  return undefined
}

/**
 * The versions of Node, of this project's packages and of the native runtime, by name; what is not installed is left
 * out.
 */
export function installedVersions(): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node }
  for (const name of PACKAGES) {
    const version = installedVersion(name)
    if (version !== undefined) versions[name] = version
  }
  return versions
}

/** The folder with the sources of this very package. */
const OWN_SOURCES = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/**
 * The folders of the sources that compute results, by the package's name: the engine, the layers, the data, the loop.
 */
function sourceFolders(): Record<string, string> {
  const found: Record<string, string> = { '@ddlf/lab': OWN_SOURCES }
  for (const name of ['@ddlf/tensor', '@ddlf/nn', '@ddlf/data']) {
    const folder = orNull(() => path.dirname(fileURLToPath(import.meta.resolve(name))))
    if (folder !== null) found[name] = folder
  }
  return found
}

const SOURCE = /(?<!\.test|\.d)\.(ts|mts|js|mjs)$/

function* sourcesBelow(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* sourcesBelow(place)
    else if (SOURCE.test(entry.name)) yield place
  }
}

/**
 * SHA-256 over the names and contents of the sources that decide what a run computes: the packages tensor, nn, data and
 * lab, and `experiments`, the folder of the module that lists the experiments, or a module that stands for itself and
 * what it imports; an import that leads to no file counts by its address. It needs no git, and does not move with a
 * commit that changes memos, tests or pages only.
 */
export function codeHash(experiments?: string): string | null {
  return orNull(() => {
    const hash = createHash('sha256')
    const single = experiments !== undefined && fs.statSync(experiments).isFile()
    const places = experiments === undefined ? {} : { experiments: single ? path.dirname(experiments) : experiments }
    for (const [name, folder] of Object.entries({ ...sourceFolders(), ...places })) {
      const { files, unresolved } = single && name === 'experiments'
        ? importedModules(experiments) : { files: sourcesBelow(folder), unresolved: [] }
      for (const missing of unresolved) hash.update(`${missing} is not found\0`)
      for (const file of [...files].sort()) {
        hash
          .update(`${name}/${path.relative(folder, file).split(path.sep).join('/')}\0`)
          .update(fs.readFileSync(file))
          .update('\0')
      }
    }
    return hash.digest('hex')
  })
}

/** Whether git keeps the sources of this package: those of an installed one lie in somebody else's repository. */
const isTracked = () => orNull(() => git(OWN_SOURCES, 'ls-files', '--error-unmatch', '--', 'index.ts')) !== null

/**
 * Everything at once, for a new run or a further attempt. The commit is that of the repository that the code lies in,
 * wherever the command was called from; an installed package has none, and is told by its versions and its sources.
 * @param experiments as for {@link codeHash}, where it is known
 */
export const provenance = (experiments?: string): Provenance => ({
  git: isTracked() ? gitState(OWN_SOURCES) : null,
  code: codeHash(experiments),
  lockFile: lockFileHash(OWN_SOURCES),
  machine: describeMachine(),
  versions: installedVersions(),
})
