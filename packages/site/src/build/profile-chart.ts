// Charts of a metric that was measured at several places of each run, over those places: `reach/1`, `reach/10`, ...
import { armOf, spreadOf, type RecordedArm } from '@ddlf/lab'
import type { Chart } from '../charts/chart.ts'
import { resultOf } from './results.ts'

export interface ProfileChart {
  readonly experiment: string
  /** What stands before the slash. */
  readonly metric: string
  /** A metric of another chart: the y axis has room for it, so that both charts have one axis. */
  readonly beside?: string | undefined
  /** Ids of arms, default all that have it. */
  readonly arms?: readonly string[] | undefined
  readonly xTitle: string
  readonly yTitle: string
  readonly scale?: 'linear' | 'log' | undefined
}

/** The places at which all runs of an arm were measured, in rising order. */
function placesOf({ runs }: RecordedArm, metric: string): number[] {
  const places = Object.keys(runs[0]?.metrics ?? {}).flatMap(name => {
    const place = name.startsWith(`${metric}/`) ? Number(name.slice(metric.length + 1)) : NaN
    return Number.isFinite(place) && runs.every(({ metrics }) => metrics[name] !== undefined) ? [place] : []
  })
  return places.sort((a, b) => a - b)
}

/** @throws where no arm has the metric, or none has the one beside it */
export function profileChart({ experiment, metric, beside, arms: ids, xTitle, yTitle, scale }: ProfileChart): Chart {
  const result = resultOf(experiment)
  const arms = (ids ?? result.arms.map(({ id }) => id)).map(id => armOf(result, id))
  const having = (name: string) => {
    const found = arms.map(arm => ({ arm, places: placesOf(arm, name) })).filter(({ places }) => places.length > 0)
    if (found.length === 0) throw new Error(`No recorded run of '${experiment}' has ${name}/<number>.`)
    return found
  }
  const found = having(metric)
  const room = beside === undefined
    ? []
    : having(beside).flatMap(({ arm, places }) => places.flatMap(place => spreadOf(arm, `${beside}/${place}`).values))
  return {
    series: found.map(({ arm, places }, colour) => {
      const spreads = places.map(place => spreadOf(arm, `${metric}/${place}`))
      const seeds = spreads[0]?.count ?? 0
      const band = spreads.map(({ values }) => [Math.min(...values), Math.max(...values)] as const)
      return {
        name: arm.label,
        colour,
        points: places.map((place, i) => [place, spreads[i]?.mean ?? NaN] as const),
        seeds,
        ...(seeds > 1 && { band }),
      }
    }),
    xTitle,
    yTitle,
    ...(scale !== undefined && { scale }),
    ...(beside !== undefined && { room }),
  }
}
