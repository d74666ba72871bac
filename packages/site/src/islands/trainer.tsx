// The trainer in the page: settings, live curves, what the model mistakes, its first weights, and a digit to draw.
import type { Metric } from '@ddlf/lab/metric'
import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { FromWorker, Measurement, Provider, Snapshot, ToWorker } from '../workers/messages.ts'
import { DigitPad } from './digit-pad.tsx'
import { LiveCurves } from './live-curves.tsx'
import { ConfusionTable, Filters } from './snapshot-views.tsx'
import { StepGraph } from './step-graph.tsx'
import '../styles/charts.css'
import './trainer.css'

interface TrainerProps {
  readonly experiment: string
  readonly data: string
  /** What the experiment measures. */
  readonly metrics: readonly Metric[]
}

interface Status {
  readonly phase: 'idle' | 'loading' | 'training' | 'done' | 'stopped' | 'failed'
  readonly text: string
  readonly share: number
}

const BATCHES = [16, 32, 64, 128, 256, 512]
const first = { hidden: '128,128', learningRate: '0.05', batchSize: '64', dropout: '0', epochs: '4', seed: '1' }

/** The settings in the address: `#try:hidden=128,32&seed=2`. */
function settingsFromAddress(): Record<string, string> {
  const { hash } = location
  return hash.startsWith('#try:') ? Object.fromEntries(new URLSearchParams(hash.slice('#try:'.length))) : {}
}

/** Floating-point operations of a step from which on further threads pay for themselves (see bench/README.md). */
const WORTH_THREADS = 2e8

/** Threads for a step of dense layers: two passes backward for one forward, each two operations a weight. */
function threadsFor(sizes: readonly number[], batch: number): number {
  if (!globalThis.crossOriginIsolated) return 1
  const weights = sizes.slice(1).reduce((sum, units, i) => sum + units * (sizes[i] ?? 0), 0)
  return 6 * batch * weights < WORTH_THREADS ? 1 : Math.min(4, navigator.hardwareConcurrency)
}

/** The part of WebGPU's interface that says whether there is an adapter. */
interface WithGpu {
  readonly gpu?: { readonly requestAdapter: () => Promise<unknown> }
}

const percent = (value: number) => `${(100 * value).toFixed(2)} %`

