// The token strip: a text cut into tokens, each with a mark or a weight of its own.
import { escapeMarkup } from '@ddlf/data/escape-markup'

/** One token of a strip. */
export interface StripToken {
  readonly text: string
  /** `now`: what the present step made; `struck`: left out. */
  readonly mark?: 'now' | 'struck'
  /** How much speaks for one side (above 0) or the other, from -1 to 1. */
  readonly weight?: number
}

/** A token as it is read: spaces can be seen. */
const visible = (text: string) => escapeMarkup(text.replaceAll(' ', '␣').replaceAll('\n', '⏎'))

/** Draws tokens in a row that breaks as text does. */
export const drawTokens = (tokens: readonly StripToken[]): string => {
  const drawn = tokens.map(({ text, mark, weight = 0 }) => {
    const side = weight === 0 ? '' : weight > 0 ? ' more' : ' less'
    const depth = weight === 0 ? '' : ` style="--depth:${Math.min(1, Math.abs(weight)).toFixed(2)}"`
    return `<span class="piece${mark === undefined ? '' : ` ${mark}`}${side}"${depth}>${visible(text)}</span>`
  })
  return `<p class="pieces">${drawn.join('')}</p>`
}
