// A name that fits.
import { textWidth } from './text-width.ts'

/** As much of a name as there is room for, in pixels. */
export function fitting(name: string, room: number): string {
  if (textWidth(name) <= room) return name
  let kept = name
  while (kept !== '' && textWidth(`${kept}…`) > room) kept = kept.slice(0, -1)
  return `${kept}…`
}