function Trainer({ experiment, data, metrics }: TrainerProps) {
  const [settings, setSettings] = useState<Record<string, string>>(() => ({ ...first, ...settingsFromAddress() }))
  const [status, setStatus] = useState<Status>({ phase: 'idle', text: 'Ready.', share: 0 })
  const [measurements, setMeasurements] = useState<readonly Measurement[]>([])
  const [snapshot, setSnapshot] = useState<Snapshot>()
  const [prediction, setPrediction] = useState<{ probabilities: readonly number[]; saliency: Float32Array }>()
  const [example, setExample] = useState<{ pixels: Uint8Array; label: number }>()
  const total = useRef(0)
  const started = useRef(0)

  const [provider, setProvider] = useState<Provider>('wasm')
  const [hasGpu, setHasGpu] = useState(false)
  const [graph, setGraph] = useState<{ svg: string; text: string }>()
  const worker = useRef<{ readonly key: string; readonly thread: Worker } | undefined>(undefined)

  useEffect(() => {
    ;(navigator as WithGpu).gpu?.requestAdapter().then(
      adapter => setHasGpu(Boolean(adapter)),
      () => undefined,
    )
    return () => worker.current?.thread.terminate()
  }, [])
  /** The worker that computes on these threads; another choice replaces it, because kernels are loaded once a worker. */
  const workerFor = (key: string): Worker => {
    if (worker.current?.key === key) return worker.current.thread
    worker.current?.thread.terminate()
    const thread = new Worker(new URL('../workers/train-worker.ts', import.meta.url), { type: 'module' })
    thread.onmessage = hear
    thread.onerror = event =>
      setStatus({ phase: 'failed', text: `The trainer could not start: ${event.message}`, share: 0 })
    worker.current = { key, thread }
    return thread
  }
  const send = (message: ToWorker) => (worker.current?.thread ?? workerFor('wasm 1')).postMessage(message)
  const hear = ({ data: message }: MessageEvent<FromWorker>) => {
    switch (message.kind) {
      case 'data': {
        const share = message.total > 0 ? message.loaded / message.total : 0
        setStatus({
          phase: 'loading',
          text: `Loading the digits: ${(message.loaded / 1e6).toFixed(1)} of ${(message.total / 1e6).toFixed(1)} MB`,
          share,
        })
        break
      }
      case 'measurements':
        setMeasurements(before => [...before, ...message.measurements])
        break
      case 'snapshot':
        setSnapshot(message.snapshot)
        break
      case 'graph':
        setGraph(message)
        break
      case 'prediction':
        setPrediction(message)
        break
      case 'example':
        setExample(message)
        send({ kind: 'predict', pixels: message.pixels })
        break
      case 'event': {
        const { event } = message
        const seconds = () => ((performance.now() - started.current) / 1000).toFixed(0)
        if (event.kind === 'start') {
          total.current = event.totalSteps
          started.current = performance.now()
          setStatus({
            phase: 'training',
            text: `${event.parameters.toLocaleString('en-US')} parameters, compiling ...`,
            share: 0,
          })
        } else if (event.kind === 'step') {
          setStatus({
            phase: 'training',
            text: `Epoch ${event.epoch}, loss ${event.loss.toFixed(4)}, ${Math.round(event.samplesPerSecond).toLocaleString('en-US')} digits a second, ${event.secondsLeft.toFixed(0)} s left`,
            share: event.step / total.current,
          })
        } else if (event.kind === 'done') {
          const accuracy = event.metrics['test']?.['accuracy']
          const text = `${event.status === 'completed' ? 'Done' : 'Stopped'} after ${seconds()} s${accuracy === undefined ? '' : `: ${percent(accuracy)} of the test digits right`}.`
          setStatus({
            phase: event.status === 'completed' ? 'done' : 'stopped',
            text,
            share: event.step / total.current,
          })
        } else if (event.kind === 'failed') {
          const { rule, received, next } = event.parts ?? { rule: event.message }
          setStatus({
            phase: 'failed',
            text: [rule, received && `Received: ${received}.`, next].filter(Boolean).join(' '),
            share: 0,
          })
        }
      }
    }
  }

  const busy = status.phase === 'loading' || status.phase === 'training'
  const set = (name: string, value: string) => setSettings(before => ({ ...before, [name]: value }))
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const layers = settings['hidden'] === '' ? [] : (settings['hidden'] ?? '').split(',').map(Number)
  const begin = () => {
    setMeasurements([])
    setSnapshot(undefined)
    setPrediction(undefined)
    setStatus({ phase: 'loading', text: 'Loading the kernels ...', share: 0 })
    history.replaceState(null, '', `#try:${new URLSearchParams(settings).toString()}`)
    const threads = provider === 'webgpu' ? 1 : threadsFor([784, ...layers, 10], Number(settings['batchSize']))
    workerFor(`${provider} ${threads}`).postMessage({
      kind: 'train',
      experiment,
      settings: given,
      data,
      provider,
      threads,
    } satisfies ToWorker)
  }
  const download = () => {
    const lines = measurements.map(one => `${JSON.stringify(one)}\n`).join('')
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }))
    link.download = `${experiment}-in-the-page.jsonl`
    link.click()
    URL.revokeObjectURL(link.href)
  }

  const width = layers[0] ?? 128
  const setShape = (depth: number, units: number) => set('hidden', Array<number>(depth).fill(units).join(','))
  const rate = Number(settings['learningRate'])
  return (
    <div class="trainer">
      <form
        class="sliders"
        onSubmit={event => {
          event.preventDefault()
          begin()
        }}
        aria-label="Settings"
      >
        <Slider
          label="Units in a layer"
          value={Math.log2(width)}
          low={3}
          high={9}
          step={1}
          shown={layers.length === 0 ? '-' : layers.join(', ')}
          disabled={busy || layers.length === 0}
          onChange={value => setShape(layers.length, 2 ** value)}
        />
        <Slider
          label="Hidden layers"
          value={layers.length}
          low={0}
          high={5}
          step={1}
          shown={layers.length === 0 ? 'none: softmax regression' : String(layers.length)}
          disabled={busy}
          onChange={value => setShape(value, width)}
        />
        <Slider
          label="Learning rate"
          value={Math.log10(rate)}
          low={-3}
          high={0.5}
          step={0.1}
          shown={String(rate)}
          disabled={busy}
          onChange={value => set('learningRate', String(Number((10 ** value).toPrecision(2))))}
        />
        <Slider
          label="Batch size"
          value={Math.max(0, BATCHES.indexOf(Number(settings['batchSize'])))}
          low={0}
          high={BATCHES.length - 1}
          step={1}
          shown={settings['batchSize'] ?? ''}
          disabled={busy}
          onChange={value => set('batchSize', String(BATCHES[value] ?? 64))}
        />
        <Slider
          label="Dropout"
          value={Number(settings['dropout'])}
          low={0}
          high={0.7}
          step={0.1}
          shown={settings['dropout'] ?? ''}
          disabled={busy}
          onChange={value => set('dropout', String(Number(value.toFixed(1))))}
        />
        <Slider
          label="Epochs"
          value={Number(settings['epochs'])}
          low={1}
          high={12}
          step={1}
          shown={settings['epochs'] ?? ''}
          disabled={busy}
          onChange={value => set('epochs', String(value))}
        />
        {hasGpu && (
          <label class="slider">
            <span>Processor</span>
            <select
              value={provider}
              disabled={busy}
              onChange={event => setProvider(event.currentTarget.value as Provider)}
            >
              <option value="wasm">WebAssembly (CPU)</option>
              <option value="webgpu">WebGPU (graphics card)</option>
            </select>
          </label>
        )}
        <div class="go">
          {busy ? (
            <button type="button" class="primary" onClick={() => send({ kind: 'stop' })}>
              Stop
            </button>
          ) : (
            <button type="submit" class="primary">
              Train
            </button>
          )}
          <button type="button" disabled={busy || measurements.length === 0} onClick={download}>
            Download the measurements
          </button>
        </div>
      </form>
      <div class="state" data-phase={status.phase}>
        <progress max={1} value={status.share} aria-label="Progress" />
        <p role="status">{status.text}</p>
      </div>
      <LiveCurves measurements={measurements} metrics={metrics} epochs={Number(settings['epochs'])} />
      <div class="views">
        <ConfusionTable snapshot={snapshot} />
        <Filters snapshot={snapshot} />
      </div>
      <DigitPad
        ready={snapshot !== undefined}
        prediction={prediction}
        example={example}
        onDrawn={pixels => send({ kind: 'predict', pixels })}
        onExample={index => send({ kind: 'example', index })}
      />
      <StepGraph graph={graph} given={given} onAsk={() => send({ kind: 'graph', experiment, settings: given })} />
      <p class="small soft">
        The same run in the terminal:{' '}
        <code>
          npm run ddlf -- train {experiment} {given.map(one => `--set ${one}`).join(' ')}
        </code>
      </p>
    </div>
  )
}

interface SliderProps {
  readonly label: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly step: number
  readonly shown: string
  readonly disabled: boolean
  readonly onChange: (value: number) => void
}

function Slider({ label, value, low, high, step, shown, disabled, onChange }: SliderProps) {
  return (
    <label class="slider">
      <span>
        {label} <output>{shown}</output>
      </span>
      <input
        type="range"
        min={low}
        max={high}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={shown}
        onInput={event => onChange(Number(event.currentTarget.value))}
      />
    </label>
  )
}

/** Shows the trainer in a place of the page. */
export function mountTrainer(place: HTMLElement, props: TrainerProps): void {
  place.replaceChildren()
  render(<Trainer {...props} />, place)
}
