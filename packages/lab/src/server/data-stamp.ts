// Whether a user's data are still as they were, without reading them.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** Files that are looked at together. */
const AT_ONCE = 64

/** Files and folders that are looked at: more than the largest folder of pictures that is trained on here. */
const MOST = 200_000

/**
 * A checksum of where some files and folders lie, how long each file is and when it changed last. The time at which the
 * system itself noted a change cannot be set by hand, so content that was replaced shows even where its length and time
 * are the same.
 * Links are followed, each folder once.
 *
 * A run's record is foreign, and may name a whole disk: beyond `most` files and folders the checksum stands for those
 * that were looked at.
 */
export async function dataStamp(paths: readonly string[], most = MOST): Promise<string> {
  const hash = createHash('sha256')
  const entered = new Set<string>()
  const waiting = paths.slice(0, most)
  let left = most
  while (waiting.length > 0 && left > 0) {
    const now = waiting.splice(-Math.min(AT_ONCE, left))
    left -= now.length
    const found = await Promise.all(
      now.map(async place => {
        const status = await fs.promises.stat(place).catch(() => undefined)
        const isNew = status?.isDirectory() === true && !entered.has(`${status.dev} ${status.ino}`)
        if (isNew) entered.add(`${status.dev} ${status.ino}`)
        const below = isNew ? await fs.promises.readdir(place).catch(() => []) : []
        const state = status ? `${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}` : '-'
        return { line: `${place}\0${state}\n`, below: below.sort().map(name => path.join(place, name)) }
      }),
    )
    for (const { line, below } of found) {
      hash.update(line)
      // What could not be looked at any more need not be remembered.
      for (const place of below.slice(0, Math.max(0, most - waiting.length))) waiting.push(place)
    }
  }
  return hash.digest('hex')
}
