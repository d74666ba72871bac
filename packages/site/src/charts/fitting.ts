// A name that fits.
import { textWidth } from './text-width.ts'

/** As much of a name as there is room for, in pixels. */
export function fitting(name: string, room: number): string {
  // Every letter is wider than a pixel: of a text without end no more are looked at than could fit.
  const letters = Array.from(name.slice(0, 2 * Math.max(0, Math.ceil(room)) + 2))
  const dots = textWidth('…')
  let [kept, wide] = [0, 0]
  for (const letter of letters) {
    wide += textWidth(letter)
    if (wide + dots <= room) kept++
  }
  return wide <= room ? name : `${letters.slice(0, kept).join('')}…`
}
