// The files below a folder: the one way to walk through one where links and what else is no file do not matter.
import { readdirSync } from 'node:fs'
import path from 'node:path'

/**
 * The plain files below a folder as paths relative to it, with `/` between the parts, sorted. Links are neither
 * followed nor listed.
 * @throws Error of the file system where the folder cannot be read
 */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
