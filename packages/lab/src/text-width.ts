// Texts in columns: a Chinese character takes two places of a terminal and a combining accent none.
import stringWidth from 'string-width'

/** How many columns a text takes on a terminal; styles take none. */
export const textWidth = (text: string): number => stringWidth(text)

const places = (count: number): string => ' '.repeat(Math.max(0, count))

/** The text, filled with spaces behind it to so many columns. */
export const padEndTo = (text: string, width: number): string => text + places(width - textWidth(text))

/** The text, filled with spaces before it to so many columns. */
export const padStartTo = (text: string, width: number): string => places(width - textWidth(text)) + text

const characters = new Intl.Segmenter()

/** The text in at most so many columns, with an ellipsis for what was cut. Of plain text, without styles. */
export function shortenTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let short = ''
  let taken = 0
  for (const { segment } of characters.segment(text)) {
    taken += textWidth(segment)
    if (taken > Math.max(1, width - 1)) break
    short += segment
  }
  return `${short}…`
}
