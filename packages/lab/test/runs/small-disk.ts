// A file system with little room, for tests of a full disk.
import { execFileSync } from 'node:child_process'
import { temporaryFolder } from './temporary-folder.ts'

/** A file system of so many kilobytes; undefined where none may be mounted. */
export function smallDisk(kilobytes: number): { readonly folder: string; readonly remove: () => void } | undefined {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(kilobytes)}k`, 'tmpfs', folder], { stdio: 'ignore' })
    return { folder, remove: () => execFileSync('umount', ['-l', folder]) }
  } catch {
    return undefined
  }
}
