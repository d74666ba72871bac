// Round values along an axis, and their words.

/** Round values within a range, at most six: of a linear axis, or of the powers of ten of a logarithmic one. */
export function roundTicks(low: number, high: number, log = false): number[] {
  if (log) {
    const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i)
    const within = (factors: readonly number[]) =>
      decades
        .flatMap(decade => factors.map(factor => decade + Math.log10(factor)))
        .filter(tick => tick >= low && tick <= high)
    return [[1, 2, 5], [1, 3], [1]].map(within).find(ticks => ticks.length <= 6) ?? thinned(within([1]))
  }
  const least = (high - low) / 5.5
  const power = 10 ** Math.floor(Math.log10(least))
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= least * 0.999) ?? 10)
  return Array.from({ length: 6 }, (_, i) => (Math.ceil(low / step) + i) * step).filter(tick => tick <= high)
}

/** Every so many of many powers of ten. */
const thinned = (ticks: readonly number[]) => ticks.filter((_, i) => i % Math.ceil(ticks.length / 6) === 0)

const LARGEST = 1e5
/** From here on there is no short word for how many. */
const UNNAMED = 1e15
const MOST_DECIMALS = 4

/** A number as an axis says it whose values lie `step` apart: `0.02`, `35`, `1e-7`, `1.2M`. */
export function numberText(value: number, step: number): string {
  if (!Number.isFinite(value)) return 'not a number'
  if (Math.abs(value) >= UNNAMED) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e')
  if (Math.abs(value) >= LARGEST)
    return Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 }).format(value)
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))
  if (decimals > MOST_DECIMALS && value !== 0) return value.toExponential(Math.abs(value) < 2 * step ? 0 : 1)
  return value.toFixed(Math.min(decimals, MOST_DECIMALS))
}

/** `1e-7` as it is printed: 10, and the power above the line. */
const POWER = /^(-?[\d.]+)e([+-]?\d+)$/

/** A number of an axis within SVG: `1e-7` as a power of ten. */
export function numberMarkup(text: string): string {
  const [, factor, power] = POWER.exec(text) ?? []
  if (factor === undefined || power === undefined) return text
  const sign = power.replace('+', '').replace('-', '\u2212')
  return `${factor === '1' ? '' : `${factor} × `}10<tspan class="power" dy="-5">${sign}</tspan>`
}

/** The letters that {@link numberMarkup} sets, for their width. */
export const numberLetters = (text: string): string => numberMarkup(text).replace(/<[^>]+>/g, '')

/** A share as a percentage: `97.5 %`. */
export const shareText = (value: number, step: number): string =>
  Number.isFinite(value) ? `${numberText(100 * value, 100 * step)} %` : 'not a number'

/** Pixels that a label of so many letters takes at the size that charts are set in, with its distance from the axis. */
export const labelRoom = (texts: readonly string[]): number =>
  14 + 6.4 * Math.max(3, ...texts.map(label => label.length))
