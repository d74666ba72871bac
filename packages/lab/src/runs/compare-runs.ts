// Runs side by side: the settings in which they differ, and their curves on one axis.
import { stringifyExact, type Json } from './exact-json.ts'
import type { Measurement } from './metrics-log.ts'

/** One metric of one run, in the order of measuring; the four lists are equally long. */
export interface MetricSeries {
  readonly step: number[]
  readonly epoch: number[]
  /** Unix seconds. */
  readonly wallTime: number[]
  readonly value: number[]
}

/** The names of the metrics of some runs, sorted. */
export const metricNames = (...runs: readonly (readonly Measurement[])[]): string[] =>
  [...new Set(runs.flat().map(metric => metric.name))].sort()

/** One metric as a series. */
export function metricSeries(metrics: readonly Measurement[], name: string): MetricSeries {
  const rows = metrics.filter(metric => metric.name === name)
  return {
    step: rows.map(row => row.step),
    epoch: rows.map(row => row.epoch),
    wallTime: rows.map(row => row.wallTime),
    value: rows.map(row => row.value),
  }
}

/**
 * Settings by their path, for example `optimizer.momentum`. Lists and empty objects are settings as a whole.
 */
export function flattenSettings(config: Readonly<Record<string, Json>>): Map<string, Json> {
  const settings = new Map<string, Json>()
  const visit = (value: Json, at: string) => {
    const entries =
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value as Record<string, Json>)
        : []
    if (entries.length === 0) settings.set(at, value)
    for (const [key, inner] of entries) visit(inner, `${at}.${key}`)
  }
  for (const [key, value] of Object.entries(config)) visit(value, key)
  return settings
}

/** A setting that is not the same in all runs. */
export interface DifferingSetting {
  readonly setting: string
  /** One a run, in the given order; undefined where a run does not have the setting. */
  readonly values: (Json | undefined)[]
}

/** Equal settings have equal text, whatever the order of an object's keys inside a list. */
const canonical = (value: Json | undefined): string => {
  const sorted = (item: Json): Json => {
    if (typeof item !== 'object' || item === null) return item
    if (Array.isArray(item)) return (item as readonly Json[]).map(sorted)
    return Object.fromEntries(
      Object.entries(item as Record<string, Json>)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    )
  }
  return value === undefined ? 'undefined' : stringifyExact(sorted(value))
}

/**
 * The settings in which runs differ, sorted by name. Give the seed along as a setting to see it too.
 * @param configs one a run
 */
export function differingSettings(configs: readonly Readonly<Record<string, Json>>[]): DifferingSetting[] {
  const flattened = configs.map(flattenSettings)
  const names = [...new Set(flattened.flatMap(settings => [...settings.keys()]))].sort()
  return names
    .map(setting => ({ setting, values: flattened.map(settings => settings.get(setting)) }))
    .filter(({ values }) => new Set(values.map(canonical)).size > 1)
}
