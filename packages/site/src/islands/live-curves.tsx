// The loss and the accuracy of the run in the page, drawn as they come in.
import type { Measurement } from '../workers/messages.ts'

const HEIGHT = 190
const MARGIN = { left: 44, right: 12, top: 10, bottom: 30 }

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
  readonly className: string
}

const pointsOf = (measurements: readonly Measurement[], name: string): [number, number][] =>
  measurements.filter(one => one.name === name).map(({ epoch, value }) => [epoch, value])

/** Curves over epochs. */
export function Chart({ title, series, log = false, unit, width: WIDTH = 340 }: { readonly width?: number; readonly title: string; readonly series: readonly Series[]; readonly log?: boolean; readonly unit: (value: number) => string }) {
  const shown = series.flatMap(({ points }) => points.filter(([, y]) => !log || y > 0))
  const xs = shown.map(([x]) => x)
  const ys = shown.map(([, y]) => (log ? Math.log10(y) : y))
  const x1 = Math.max(1, Math.ceil(Math.max(0, ...xs)))
  const [low, high] = ys.length === 0 ? [0, 1] : [Math.min(...ys), Math.max(...ys)]
  const pad = (high - low || 1) * 0.06
  const [y0, y1] = [low - pad, high + pad]
  const px = (x: number) => MARGIN.left + (x / x1) * (WIDTH - MARGIN.left - MARGIN.right)
  const py = (y: number) => HEIGHT - MARGIN.bottom - (((log ? Math.log10(y) : y) - y0) / (y1 - y0)) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const ticks = [0, 0.5, 1].map(share => y0 + pad + share * (y1 - y0 - 2 * pad))
  const last = series.map(({ name, points }) => `${name} ${points.length === 0 ? 'not measured yet' : unit(points.at(-1)?.[1] ?? NaN)}`).join(', ')
  return (
    <figure>
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
        {[0, x1].map(x => <text key={x} x={px(x)} y={HEIGHT - 12} text-anchor={x === 0 ? 'start' : 'end'}>{x === 0 ? 'epoch 0' : x}</text>)}
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
