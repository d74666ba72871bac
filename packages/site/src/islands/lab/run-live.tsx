// Where a training is: its epoch, its speed, the time that is left, and the best so far.
import { useRef } from 'preact/hooks'
import { isBetter, judgedNames } from '@ddlf/lab/metric'
import type { Metric } from '@ddlf/lab/metric'
import type { Measurement } from '../../workers/messages.ts'
import { metricName, metricText } from './api.ts'
import { durationWords } from './run-words.ts'

/** Seconds over which the speed is taken. */
const WINDOW = 20
/** Seconds before a speed says anything. */
const LEAST = 1

interface Place {
  readonly at: number
  readonly step: number
  readonly epoch: number
}

/** Steps and epochs a second, of the last seconds; undefined at first. */
function usePace(step: number, epoch: number): { readonly steps: number; readonly epochs: number } | undefined {
  const places = useRef<Place[]>([])
  const known = places.current
  const now = performance.now() / 1000
  // A run that was resumed begins anew, and what arrives at first was measured before.
  if (known.length > 0 && step < (known.at(-1)?.step ?? 0)) known.length = 0
  if (step !== known.at(-1)?.step) known.push({ at: now, step, epoch })
  while (known.length > 2 && now - (known[0]?.at ?? now) > WINDOW) known.shift()
  // The first that is seen holds all that was measured before the page came.
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last || last.at - first.at < LEAST) return undefined
  const seconds = last.at - first.at
  return { steps: (last.step - first.step) / seconds, epochs: (last.epoch - first.epoch) / seconds }
}

/** The best value of what judges the run, and where it was. */
function bestOf(measurements: readonly Measurement[], described: readonly Metric[]): string | undefined {
  const names = new Set(measurements.map(({ name }) => name))
  const [judged] = judgedNames(described, name => names.has(name))
  const metric = described.find(({ name }) => name === judged?.split('/').at(-1))
  if (judged === undefined || !metric) return undefined
  const best = measurements
    .filter(({ name, value }) => name === judged && Number.isFinite(value))
    .reduce<Measurement | undefined>((a, b) => (!a || isBetter(metric, b.value, a.value) ? b : a), undefined)
  if (!best) return undefined
  const value = metricText(described, judged, best.value)
  return `best ${metricName(described, judged)} ${value}, epoch ${Number(best.epoch.toFixed(2))}`
}

interface LiveProps {
  readonly measurements: readonly Measurement[]
  readonly described: readonly Metric[]
  /** Epochs of the whole run. */
  readonly epochs: number
}

/** A line that says where the training is, and a bar. */
export function LivePlace({ measurements, described, epochs }: LiveProps) {
  const step = measurements.reduce((most, one) => Math.max(most, one.step), 0)
  const epoch = measurements.reduce((most, one) => Math.max(most, one.epoch), 0)
  const pace = usePace(step, epoch)
  if (step === 0) return null
  const left = pace && pace.epochs > 0 && epochs > epoch ? (epochs - epoch) / pace.epochs : undefined
  const speed = pace && pace.steps > 0 ? Math.round(pace.steps).toLocaleString('en-US') : undefined
  const broken = measurements.findLast(({ name }) => name.endsWith('/loss'))
  const words = [
    epochs > 0 && `epoch ${Math.min(epochs, Math.floor(epoch) + 1)} of ${epochs.toLocaleString('en-US')}`,
    `step ${step.toLocaleString('en-US')}`,
    speed !== undefined && `${speed} steps a second`,
    left !== undefined && `about ${durationWords(left)} left`,
    bestOf(measurements, described),
  ]
  return (
    <div class="live-place">
      <progress max={epochs || 1} value={Math.min(epoch, epochs || 1)} aria-label="Epochs done" />
      <p class="small">{words.filter(Boolean).join('; ')}</p>
      {broken && !Number.isFinite(broken.value) && (
        <p class="trouble" role="alert">
          The loss is no number any more. A lower learning rate is what helps most often.
        </p>
      )}
    </div>
  )
}
