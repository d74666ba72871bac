// Numbers as the memos print them.
import type { Interval, Metric, Spread } from '@ddlf/lab'

/** `1.82 %` of a fraction. */
export const percent = (fraction: number, digits = 2): string => `${(100 * fraction).toFixed(digits)} %`

/** Below, four decimals say less than three significant digits. */
const SMALL = 0.01
const fixed = (value: number) =>
  Math.abs(value) < SMALL || Math.abs(value) >= 1000 ? number(value) : value.toFixed(4)

/** What stands behind the title of an axis: `%` of a share, else the unit, where the title does not say it already. */
export const unitText = ({ title, unit, format }: Pick<Metric, 'title' | 'unit' | 'format'>): string =>
  format === 'percent' ? '%' : title.includes(unit) ? '' : unit

/** A metric as a memo prints it: shares as percentages, losses with four decimals, the rest with three digits. */
export const metricText = ({ name, format }: Pick<Metric, 'name' | 'format'>, value: number): string =>
  format === 'percent'
    ? percent(value)
    : name === 'flop'
      ? scientific(value)
      : name === 'seconds'
        ? duration(value)
        : format === 'fixed'
          ? fixed(value)
          : number(value)

/** The ends of an interval as a memo prints them: a share is between none and all. */
export function intervalEnds(
  metric: Pick<Metric, 'name' | 'format'>,
  { low, high }: Pick<Interval, 'low' | 'high'>,
): [low: string, high: string] {
  const [least, most] = metric.format === 'percent' ? [0, 1] : [-Infinity, Infinity]
  return [metricText(metric, Math.max(least, low)), metricText(metric, Math.min(most, high))]
}

/** A mean with the deviation over seeds. */
export const spreadText = (
  metric: Metric,
  { mean, deviation, count }: Pick<Spread, 'mean' | 'deviation' | 'count'>,
): string =>
  count < 2
    ? metricText(metric, mean)
    : metric.format === 'percent'
      ? `${(100 * mean).toFixed(2)} ± ${percent(deviation)}`
      : `${metricText(metric, mean)} ± ${metric.format === 'fixed' ? deviation.toFixed(4) : number(deviation)}`

/** Three significant digits, or whole numbers with commas. */
export const number = (value: number): string =>
  Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : Math.abs(value) >= 1000
      ? Math.round(value).toLocaleString('en-US')
      : String(Number(value.toPrecision(3)))

/** `5.4 × 10^12` as text. */
export function scientific(value: number): string {
  const [digits, exponent] = value.toExponential(1).split('e+')
  return exponent === undefined
    ? number(value)
    : `${digits} × 10${exponent.replace(/\d/g, digit => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '')}`
}

/** `42 s`, `3 min 05 s`, `1 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole < 60) return `${whole} s`
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
    : `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
}

/**
 * What runs took: `42 s, 2.6 × 10¹¹ FLOP`; the time alone of what learns by counting or in loops of its own, which
 * tells no work.
 */
export const costText = (seconds: number, flop: number, between = ', '): string =>
  [duration(seconds), ...(flop > 0 ? [`${scientific(flop)} FLOP`] : [])].join(between)
