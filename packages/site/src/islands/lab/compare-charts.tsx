// The curves of several runs over one another: of the metric that is asked for, and smaller of what stands beside it.
// One cursor reads them all.
import { useEffect, useState } from 'preact/hooks'
import { metricOf } from '@ddlf/lab/metric'
import type { LabComparison } from '@ddlf/lab/server'
import type { Chart, ChartSeries } from '../../charts/chart.ts'
import { axisOf, LiveChart } from '../live-curves.tsx'
import { askComparison, shownText } from './api.ts'
import { besideOf } from './beside.ts'

const LONGEST_LABEL = 44
/** Settings that a label says; where more differ, it names the run. */
const MOST_SETTINGS = 3

/** Names a run of a comparison by a letter. */
export const letter = (index: number): string => String.fromCharCode(65 + index)

type Points = readonly (readonly [x: number, y: number])[]

/** The mean of several seeds where all were measured, the least and the greatest around it. */
function meanOf(seeds: readonly Points[]): Pick<ChartSeries, 'points' | 'band' | 'seeds'> {
  const at = seeds.map(points => new Map(points))
  const known = (seeds[0] ?? []).map(([x]) => x).filter(x => at.every(one => one.has(x)))
  const rows = known.map(x => at.map(one => one.get(x) ?? Number.NaN))
  return {
    points: rows.map((values, i) => [known[i] ?? 0, values.reduce((a, b) => a + b, 0) / values.length]),
    band: rows.map(values => [Math.min(...values), Math.max(...values)]),
    seeds: seeds.length,
  }
}

/** What a run is called at the end of its line. */
function labelOf({ settings, runs }: LabComparison, index: number): string {
  const differing = settings.map(({ setting, values }) => `${setting} ${shownText(values[index])}`).join(', ')
  const words = settings.length > MOST_SETTINGS ? (runs[index]?.name ?? '') : differing
  const text = `${letter(index)}${words ? `: ${words}` : ''}`
  return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text
}

/** Where the run of a line is shown; of several seeds, where they are compared, unless that is here. */
function placeOf({ runs }: LabComparison, members: readonly number[]): Pick<ChartSeries, 'href'> {
  const names = members.flatMap(index => runs[index]?.name ?? [])
  if (names.length > 1) return names.length < runs.length ? { href: `#compare=${names.join(',')}` } : {}
  return { href: `#run=${names[0] ?? ''}` }
}

/** A metric of all runs; of settings with several seeds their means. */
function chartOf(found: LabComparison): Chart {
  const { chart, drawn } = axisOf(metricOf(found.runs.flatMap(run => run.described), found.metric))
  const pointsOf = (index: number) =>
    (found.series[index]?.epoch ?? []).map((epoch, at): [number, number] => [
      epoch,
      drawn(found.series[index]?.value[at] ?? Number.NaN),
    ])
  const hasSeeds = found.groups.length < found.runs.length
  const series = hasSeeds
    ? found.groups.map(({ label: name, runs }, colour) => ({
        name, colour, ...meanOf(runs.map(pointsOf)), ...placeOf(found, runs),
      }))
    : found.runs.map((_, index) => ({
        name: labelOf(found, index), colour: index, points: pointsOf(index), ...placeOf(found, [index]),
      }))
  return { ...chart, series, xTitle: 'epoch' }
}

/** The comparisons that stand beside one, as they come; what cannot be read is left out. */
function useBeside(found: LabComparison): readonly LabComparison[] {
  const [beside, setBeside] = useState<readonly LabComparison[]>([])
  useEffect(() => {
    const leaving = new AbortController()
    const ask = (metric: string) => {
      const query = new URLSearchParams([['metric', metric], ...found.runs.map(({ name }) => ['run', name])])
      return askComparison(query.toString(), () => undefined, leaving.signal).catch(() => undefined)
    }
    void Promise.all(besideOf(found).map(ask)).then(answers => {
      if (!leaving.signal.aborted) setBeside(answers.filter(one => one !== undefined))
    })
    return () => leaving.abort()
  }, [found])
  return beside
}

export function CompareCharts({ found }: { readonly found: LabComparison }) {
  const beside = useBeside(found)
  return (
    <div class="trainer wide-chart" data-linked>
      <LiveChart chart={chartOf(found)} />
      <div class="curves">
        {beside.map(one => (
          <LiveChart key={one.metric} chart={chartOf(one)} />
        ))}
      </div>
    </div>
  )
}
