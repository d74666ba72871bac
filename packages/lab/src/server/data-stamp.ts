// Whether a user's data are still as they were, without reading them.
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

/** Files that are looked at together. */
const AT_ONCE = 64

/**
 * A checksum of where some files and folders lie, how long each file is and when it changed last. The time at which the
 * system itself noted a change cannot be set by hand, so content that was replaced shows even where its length and time
 * are the same.
 * Links are followed, each folder once.
 */
export async function dataStamp(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  const entered = new Set<string>()
  const waiting = [...paths]
  while (waiting.length > 0) {
    const now = waiting.splice(-AT_ONCE)
    const found = await Promise.all(
      now.map(async place => {
        const status = await stat(place).catch(() => undefined)
        const isNew = status?.isDirectory() === true && !entered.has(`${status.dev} ${status.ino}`)
        if (isNew) entered.add(`${status.dev} ${status.ino}`)
        const below = isNew ? await readdir(place).catch(() => []) : []
        const state = status ? `${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}` : '-'
        return { line: `${place}\0${state}\n`, below: below.sort().map(name => path.join(place, name)) }
      }),
    )
    for (const { line, below } of found) {
      hash.update(line)
      for (const place of below) waiting.push(place)
    }
  }
  return hash.digest('hex')
}
