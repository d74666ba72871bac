// How far the predictions of a number lie from the truth: beside one another, as residuals, and the farthest ones.
import { useRef } from 'preact/hooks'
import type { NumberMistakes } from '@ddlf/lab/server'
import { labelRoom, numberText, roundTicks } from '../../charts/ticks.ts'
import { useWidth } from '../live-curves.tsx'
import { numberWords } from './api.ts'

const HEIGHT = 300
const MARGIN = { right: 14, top: 10, bottom: 44 }

interface Axis {
  readonly from: number
  readonly to: number
}

interface PlaneProps {
  readonly x: Axis
  readonly y: Axis
  readonly xTitle: string
  readonly label: string
  readonly caption: string
  /** What is drawn, given the places of values on the page. */
  readonly draw: (px: (x: number) => number, py: (y: number) => number) => preact.ComponentChildren
}

const stepOf = (ticks: readonly number[]) => (ticks[1] ?? 1) - (ticks[0] ?? 0)

/** Two axes with numbers, as wide as their place. */
function Plane({ x, y, xTitle, label, caption, draw }: PlaneProps) {
  const frame = useRef<HTMLElement>(null)
  const width = useWidth(frame)
  const [xs, ys] = [roundTicks(x.from, x.to), roundTicks(y.from, y.to)]
  const texts = ys.map(tick => numberText(tick, stepOf(ys)))
  const left = labelRoom(texts)
  const px = (value: number) => left + ((value - x.from) / (x.to - x.from)) * (width - left - MARGIN.right)
  const py = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - y.from) / (y.to - y.from)) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  return (
    <figure ref={frame}>
      <figcaption>{caption}</figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
        {ys.map((tick, i) => (
          <g key={tick}>
            <line class="rule" x1={left} x2={width - MARGIN.right} y1={py(tick)} y2={py(tick)} />
            <text x={left - 6} y={py(tick) + 4} text-anchor="end">
              {texts[i]}
            </text>
          </g>
        ))}
        {xs.map(tick => (
          <text key={tick} x={px(tick)} y={HEIGHT - 26} text-anchor={px(tick) > width - 30 ? 'end' : 'middle'}>
            {numberText(tick, stepOf(xs))}
          </text>
        ))}
        <text x={(left + width - MARGIN.right) / 2} y={HEIGHT - 8} text-anchor="middle">
          {xTitle}
        </text>
        {draw(px, py)}
      </svg>
    </figure>
  )
}

/** A range with a little room around it. */
function around(values: readonly number[]): Axis {
  const [from, to] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
  const pad = (to - from || Math.abs(to) || 1) * 0.04
  return { from: from - pad, to: to + pad }
}

function TruthAndPrediction({ found }: { readonly found: NumberMistakes }) {
  const axis = around(found.points.flat())
  const explained = found.metrics.r2 === null ? 'is not defined' : numberWords(found.metrics.r2)
  const shown =
    found.points.length < found.examples
      ? `, ${found.points.length.toLocaleString('en-US')} of ${found.examples.toLocaleString('en-US')} examples`
      : ''
  return (
    <Plane
      x={axis}
      y={axis}
      xTitle={`true ${found.target}`}
      caption={`Predicted against true${shown}: on the line, a prediction is right`}
      label={`Predicted against true ${found.target}, ${found.points.length} points; R² ${explained}`}
      draw={(px, py) => (
        <>
          <line class="right-on" x1={px(axis.from)} y1={py(axis.from)} x2={px(axis.to)} y2={py(axis.to)} />
          {found.points.map(([truth, prediction], i) => (
            <circle key={i} class="prediction" cx={px(truth)} cy={py(prediction)} r={2.5} />
          ))}
        </>
      )}
    />
  )
}

function Residuals({ found }: { readonly found: NumberMistakes }) {
  const { from, to, counts } = found.residuals
  const width = (to - from) / counts.length
  const most = Math.max(1, ...counts)
  const peak = from + (counts.indexOf(most) + 0.5) * width
  const range = (i: number) => `from ${numberWords(from + i * width)} to ${numberWords(from + (i + 1) * width)}`
  return (
    <Plane
      x={{ from, to }}
      y={{ from: 0, to: most * 1.05 }}
      xTitle="predicted minus true"
      caption="Residuals: how many predictions are too low, left of 0, and too high"
      label={`Residuals from ${numberWords(from)} to ${numberWords(to)}, most at ${numberWords(peak)}`}
      draw={(px, py) =>
        counts.map(
          (count, i) =>
            count > 0 && (
              <rect
                key={i}
                class="residual"
                x={px(from + i * width) + 0.5}
                y={py(count)}
                width={Math.max(0.5, px(from + width) - px(from) - 1)}
                height={py(0) - py(count)}
              >
                <title>{`${count} ${range(i)}`}</title>
              </rect>
            ),
        )
      }
    />
  )
}

export function PredictionsView({ found }: { readonly found: NumberMistakes }) {
  const {
    metrics: { rmse, mae, r2 },
    spread,
    target,
    worst,
    examples,
  } = found
  const columns = Object.keys(worst[0]?.fields ?? {})
  return (
    <>
      <dl class="settings long">
        <div>
          <dt>mean absolute error</dt>
          <dd>{numberWords(mae)}</dd>
        </div>
        <div>
          <dt>root mean squared error</dt>
          <dd>{numberWords(rmse)}</dd>
        </div>
        <div>
          <dt>of always saying the mean</dt>
          <dd>{numberWords(spread)}</dd>
        </div>
        <div>
          <dt>R²</dt>
          <dd>{r2 === null ? '-' : numberWords(r2)}</dd>
        </div>
      </dl>
      <p class="soft small">
        Errors are in the unit of {target}, over {examples.toLocaleString('en-US')} examples. R² is the share of the
        variance of {target} that is explained: 1 is perfect, 0 is no better than always saying the mean.
      </p>
      <div class="trainer">
        <div class="curves">
          <TruthAndPrediction found={found} />
          <Residuals found={found} />
        </div>
      </div>
      <h3>Farthest from the truth</h3>
      <div class="scroll" tabindex={0} role="region" aria-label="Predictions farthest from the truth">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col" class="figure">
                true {target}
              </th>
              <th scope="col" class="figure">
                predicted
              </th>
              <th scope="col" class="figure">
                off by
              </th>
              {columns.map(name => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {worst.map(({ index, truth, prediction, fields }) => (
              <tr key={index}>
                <td class="figure">{numberWords(truth)}</td>
                <td class="figure">{numberWords(prediction)}</td>
                <td class="figure">
                  {prediction > truth ? '+' : ''}
                  {numberWords(prediction - truth)}
                </td>
                {columns.map(name => (
                  <td key={name}>{fields[name]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
