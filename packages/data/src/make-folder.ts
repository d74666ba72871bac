// Making a folder with those above it, so that a failure says its real reason.
import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

const isFolder = (place: string) => statSync(place, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * Makes a folder and those above it; one that is there stays as it is.
 * @throws Error of the file system, with the reason for which the first missing folder cannot be made
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    // Node says ENOENT for all that it does not know here, a read-only file system and a full quota among it: made one
    // by one, the folder that cannot be made says why.
    const parent = path.dirname(path.resolve(folder))
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path.resolve(folder)) throw error
    makeFolder(parent)
    try {
      mkdirSync(folder)
    } catch (reason) {
      if ((reason as NodeJS.ErrnoException).code !== 'EEXIST') throw reason
      // Made by another process meanwhile; or a link that leads to nothing, of which ENOENT is true.
      if (!isFolder(folder)) throw error
    }
  }
}
