// What a run measures, drawn as it comes in.
import { drawnAs, isLogarithmic, type Metric } from '@ddlf/lab/metric'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Measurement } from '../workers/messages.ts'
import type { Chart, ChartMark, ChartSeries } from '../charts/chart.ts'
import { connectCursor, type ChartCursor } from '../charts/chart-cursor.ts'
import { connectPicker, type LinePicker } from '../charts/line-picker.ts'
import { chartDataWhereAllAre, valueText, type ChartData } from '../charts/chart-data.ts'
import { lineChart, nameWithSeeds } from '../charts/line-chart.ts'
import '../styles/charts.css'

/** A chart has no more pixels than that to show stretches of a curve. */
const MOST_STRETCHES = 600

/** A curve thinned to what can be seen: the least and the greatest value of each stretch, and the last. */
function pointsOf(measurements: readonly Measurement[], name: string): [number, number][] {
  const found = measurements.filter(one => one.name === name)
  const every = Math.ceil(found.length / MOST_STRETCHES)
  const stretches = Array.from({ length: Math.ceil(found.length / Math.max(1, every)) }, (_, i) =>
    found.slice(i * every, (i + 1) * every),
  )
  const kept =
    every <= 2
      ? found
      : stretches.flatMap(stretch => {
          const low = stretch.reduce((a, b) => (b.value < a.value ? b : a))
          const high = stretch.reduce((a, b) => (b.value > a.value ? b : a))
          return [...new Set([low, high].sort((a, b) => a.step - b.step))]
        })
  const last = found.at(-1)
  return [...kept, ...(last && kept.at(-1) !== last ? [last] : [])].map(({ epoch, value }) => [epoch, value])
}

/** The width of a place on the page, as it changes. */
export function useWidth(place: RefObject<HTMLElement | null>, first = 340): number {
  const [width, setWidth] = useState(first)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const measure = new ResizeObserver(() => setWidth(Math.max(240, element.clientWidth)))
    measure.observe(element)
    return () => measure.disconnect()
  }, [])
  return width
}

