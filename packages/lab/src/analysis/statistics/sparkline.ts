// A curve in one line of text.
import { checkOptions } from '@ddlf/tensor/errors'

const BARS = '▁▂▃▄▅▆▇█'

/**
 * Draws values as a line of bars from the smallest to the largest; more values than `width` are averaged in equal
 * groups, and a value that is not finite leaves a gap.
 * @param options.width largest number of characters, default 40
 * @param options.low value of the lowest bar, default the smallest
 * @param options.high value of the highest bar, default the largest
 */
export function sparkline(
  values: ArrayLike<number>,
  options: { width?: number; low?: number; high?: number } = {},
): string {
  checkOptions('sparkline', options, ['width', 'low', 'high'])
  const { width = 40 } = options
  const columns = Math.min(width, values.length)
  const averages = Array.from({ length: columns }, (_, column) => {
    const group = Array.prototype.slice.call(
      values,
      Math.floor((column * values.length) / columns),
      Math.floor(((column + 1) * values.length) / columns),
    ) as number[]
    const finite = group.filter(Number.isFinite)
    return finite.length === 0 ? NaN : finite.reduce((sum, value) => sum + value, 0) / finite.length
  })
  const finite = averages.filter(Number.isFinite)
  const low = options.low ?? Math.min(...finite)
  const high = options.high ?? Math.max(...finite)
  return averages
    .map(value => {
      if (!Number.isFinite(value)) return ' '
      const share = high > low ? (value - low) / (high - low) : 0.5
      return BARS[Math.min(BARS.length - 1, Math.max(0, Math.floor(share * BARS.length)))] ?? ' '
    })
    .join('')
}
