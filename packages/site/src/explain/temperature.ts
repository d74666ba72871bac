// The temperature figure: the net's shares of the next letter as bars, the letter that luck draws, and the text so far.
import { drawLetters, type DrawnLetter, type NamesNet } from './names-net.ts'

/** What the reader has chosen, and how many letters are drawn. */
export interface TemperatureState {
  readonly temperature: number
  readonly step: number
}

export const TEMPERATURE_START: TemperatureState = { temperature: 1, step: 20 }
export const LETTERS_DRAWN = 60

const LETTERS = '.abcdefghijklmnopqrstuvwxyz'
const HEIGHT = 190
const [TOP, BOTTOM] = [22, 24]
/** A share that fills the height; what is above is cut off there. */
const FULL = 0.6
const round = (value: number) => Math.round(value * 10) / 10

/** Names from letters: the one under way last. */
const namesOf = (letters: readonly DrawnLetter[]) => letters.map(({ letter }) => letter).join('').split('.')

/** @param width pixels of the page's place for it */
export function drawTemperature(net: NamesNet, { temperature, step }: TemperatureState, width: number): string {
  const letters = drawLetters(net, temperature, Math.max(1, step))
  const last = letters.at(-1)
  const shares = last?.probabilities ?? []
  const slot = width / LETTERS.length
  const bars = Array.from(LETTERS, (letter, k) => {
    const share = shares[k] ?? 0
    const height = Math.max(1, (HEIGHT - TOP - BOTTOM - 14) * Math.min(1, share / FULL))
    const [x, y] = [round(k * slot + 1), round(HEIGHT - BOTTOM - height)]
    const middle = round((k + 0.5) * slot)
    const inside = Math.max(14, Math.min(width - 14, middle))
    const drawn = step > 0 && letter === last?.letter
    return (
      `<g class="letter${drawn ? ' drawn' : ''}"><rect x="${x}" y="${y}" width="${round(slot - 2)}" ` +
      `height="${round(height)}"/><text x="${middle}" y="${HEIGHT - 7}" text-anchor="middle">` +
      `${letter}</text>` +
      (drawn ? `<text x="${inside}" y="${y - 4}" text-anchor="middle">${(100 * share).toFixed(0)} %</text>` : '') +
      '</g>'
    )
  })
  const before = letters.slice(0, -1).map(({ letter }) => letter).join('').split('.').at(-1) ?? ''
  const title = `share of each letter after ‘${before === '' ? '.' : before}’; the dot ends a name`
  const drawnShare = shares[LETTERS.indexOf(last?.letter ?? '.')] ?? 0
  const drawn = `. Drawn: ‘${last?.letter}’, whose share is ${(100 * drawnShare).toFixed(0)} %`
  const label = step > 0 ? `${title}${drawn}` : title
  return (
    `<svg class="chart letters" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${label}">` +
    `<text class="title" x="0" y="13">${width < 400 ? title.replace(/; .*$/, '') : title}</text>${bars.join('')}</svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfTemperature(net: NamesNet, { temperature, step }: TemperatureState): string {
  if (step === 0) return 'Nothing is written yet. Step forward: each step draws one letter.'
  const letters = drawLetters(net, temperature, step)
  const names = namesOf(letters)
  const share = letters.at(-1)?.probabilities.reduce((a, b) => Math.max(a, b), 0) ?? 0
  return `${names.filter(Boolean).join(', ')}. The likeliest letter had ${(100 * share).toFixed(0)} % here.`
}
