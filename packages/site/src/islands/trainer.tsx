// The trainer in the page: settings, live curves over those before, what the model mistakes, its first weights, a digit
// to draw.
import type { Metric } from '@ddlf/lab/metric'
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Measurement } from '../workers/messages.ts'
import { FIRST, nameOf, type Chosen } from './chosen-settings.ts'
import { DigitPad } from './digit-pad.tsx'
import { beganEarly, digitMoments, digitsWords, nameWithDigits } from './digits-learned.ts'
import { chooseWay, fastest, type AskedProvider, type MeasuredWay, type Way } from './fastest-way.ts'
import { LiveCurves } from './live-curves.tsx'
import { ConfusionTable, Filters } from './snapshot-views.tsx'
import { StepGraph } from './step-graph.tsx'
import { layersOf, TrainerSettings } from './trainer-settings.tsx'
import { useTraining, type Prepared } from './use-training.ts'
import './trainer.css'

interface TrainerProps {
  readonly experiment: string
  readonly data: string
  /** What the experiment measures. */
  readonly metrics: readonly Metric[]
}

/** The settings in the address: `#try:hidden=128,32&seed=2`. */
function settingsFromAddress(): Chosen {
  const { hash } = location
  return hash.startsWith('#try:') ? Object.fromEntries(new URLSearchParams(hash.slice('#try:'.length))) : {}
}

const wayWords = ({ provider, threads }: Way) =>
  provider === 'webgpu' ? 'the graphics card' : `${threads} thread${threads === 1 ? '' : 's'}`

/** What was measured, in words; nothing where there was no choice. */
function measuredWords(measured: readonly MeasuredWay[]): string {
  if (measured.length === 0) return ''
  const speeds = measured.map(way => `${wayWords(way)} ${Math.round(way.stepsPerSecond).toLocaleString('en-US')}`)
  const chosen = `Trained by ${wayWords(fastest(measured))}, the fastest here.`
  return `${chosen} Steps a second, measured before: ${speeds.join(', ')}.`
}

/** The part of WebGPU's interface that says whether there is an adapter. */
interface WithGpu {
  readonly gpu?: { readonly requestAdapter: () => Promise<unknown> }
}

function useGpu(): boolean {
  const [hasGpu, setHasGpu] = useState(false)
  useEffect(() => {
    ;(navigator as WithGpu).gpu?.requestAdapter().then(
      adapter => setHasGpu(Boolean(adapter)),
      () => undefined,
    )
  }, [])
  return hasGpu
}

function download(experiment: string, measurements: readonly Measurement[]): void {
  const lines = measurements.map(one => `${JSON.stringify(one)}\n`).join('')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }))
  link.download = `${experiment}-in-the-page.jsonl`
  link.click()
  URL.revokeObjectURL(link.href)
}

function Trainer({ experiment, data, metrics }: TrainerProps) {
  const [settings, setSettings] = useState<Chosen>(() => ({ ...FIRST, ...settingsFromAddress() }))
  const [provider, setProvider] = useState<AskedProvider>('fastest')
  const hasGpu = useGpu()
  const training = useTraining()
  const { status, measurements, snapshot, send } = training
  const busy = status.phase === 'loading' || status.phase === 'training'
  const digits = digitsWords(measurements, training.arrived, status.phase)
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const [measured, setMeasured] = useState<readonly MeasuredWay[]>([])
  const prepare = async (signal: AbortSignal): Promise<Prepared> => {
    const form = { hidden: layersOf(settings), batchSize: Number(settings['batchSize']) }
    const { way, measured: found } = await chooseWay(experiment, given, form, { asked: provider, hasGpu }, signal)
    setMeasured(found)
    const message = { kind: 'train', experiment, settings: given, data, ...way } as const
    return { key: `${way.provider} ${way.threads}`, message }
  }
  const begin = () => {
    history.replaceState(null, '', `#try:${new URLSearchParams(settings).toString()}`)
    void training.begin(nameOf(settings), prepare)
  }
  return (
    <div class="trainer">
      <TrainerSettings
        settings={settings}
        busy={busy}
        provider={provider}
        hasGpu={hasGpu}
        set={(name, value) => setSettings(before => ({ ...before, [name]: value }))}
        setProvider={setProvider}
        onTrain={begin}
      >
        {busy ? (
          <button type="button" class="primary" onClick={() => send({ kind: 'stop' })}>
            Stop
          </button>
        ) : (
          <button type="submit" class="primary">
            Train
          </button>
        )}
        <button
          type="button"
          disabled={busy || measurements.length === 0}
          onClick={() => download(experiment, measurements)}
        >
          Download the measurements
        </button>
      </TrainerSettings>
      <div class="state" data-phase={status.phase} data-at-chance={status.atChance}>
        <progress max={1} value={status.share} aria-label="Progress" />
        <p role="status">{status.text}</p>
        {status.phase === 'done' && training.earlier.length === 0 && (
          <p class="small">Now change a setting and train again: its curves are drawn over these.</p>
        )}
        {digits !== '' && <p class="small soft digits-learned">{digits}</p>}
        {measured.length > 0 && <p class="small soft measured-ways">{measuredWords(measured)}</p>}
      </div>
      <LiveCurves
        measurements={measurements}
        metrics={metrics}
        epochs={Number(settings['epochs'])}
        earlier={training.earlier}
        name={nameWithDigits(training.name, measurements)}
        moments={digitMoments}
      />
      <div class="views">
        <ConfusionTable snapshot={snapshot} />
        <Filters snapshot={snapshot} />
      </div>
      <DigitPad
        ready={snapshot !== undefined}
        prediction={training.prediction}
        example={training.example}
        onDrawn={pixels => send({ kind: 'predict', pixels })}
        onExample={index => send({ kind: 'example', index })}
      />
      <StepGraph
        graph={training.graph}
        given={given}
        onAsk={() => send({ kind: 'graph', experiment, settings: given })}
      />
      <p class="small soft">
        {beganEarly(measurements) ? 'With all digits from its first step, in the' : 'The same run in the'}
        {' terminal: '}
        <code>
          npm run ddlf -- train {experiment} {given.map(one => `--set ${one}`).join(' ')}
        </code>
      </p>
    </div>
  )
}

/** Shows the trainer in a place of the page. */
export function mountTrainer(place: HTMLElement, props: TrainerProps): void {
  place.replaceChildren()
  render(<Trainer {...props} />, place)
}
