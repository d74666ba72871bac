// What a run measures, drawn as it comes in.
import { isLogarithmic, type Metric } from '@ddlf/lab/metric'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { Measurement } from '../workers/messages.ts'
import { labelRoom, numberText, roundTicks, shareText } from './chart-axes.ts'

const MARGIN = { right: 12, top: 10, bottom: 30 }

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
  readonly className: string
}

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

interface ChartProps {
  readonly title: string
  readonly series: readonly Series[]
  readonly log?: boolean
  /** A value in words; `step`: how far the values lie apart that are to be told from one another. */
  readonly unit: (value: number, step: number) => string
  readonly height?: number
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

/** Curves over epochs, as wide as their place, with letters of one size everywhere. */
export function Chart({ title, series, log = false, unit, height: HEIGHT = 190 }: ChartProps) {
  const frame = useRef<HTMLElement>(null)
  const WIDTH = useWidth(frame)
  const isShown = ([, y]: readonly [number, number]) => Number.isFinite(y) && (!log || y > 0)
  const shown = series.flatMap(({ points }) => points.filter(isShown))
  const ys = shown.map(([, y]) => (log ? Math.log10(y) : y))
  const x1 = Math.max(1, Math.ceil(shown.reduce((most, [x]) => Math.max(most, x), 0)))
  const [low, high] =
    ys.length === 0 ? [0, 1] : [ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))]
  const pad = (high - low || Math.abs(high) || 1) * 0.06
  const [y0, y1] = [low - pad, high + pad]
  const ticks = roundTicks(y0, y1, log)
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  const labels = ticks.map(tick => (log ? unit(10 ** tick, 10 ** Math.floor(tick + 1e-9)) : unit(tick, step)))
  const left = labelRoom(labels)
  const px = (x: number) => left + (x / x1) * (WIDTH - left - MARGIN.right)
  const py = (y: number) =>
    HEIGHT - MARGIN.bottom - (((log ? Math.log10(y) : y) - y0) / (y1 - y0)) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const epochs = [...new Set(roundTicks(0, x1).map(Math.round))]
  const last = series
    .map(
      ({ name, points }) =>
        `${name} ${points.length === 0 ? 'not measured yet' : unit(points.at(-1)?.[1] ?? Number.NaN, 0.001)}`,
    )
    .join(', ')
  return (
    <figure ref={frame}>
      <figcaption>
        {title}:{' '}
        {series.map(({ name, className }) => (
          <span key={name} class={`key ${className}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: ${last}`}>
        {ticks.map((tick, i) => {
          const y = py(log ? 10 ** tick : tick)
          return (
            <g key={tick}>
              <line class="rule" x1={left} x2={WIDTH - MARGIN.right} y1={y} y2={y} />
              {ys.length > 0 && (
                <text x={left - 6} y={y + 4} text-anchor="end">
                  {labels[i]}
                </text>
              )}
            </g>
          )
        })}
        {epochs.map(x => (
          <text
            key={x}
            x={px(x)}
            y={HEIGHT - 12}
            text-anchor={x === 0 ? 'start' : px(x) > WIDTH - 24 ? 'end' : 'middle'}
          >
            {x === 0 ? 'epoch 0' : numberText(x, 1)}
          </text>
        ))}
        {series.map(({ name, points, className }) => {
          const drawn = points.filter(isShown)
          return drawn.length === 1 ? (
            <circle key={name} class={className} cx={px(drawn[0]?.[0] ?? 0)} cy={py(drawn[0]?.[1] ?? 1)} r={3} />
          ) : (
            <polyline
              key={name}
              class={className}
              points={drawn.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ')}
            />
          )
        })}
      </svg>
    </figure>
  )
}

const SPLITS = [
  ['train', 'training', 'one'],
  ['validation', 'validation', 'three'],
  ['test', 'test', 'two'],
] as const

/** The curves of a metric on all splits; training and test are named even before they are measured. */
const seriesOf = (measurements: readonly Measurement[], metric: string): Series[] =>
  SPLITS.map(([split, name, className]) => ({
    name,
    className,
    points: pointsOf(measurements, `${split}/${metric}`),
  })).filter(({ name, points }) => name !== 'validation' || points.length > 0)

/** Charts at most, and those that a place is kept for before anything is measured. */
const MOST_CHARTS = 4
const EXPECTED = 2

/** A chart for every metric of a run that is measured; before that, for the first of them. */
export function LiveCurves({
  measurements,
  metrics,
}: {
  readonly measurements: readonly Measurement[]
  readonly metrics: readonly Metric[]
}) {
  const names = new Set(measurements.map(({ name }) => name.split('/').at(-1)))
  const drawn = metrics.filter(({ quiet }) => quiet !== true)
  const charts =
    names.size === 0 ? drawn.slice(0, EXPECTED) : drawn.filter(({ name }) => names.has(name)).slice(0, MOST_CHARTS)
  const isMeasured = ({ points }: Series) => names.size === 0 || points.length > 0
  return (
    <div class="curves">
      {charts.map(metric => (
        <Chart
          key={metric.name}
          title={metric.title.charAt(0).toUpperCase() + metric.title.slice(1)}
          log={isLogarithmic(metric)}
          unit={metric.format === 'percent' ? shareText : numberText}
          series={seriesOf(measurements, metric.name).filter(isMeasured)}
        />
      ))}
    </div>
  )
}
