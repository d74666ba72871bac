// Round values along an axis, and their words.

/** 3 * 0.2 is a little more than 0.6, and ends an axis that goes to 0.6 all the same. */
const ROUNDED = 1e-9

/** Round values within a range, at most six: of a linear axis, or of the powers of ten of a logarithmic one. */
export function roundTicks(low: number, high: number, log = false): number[] {
  if (log) {
    const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i)
    const within = (factors: readonly number[]) =>
      decades
        .flatMap(decade => factors.map(factor => decade + Math.log10(factor)))
        .filter(tick => tick >= low - ROUNDED && tick <= high + ROUNDED)
    const ticks = [[1, 2, 5], [1, 3], [1]].map(within).find(few => few.length <= 6) ?? thinned(within([1]))
    // A lone value says nothing of what lies above and below it: between two powers stand those of a linear axis.
    return ticks.length < 2 && high > low ? roundTicks(10 ** low, 10 ** high).map(Math.log10) : ticks
  }
  const least = high / 5.5 - low / 5.5
  const power = 10 ** Math.floor(Math.log10(least))
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= least * 0.999) ?? 10)
  const first = Math.ceil(low / step - ROUNDED)
  const within = (tick: number) => Number.isFinite(tick) && tick <= high + ROUNDED * step
  return Array.from({ length: 6 }, (_, i) => (first + i) * step).filter(within)
}

/** Every so many of many powers of ten. */
const thinned = (ticks: readonly number[]) => ticks.filter((_, i) => i % Math.ceil(ticks.length / 6) === 0)

const LARGEST = 1e5
/** From here on there is no short word for how many. */
const UNNAMED = 1e15
/** From this step on all values of an axis are short, so that 50,000 stands as 50K below 100K. */
const LARGEST_STEP = 1e4
const MOST_DECIMALS = 4
/** From here on a number that needs more digits has them behind its point. */
const SMALLEST = 1e-3
const MOST_DIGITS = 7

/** The power of ten of a number. */
const powerOf = (value: number) => Math.floor(Math.log10(Math.abs(value)) + 1e-9)

/** A number as an axis says it whose values lie `step` apart: `0.02`, `35`, `1e-7`, `1.2M`. */
export function numberText(value: number, step: number): string {
  // Of one value there is no next.
  if (!(step > 0)) return numberText(value, Math.abs(step) || 1)
  if (!Number.isFinite(value)) return 'not a number'
  if (Math.abs(value) >= UNNAMED) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e')
  if (Math.abs(value) >= LARGEST || step >= LARGEST_STEP)
    return Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 }).format(value)
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))
  if (decimals <= MOST_DECIMALS || value === 0) return value.toFixed(Math.min(decimals, MOST_DECIMALS))
  // As many digits as tell it from the next.
  if (Math.abs(value) >= SMALLEST && decimals <= MOST_DIGITS) return value.toFixed(decimals)
  return value.toExponential(Math.min(MOST_DIGITS, Math.max(0, powerOf(value) - powerOf(step))))
}

/** Digits that a round value has, without the zeros at its ends. */
const digitsOf = (value: number): number =>
  [1, 2, 3, 4, 5, 6, 7].find(digits => Math.abs(Number(value.toPrecision(digits)) - value) <= ROUNDED * value) ?? 8

/** The words along a logarithmic axis: all of them powers where one of them must be. */
export function logarithmicTexts(ticks: readonly number[]): string[] {
  const steps = ticks.map(tick => 10 ** (powerOf(tick) + 1 - digitsOf(tick)))
  // Values of more digits than one lie between two powers, as on a linear axis.
  const isLinear = ticks.some(tick => digitsOf(tick) > 1)
  const texts = ticks.map((tick, i) => numberText(tick, isLinear ? Math.min(...steps) : (steps[i] ?? 1)))
  if (!texts.some(text => POWER.test(text))) return texts
  return ticks.map((tick, i) => (tick === 1 ? (texts[i] ?? '') : tick.toExponential(digitsOf(tick) - 1)))
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
