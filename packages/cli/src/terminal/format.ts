// Numbers, durations and tables as a person reads them.
export { settingText as formatSetting, shownSetting } from '@ddlf/lab/command-text'
import type { Spread } from '@ddlf/lab'
import { formatMetric, type Metric } from '@ddlf/lab/metric'

export { formatMetric, metricOf } from '@ddlf/lab/metric'
export { formatTable, wrapText } from './table.ts'
export { terminalWidth } from './terminal-width.ts'

/** `1m 05s`, `12.3s`, `2h 03m` */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '-'
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  if (whole < 60) return `${whole}s`
  return whole < 3600
    ? `${Math.floor(whole / 60)}m ${two(whole % 60)}s`
    : `${Math.floor(whole / 3600)}h ${two((whole % 3600) / 60)}m`
}

/** `12,345`, `1.2M`, `3.4e13` */
export function formatCount(value: number): string {
  if (value < 1e6) return Math.round(value).toLocaleString('en-US')
  if (value < 1e9) return `${(value / 1e6).toFixed(1)}M`
  return value.toExponential(1).replace('e+', 'e')
}

/** How long a training took and what it computed: nothing of what was not counted, no speed that rounds to none. */
export function workSaid(seconds: number, flop: number): string {
  const took = `Trained in ${formatDuration(seconds)}`
  if (flop === 0) return `${took}.`
  const speed = Math.round(flop / seconds / 1e9)
  const overAll = speed > 0 && Number.isFinite(speed) ? `, ${formatCount(speed)} GFLOP/s over all` : ''
  return `${took}: ${flop.toExponential(1).replace('e+', 'e')} FLOP${overAll}.`
}

/** Four significant digits at most, without an exponent where it stays short. */
export const formatNumber = (value: number): string => formatMetric({ format: 'significant' }, value)

/** `1.82 %` of a fraction. */
export const formatPercent = (fraction: number, digits = 2): string => `${(100 * fraction).toFixed(digits)} %`

/** `1.71 % ± 0.04 %`; of one seed the value alone, since nothing is known of how far seeds lie apart. */
export function formatSpread(metric: Pick<Metric, 'format'>, { mean, deviation, count }: Omit<Spread, 'values'>) {
  const value = formatMetric(metric, mean)
  return count > 1 ? `${value} ± ${formatMetric(metric, deviation)}` : value
}

/** A size in bytes for people: 47.0 MB. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return '?'
  if (bytes < 1000) return `${bytes} B`
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** power).toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][power] as string}`
}
