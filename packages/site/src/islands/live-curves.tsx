// The loss and the accuracy of the run in the page, drawn as they come in.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Measurement } from '../workers/messages.ts'

const MARGIN = { left: 44, right: 12, top: 10, bottom: 30 }

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
  readonly className: string
}

/** More points than this in one curve are thinned: a chart has no more pixels than that to show them. */
const MOST_POINTS = 600

function pointsOf(measurements: readonly Measurement[], name: string): [number, number][] {
  const found = measurements.filter(one => one.name === name)
  const every = Math.ceil(found.length / MOST_POINTS)
  return found.filter((_, i) => i % every === 0 || i === found.length - 1).map(({ epoch, value }) => [epoch, value])
}

/** Round values within a range, at most six: of a linear axis, or of the powers of ten of a logarithmic one. */
function roundTicks(low: number, high: number, log: boolean): number[] {
  if (log) {
    const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i)
    const within = (factors: readonly number[]) => decades.flatMap(decade => factors.map(factor => decade + Math.log10(factor))).filter(tick => tick >= low && tick <= high)
    return [[1, 2, 5], [1, 3], [1]].map(within).find(ticks => ticks.length <= 6) ?? within([1]).filter((_, i) => i % 2 === 0)
  }
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= rough) ?? 10)
  return Array.from({ length: 6 }, (_, i) => (Math.ceil(low / step) + i) * step).filter(tick => tick <= high)
}

interface ChartProps {
  readonly title: string
  readonly series: readonly Series[]
  readonly log?: boolean
  readonly unit: (value: number) => string
  readonly height?: number
}

/** Curves over epochs, as wide as their place, with letters of one size everywhere. */
export function Chart({ title, series, log = false, unit, height: HEIGHT = 190 }: ChartProps) {
  const frame = useRef<HTMLElement>(null)
  const [WIDTH, setWidth] = useState(340)
  useEffect(() => {
    const place = frame.current
    if (!place) return
    const measure = new ResizeObserver(() => setWidth(Math.max(240, place.clientWidth)))
    measure.observe(place)
    return () => measure.disconnect()
  }, [])
  const shown = series.flatMap(({ points }) => points.filter(([, y]) => !log || y > 0))
  const xs = shown.map(([x]) => x)
  const ys = shown.map(([, y]) => (log ? Math.log10(y) : y))
  const x1 = Math.max(1, Math.ceil(Math.max(0, ...xs)))
  const [low, high] = ys.length === 0 ? [0, 1] : [Math.min(...ys), Math.max(...ys)]
  const pad = (high - low || 1) * 0.06
  const [y0, y1] = [low - pad, high + pad]
  const px = (x: number) => MARGIN.left + (x / x1) * (WIDTH - MARGIN.left - MARGIN.right)
  const py = (y: number) => HEIGHT - MARGIN.bottom - (((log ? Math.log10(y) : y) - y0) / (y1 - y0)) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const ticks = roundTicks(y0, y1, log)
  const every = Math.ceil(x1 / 6)
  const epochs = Array.from({ length: Math.floor(x1 / every) + 1 }, (_, i) => i * every)
  const last = series.map(({ name, points }) => `${name} ${points.length === 0 ? 'not measured yet' : unit(points.at(-1)?.[1] ?? NaN)}`).join(', ')
  return (
    <figure ref={frame}>
      <figcaption>{title}: {series.map(({ name, className }) => <span key={name} class={`key ${className}`}>{name}</span>)}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: ${last}`}>
        {ticks.map(tick => {
          const value = log ? 10 ** tick : tick
          return (
            <g key={tick}>
              <line class="rule" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={py(value)} y2={py(value)} />
              {ys.length > 0 && <text x={MARGIN.left - 6} y={py(value) + 4} text-anchor="end">{unit(value)}</text>}
            </g>
          )
        })}
        {epochs.map(x => <text key={x} x={px(x)} y={HEIGHT - 12} text-anchor={x === 0 ? 'start' : x === x1 ? 'end' : 'middle'}>{x === 0 ? 'epoch 0' : x}</text>)}
        {series.map(({ name, points, className }) => points.length === 1
          ? <circle key={name} class={className} cx={px(points[0]?.[0] ?? 0)} cy={py(points[0]?.[1] ?? 1)} r={3} />
          : <polyline key={name} class={className} points={points.filter(([, y]) => !log || y > 0).map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ')} />)}
      </svg>
    </figure>
  )
}

export function LiveCurves({ measurements }: { readonly measurements: readonly Measurement[] }) {
  const share = (value: number) => `${(100 * value).toFixed(1)} %`
  return (
    <div class="curves">
      <Chart title="Loss" log unit={value => value.toPrecision(2)} series={[
        { name: 'training', className: 'one', points: pointsOf(measurements, 'train/loss') },
        { name: 'test', className: 'two', points: pointsOf(measurements, 'test/loss') },
      ]} />
      <Chart title="Accuracy" unit={share} series={[
        { name: 'training', className: 'one', points: pointsOf(measurements, 'train/accuracy') },
        { name: 'test', className: 'two', points: pointsOf(measurements, 'test/accuracy') },
      ]} />
    </div>
  )
}
