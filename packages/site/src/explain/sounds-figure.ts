// The sounds of a word over its letters: how much a net looked at each letter while it wrote a sound.
import { escapeMarkup } from '@ddlf/data/escape-markup'

/** The most letters of a word that is asked for. */
export const LONGEST_WORD = 16

/** A word with its sounds, and where a net looked for each. */
export interface Spelled {
  readonly word: string
  readonly sounds: readonly string[]
  /** A row for each sound, a share for each letter; the rest of a row lies on the end of the word. */
  readonly weights: readonly (readonly number[])[]
}

/** From so large a share on it is written into its field. */
const WRITTEN = 0.1
const percent = (share: number) => String(Math.round(100 * share))

/**
 * The sounds of a word, a row each, over its letters; what is struck out is no part of the word that was spelled.
 * @param letters all that were typed @param struck places of those that are left out
 * @param live whether letters can be struck out
 */
export function drawSounds(letters: string, struck: readonly number[], found: Spelled, live: boolean): string {
  const all = Array.from(letters)
  const kept = all.flatMap((_, i) => (struck.includes(i) ? [] : [i]))
  const head = all.map((letter, i) => {
    const isStruck = struck.includes(i)
    const name = escapeMarkup(letter)
    return live
      ? `<th scope="col"><button type="button" data-letter="${i}" aria-pressed="${isStruck}" ` +
        `aria-label="${name}, ${isStruck ? 'struck out' : 'strike it out'}">${name}</button></th>`
      : `<th scope="col">${name}</th>`
  })
  const rows = found.sounds.map((sound, row) => {
    const cells = all.map((_, i) => {
      const share = found.weights[row]?.[kept.indexOf(i)] ?? 0
      return `<td style="--share:${share.toFixed(2)}">${share >= WRITTEN ? percent(share) : ''}</td>`
    })
    return `<tr><th scope="row">${escapeMarkup(sound)}</th>${cells.join('')}</tr>`
  })
  return `<table><thead><tr><td></td>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

/** What was spelled, in words, and where the last sound was looked for. */
export function saidOfSounds({ word, sounds, weights }: Spelled): string {
  if (sounds.length === 0) return `${word}: it writes no sound at all.`
  const last = weights.at(-1) ?? []
  const most = last.indexOf(Math.max(...last))
  return `${word} is spoken ${sounds.join(' ')}, it says. For ${sounds.at(-1) ?? ''} it looked most at ` +
    `${word[most] ?? 'the end'}, with ${percent(last[most] ?? 0)} of 100.`
}
