// Progress over a user's own items: pictures that are read or predicted.
import type { OnItems } from '@ddlf/data/node'
import { pc } from './colour.ts'
import { liveText } from './live.ts'

/** A count with its thousands set apart. */
export const thousands = (count: number): string => count.toLocaleString('en')

/** A bar that is filled to a share. */
export const barOf = (share: number, width: number): string => '█'.repeat(Math.round(share * width)).padEnd(width, '░')

/** Draws the reading of own items where it takes long: a live line on a terminal, else a line every ten seconds. */
export function itemsPrinter(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
  verb = 'reading',
): OnItems {
  const live = stream.isTTY ? liveText(stream) : undefined
  let spoken = now()
  return ({ items, done, total }) => {
    if (live && done === total) live.clear()
    if (done === total || now() - spoken < (live ? 200 : 10_000)) return
    spoken = now()
    const text = `${verb} ${items}  ${thousands(done)} of ${thousands(total)}`
    if (live) live(`${pc.cyan(barOf(done / total, 24))}  ${text}`)
    else stream.write(`${text}\n`)
  }
}
