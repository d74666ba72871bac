// The files below a folder, and their bytes: the one way to walk through one where links and what else is no file do
// not matter; and which names are no text.
import { isUtf8 } from 'node:buffer'
import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'

const REPLACED = '\ufffd'

/** The bytes of a name as text, those that are no UTF-8 written out: `caf\xe9`. */
function writtenOut(name: Buffer): string {
  const parts: string[] = []
  for (let i = 0; i < name.length;) {
    // A character of UTF-8 has one to four bytes.
    const length = [1, 2, 3, 4].find(count => i + count <= name.length && isUtf8(name.subarray(i, i + count)))
    if (length === undefined) parts.push(`\\x${(name[i] as number).toString(16).padStart(2, '0')}`)
    else parts.push(name.toString('utf8', i, i + length))
    i += length ?? 1
  }
  return parts.join('')
}

/**
 * Names of a folder that are no UTF-8: Node writes U+FFFD for their bytes, and finds no file under what it wrote.
 * @param names as Node read them
 * @returns each such name as Node wrote it, with its bytes written out
 */
export function namesNotText(folder: string, names: readonly string[]): ReadonlyMap<string, string> {
  if (!names.some(name => name.includes(REPLACED))) return new Map()
  const bytes = readdirSync(folder, { encoding: 'buffer' }).filter(name => !isUtf8(name))
  return new Map(bytes.map(name => [name.toString(), writtenOut(name)]))
}

/** Why something below a folder is no plain file that is listed. */
export type NotListed =
  | 'link'
  | 'neither a file nor a folder'
  /** Nothing can open it by a text. */
  | 'with a name that is not UTF-8'
  | 'folder whose name is not UTF-8'

/**
 * The plain files below a folder as paths relative to it, with `/` between the parts, sorted. Links are neither
 * followed nor listed.
 * @param onOther hears of everything that is not listed; bytes of a name that are no UTF-8 are written out
 * @throws Error of the file system where the folder cannot be read
 */
export function filesBelow(
  folder: string,
  onOther: (name: string, why: NotListed) => void = () => undefined,
): string[] {
  const files: string[] = []
  const walk = (below: string) => {
    const place = path.join(folder, below)
    const entries = readdirSync(place, { withFileTypes: true })
    const notText = namesNotText(place, entries.map(({ name }) => name))
    for (const entry of entries) {
      const name = notText.get(entry.name)
      const file = `${below}${name ?? entry.name}`
      if (name !== undefined)
        onOther(file, entry.isDirectory() ? 'folder whose name is not UTF-8' : 'with a name that is not UTF-8')
      else if (entry.isDirectory()) walk(`${file}/`)
      else if (entry.isFile()) files.push(file)
      else onOther(file, entry.isSymbolicLink() ? 'link' : 'neither a file nor a folder')
    }
  }
  walk('')
  return files.sort()
}

/**
 * Bytes of all plain files below a folder, whatever their names; links are not followed.
 * @throws Error of the file system where the folder cannot be read
 */
export function bytesBelow(folder: string): number {
  const walk = (place: Buffer): number => {
    const names = readdirSync(place, { encoding: 'buffer' })
    return names.reduce((sum, name) => {
      const entry = Buffer.concat([place, Buffer.from(path.sep), name])
      const status = lstatSync(entry)
      return sum + (status.isDirectory() ? walk(entry) : status.isFile() ? status.size : 0)
    }, 0)
  }
  return walk(Buffer.from(folder))
}
