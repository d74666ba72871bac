// Fetches the tarball of an npm release through the npm client, with its integrity pinned.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '@ddlf/tensor/errors'
import type { NpmRelease } from '../dataset.ts'
import { makeFolder } from '../make-folder.ts'

const run = promisify(execFile)

/** The subresource integrity of a file, with the algorithm of the expected one. */
async function integrityOf(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return `${algorithm}-${hash.digest('base64')}`
}

/** The npm client to call: the one that runs this process (`npm_execpath`), or `npm` of the search path. */
const npmCommand = (): [string, string[]] => {
  const running = process.env['npm_execpath']
  return running !== undefined && /npm-cli\.c?js$/.test(running) ? [process.execPath, [running]] : ['npm', []]
}

/**
 * Puts the tarball of a release at `path`.
 * @throws UserError when npm cannot be run or fails, or when the tarball is not the pinned one
 */
export async function packRelease(release: NpmRelease, path: string, signal?: AbortSignal): Promise<void> {
  const name = `${release.package}@${release.version}`
  makeFolder(dirname(path))
  const folder = await mkdtemp(join(dirname(path), '.npm-pack-'))
  try {
    const [command, before] = npmCommand()
    try {
      const parameters = [...before, 'pack', name, '--pack-destination', folder, '--ignore-scripts', '--silent']
      await run(command, parameters, {
        cwd: folder,
        timeout: 15 * 60_000,
        shell: process.platform === 'win32' && command === 'npm',
        ...(signal && { signal }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      const detail =
        error instanceof Error
          ? ((error as Error & { stderr?: string }).stderr?.trim().split('\n')[0] ?? '') || error.message
          : String(error)
      throw new UserError({ rule: `npm pack ${name} did not succeed.`, received: detail }, { cause: error })
    }
    const [tarball] = (await readdir(folder)).filter(entry => entry.endsWith('.tgz'))
    if (tarball === undefined) throw new UserError({ rule: `npm pack ${name} must leave a tarball.`, received: 'none' })
    const received = await integrityOf(
      join(folder, tarball),
      release.integrity.slice(0, release.integrity.indexOf('-')),
    )
    if (received !== release.integrity) {
      throw new UserError({
        rule: `The tarball of ${name} must have the integrity ${release.integrity}.`,
        received: `${received} (${basename(tarball)})`,
      })
    }
    await rename(join(folder, tarball), path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
