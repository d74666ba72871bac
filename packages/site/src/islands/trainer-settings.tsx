// The trainer's settings: three first, the rest under "More".
import type { ComponentChildren } from 'preact'
import type { Chosen } from './chosen-settings.ts'
import type { AskedProvider } from './fastest-way.ts'

const BATCHES = [16, 32, 64, 128, 256, 512]

/** Units of the hidden layers. */
export const layersOf = ({ hidden = '' }: Chosen): number[] => (hidden === '' ? [] : hidden.split(',').map(Number))

interface TrainerSettingsProps {
  readonly settings: Chosen
  readonly busy: boolean
  readonly provider: AskedProvider
  readonly hasGpu: boolean
  readonly set: (name: string, value: string) => void
  readonly setProvider: (provider: AskedProvider) => void
  readonly onTrain: () => void
  /** The buttons below. */
  readonly children: ComponentChildren
}

export function TrainerSettings(props: TrainerSettingsProps) {
  const { settings, busy, set, onTrain, children } = props
  const layers = layersOf(settings)
  const [first = 0] = layers
  // The address may ask for anything: what is no number of units is shown as it stands there, and refused by the run.
  const width = Number.isSafeInteger(first) && first > 0 ? first : 128
  const setShape = (depth: number, units: number) => set('hidden', Array<number>(depth).fill(units).join(','))
  const rate = Number(settings['learningRate'])
  return (
    <form
      class="sliders"
      onSubmit={event => {
        event.preventDefault()
        onTrain()
      }}
      aria-label="Settings"
    >
      <Slider
        label="Units in a layer"
        value={Math.log2(width)}
        range={[3, 9, 1]}
        shown={layers.length === 0 ? '-' : (settings['hidden'] ?? '').replaceAll(',', ', ')}
        disabled={busy || layers.length === 0}
        onChange={value => setShape(layers.length, 2 ** value)}
      />
      <Slider
        label="Hidden layers"
        value={layers.length}
        range={[0, 5, 1]}
        shown={layers.length === 0 ? 'none: softmax regression' : String(layers.length)}
        disabled={busy}
        onChange={value => setShape(value, width)}
      />
      <Slider
        label="Learning rate"
        value={Math.log10(rate) || 0}
        range={[-3, 0.5, 0.1]}
        shown={settings['learningRate'] ?? ''}
        disabled={busy}
        onChange={value => set('learningRate', String(Number((10 ** value).toPrecision(2))))}
      />
      <MoreSettings {...props} />
      <div class="go">{children}</div>
    </form>
  )
}

function MoreSettings({ settings, busy, provider, hasGpu, set, setProvider }: TrainerSettingsProps) {
  return (
    <details class="more">
      <summary>More</summary>
      <div class="sliders">
        <Slider
          label="Batch size"
          value={Math.max(0, BATCHES.indexOf(Number(settings['batchSize'])))}
          range={[0, BATCHES.length - 1, 1]}
          shown={settings['batchSize'] ?? ''}
          disabled={busy}
          onChange={value => set('batchSize', String(BATCHES[value] ?? 64))}
        />
        <Slider
          label="Dropout"
          value={Number(settings['dropout']) || 0}
          range={[0, 0.7, 0.1]}
          shown={settings['dropout'] ?? ''}
          disabled={busy}
          onChange={value => set('dropout', String(Number(value.toFixed(1))))}
        />
        <Slider
          label="Epochs"
          value={Number(settings['epochs']) || 0}
          range={[1, 12, 1]}
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
              onChange={event => setProvider(event.currentTarget.value as AskedProvider)}
            >
              <option value="fastest">The fastest of both, measured</option>
              <option value="wasm">WebAssembly (CPU)</option>
              <option value="webgpu">WebGPU (graphics card)</option>
            </select>
          </label>
        )}
      </div>
    </details>
  )
}

interface SliderProps {
  readonly label: string
  readonly value: number
  readonly range: readonly [low: number, high: number, step: number]
  readonly shown: string
  readonly disabled: boolean
  readonly onChange: (value: number) => void
}

function Slider({ label, value, range: [low, high, step], shown, disabled, onChange }: SliderProps) {
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
        aria-label={label}
        aria-valuetext={shown}
        onInput={event => onChange(Number(event.currentTarget.value))}
      />
    </label>
  )
}
