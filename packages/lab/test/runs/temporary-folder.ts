// A folder for one test, removed behind it, and a file system that fails or dies at a chosen operation.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { nodeFiles, type FileOperations } from '../../src/runs/atomic-file.ts'
import type { Provenance } from '../../src/runs/provenance.ts'

/** Removes a folder from which a process that ends may still write its last file: what comes meanwhile goes too. */
async function removeFolder(folder: string, tries = 50): Promise<void> {
  try {
    fs.rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (tries === 0) throw error
    await setTimeout(100)
    await removeFolder(folder, tries - 1)
  }
}

export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-runs-'))
  onTestFinished(() => removeFolder(folder))
  return folder
}

/** Every file below a folder, as paths relative to it. */
export const filesBelow = (folder: string): string[] =>
  fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()

export const noProvenance: Provenance = {
  git: { commit: 'a'.repeat(40), dirty: null },
  lockFile: null,
  machine: { cpu: 'test', cores: 1, memory: 1, os: 'test' },
  versions: { node: '20' },
}

export interface FaultyFiles extends FileOperations {
  /** Operations called so far. */
  readonly count: number
}

/**
 * A file system whose `failAt`-th operation (from 0) does not succeed. With a code that operation alone fails, as on
 * a full disk. `'death'` also fails everything behind it, so that no cleaning up happens, as under kill -9. A write
 * that fails has first written half of its bytes.
 */
export function faultyFiles(failAt: number, code: 'ENOSPC' | 'EROFS' | 'EACCES' | 'death'): FaultyFiles {
  let count = 0
  const step =
    <Arguments extends unknown[], Result>(
      operation: (...args: Arguments) => Result,
      half?: (...args: Arguments) => void,
    ) =>
    (...args: Arguments): Result => {
      const index = count++
      if (index === failAt) half?.(...args)
      if (index === failAt || (code === 'death' && index > failAt))
        throw Object.assign(new Error(`${code}: injected`), { code })
      return operation(...args)
    }
  return {
    get count() {
      return count
    },
    open: step(nodeFiles.open),
    write: step(
      nodeFiles.write,
      (descriptor, bytes) => void nodeFiles.write(descriptor, bytes.subarray(0, bytes.length >> 1)),
    ),
    sync: step(nodeFiles.sync),
    truncate: step(nodeFiles.truncate),
    close: step(nodeFiles.close),
    rename: step(nodeFiles.rename),
    link: step(nodeFiles.link),
    // Removing needs no space, and may well work where nothing else does.
    remove: code === 'death' ? step(nodeFiles.remove) : nodeFiles.remove,
    makeFolder: step(nodeFiles.makeFolder),
  }
}