/** The values of a chart as a table, made when it is opened. */
function Numbers({ chart }: { readonly chart: Chart }) {
  const [isOpen, setOpen] = useState(false)
  const { x, xTitle, unit, series } = isOpen ? chartDataWhereAllAre(chart, 12) : EMPTY
  return (
    <details class="numbers" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Numbers</summary>
      <div class="scroll" tabindex={0} role="region" aria-label={`${chart.yTitle} as a table`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{xTitle}</th>
              {series.map(({ name }, i) => (
                <th key={i} scope="col" class="figure">
                  {name}
                  {unit && `, ${unit}`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {x.map((at, i) => (
              <tr key={at}>
                <th scope="row">{Number(at.toPrecision(4))}</th>
                {series.map(({ y }, s) => (
                  <td key={s} class="figure">
                    {valueOrNothing(y[i])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

const EMPTY: ChartData = { x: [], xTitle: '', unit: '', series: [] }
const valueOrNothing = (value: number | null | undefined) =>
  value === null || value === undefined ? '' : valueText(value)

/** Lets lines be picked that lead somewhere. @returns the picked one */
function usePicker(place: RefObject<HTMLElement | null>, chart: Chart, isPickable: boolean): number | undefined {
  const [picked, setPicked] = useState<number>()
  const now = useRef(chart)
  now.current = chart
  const picker = useRef<LinePicker>(undefined)
  useEffect(() => {
    if (!place.current || !isPickable) return
    const own = connectPicker(place.current, {
      chart: () => now.current,
      onPick: setPicked,
      onOpen: index => {
        location.hash = now.current.series[index]?.href ?? location.hash
      },
    })
    picker.current = own
    return () => own.disconnect()
  }, [isPickable])
  useEffect(() => picker.current?.redraw())
  return picked
}

/** Names the picked line, and leads to what it shows; before that, says how one is picked. */
function PickedLine({ line }: { readonly line: ChartSeries | undefined }) {
  const byFinger = matchMedia('(hover: none)').matches
  return (
    <p class="picked-line" role="status">
      {line?.href !== undefined ? (
        <a href={line.href}>Open {nameWithSeeds(line)}</a>
      ) : (
        <span class="soft">
          {byFinger
            ? 'A tap on a line names it, a second one opens its run.'
            : 'A line opens its run: click it, or choose it by the keys up and down and press Enter.'}
        </span>
      )}
    </p>
  )
}

/** A chart as wide as its place, drawn anew when the place or what is measured changes; with a cursor and a table. */
export function LiveChart({ chart }: { readonly chart: Chart }) {
  const frame = useRef<HTMLElement>(null)
  const place = useRef<HTMLDivElement>(null)
  const read = useRef<{ of: Chart; data: ChartData }>(undefined)
  const dataNow = useRef<() => ChartData>(() => EMPTY)
  // Found anew when somebody reads a chart that has grown.
  dataNow.current = () => {
    if (read.current?.of !== chart) read.current = { of: chart, data: chartDataWhereAllAre(chart) }
    return read.current.data
  }
  const width = useWidth(frame)
  const hasPoints = chart.series.some(({ points }) => points.length > 0)
  const cursor = useRef<ChartCursor>(undefined)
  useEffect(() => {
    if (!place.current) return
    const own = connectCursor(place.current, () => dataNow.current())
    cursor.current = own
    return () => own.disconnect()
  }, [hasPoints])
  const isPickable = hasPoints && chart.series.some(({ href }) => href !== undefined)
  const picked = usePicker(place, chart, isPickable)
  // A chart that grows while it is read keeps its cursor.
  useEffect(() => cursor.current?.redraw())
  return (
    <figure ref={frame} class="live-chart" aria-label={chart.yTitle}>
      {hasPoints ? (
        <>
          <div
            ref={place}
            class="chart-place"
            tabindex={0}
            role="group"
            aria-label={
              `${chart.yTitle}. Left and right read the values.` +
              (isPickable ? ' Up and down choose a line, Enter opens its run.' : '')
            }
          >
            <div dangerouslySetInnerHTML={{ __html: lineChart(chart, width) }} />
            <p class="reading" role="status" />
          </div>
          {isPickable && <PickedLine line={picked === undefined ? undefined : chart.series[picked]} />}
          <Numbers chart={chart} />
        </>
      ) : (
        <p class="soft small waiting">{chart.yTitle}: not measured yet</p>
      )}
    </figure>
  )
}

const SPLITS = [
  ['train', 'training'],
  ['validation', 'validation'],
  ['test', 'test'],
] as const

/** A run that a new one is drawn over. */
export interface RunMeasured {
  readonly name: string
  readonly measurements: readonly Measurement[]
}

/** A chart's y axis for a metric: its title and unit, and how a value is drawn. */
export function axisOf(metric: Metric): {
  readonly chart: Pick<Chart, 'yTitle' | 'yUnit' | 'scale'>
  readonly drawn: (value: number) => number
} {
  const isShare = metric.format === 'percent'
  const { title, drawn } = drawnAs(metric)
  return {
    chart: {
      yTitle: title.charAt(0).toUpperCase() + title.slice(1),
      ...(isShare && { yUnit: '%' }),
      ...(isLogarithmic(metric) && { scale: 'log' as const }),
    },
    drawn: value => (isShare ? 100 : 1) * drawn(value),
  }
}

type MomentsOf = (measurements: readonly Measurement[]) => readonly Pick<ChartMark, 'x' | 'label'>[]

/** Runs in one chart, each with a colour of its own; training is dashed. */
function chartOf(
  runs: readonly RunMeasured[],
  metric: Metric,
  { lastX, moments }: { readonly lastX: number | undefined; readonly moments: MomentsOf },
): Chart {
  const { chart, drawn } = axisOf(metric)
  const series = runs.flatMap(({ name, measurements }, colour) =>
    SPLITS.map(([split, title]) => ({
      name: runs.length > 1 ? `${name}, ${title}` : title,
      colour: split === 'validation' && runs.length === 1 ? 2 : colour,
      dashed: split === 'train',
      points: pointsOf(measurements, `${split}/${metric.name}`).map(([x, y]) => [x, drawn(y)] as const),
    })).filter(({ points }) => points.length > 0),
  )
  const marks = runs.flatMap(({ name, measurements }, colour) =>
    moments(measurements).map(moment => ({ ...moment, colour, ...(runs.length > 1 && { run: name }) })),
  )
  return { ...chart, series, marks, xTitle: 'epoch', ...(lastX !== undefined && { lastX }) }
}

/** Charts at most, and those that a place is kept for before anything is measured. */
const MOST_CHARTS = 4
const EXPECTED = 2

interface LiveCurvesProps {
  readonly measurements: readonly Measurement[]
  readonly metrics: readonly Metric[]
  /** Epochs of the whole run, so that the axis shows what is left. */
  readonly epochs?: number
  /** Runs before this one. */
  readonly earlier?: readonly RunMeasured[]
  /** What this run is called beside them. */
  readonly name?: string
  /** What is marked on the curves; default: nothing. */
  readonly moments?: MomentsOf
}

/**
 * A chart for every metric of a run that is measured; before that, for the first of them. One cursor reads them all.
 */
export function LiveCurves({
  measurements, metrics, epochs, earlier = [], name = 'this run', moments = () => [],
}: LiveCurvesProps) {
  const runs = [...earlier, { name, measurements }].filter(run => run.measurements.length > 0)
  const names = new Set(runs.flatMap(run => run.measurements.map(one => one.name.split('/').at(-1))))
  const drawn = metrics.filter(metric => metric.quiet !== true)
  const charts =
    names.size === 0 ? drawn.slice(0, EXPECTED) : drawn.filter(metric => names.has(metric.name)).slice(0, MOST_CHARTS)
  return (
    <div class="curves" data-linked>
      {charts.map(metric => (
        <LiveChart key={metric.name} chart={chartOf(runs, metric, { lastX: epochs, moments })} />
      ))}
    </div>
  )
}
