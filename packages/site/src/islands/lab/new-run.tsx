// The form that starts a run, made from the experiment's own settings: the few that matter, the rest folded.
import { useEffect, useState } from 'preact/hooks'
import type { DrawnGraph, ExperimentForm, SettingField } from '@ddlf/lab/server'
import { ask } from './api.ts'
import { defaultTexts, GroupedFields, More, useForm, type Texts } from './settings-fields.tsx'

function GraphText({ graph }: { readonly graph: DrawnGraph }) {
  const count = (value: number) => value.toLocaleString('en-US')
  return (
    <section class="graph" aria-label="Graph of a training step">
      <h3>
        A training step: {count(graph.ops)} operations, {count(graph.flop)} FLOP
      </h3>
      <details open>
        <summary>Forward pass</summary>
        <pre tabindex={0}>{graph.forward}</pre>
      </details>
      <details>
        <summary>Forward pass, backward pass and update</summary>
        <pre tabindex={0}>{graph.step}</pre>
      </details>
    </section>
  )
}

function Choice({
  experiments,
  chosen,
}: {
  readonly experiments: readonly ExperimentForm[]
  readonly chosen: string
}) {
  return (
    <div class="filters-row">
      <label>
        Experiment
        <select
          value={chosen}
          onChange={event => {
            location.hash = `#new=${event.currentTarget.value}`
          }}
        >
          {experiments.map(({ name, title }) => (
            <option key={name} value={name}>
              {title} ({name})
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

/** @param chosen an experiment, and behind `&` settings: `mlp-on-mnist&hidden=512` */
export function NewRun({
  experiments,
  chosen,
}: {
  readonly experiments: readonly ExperimentForm[]
  readonly chosen: string
}) {
  const [name = '', ...settings] = chosen.split('&')
  const experiment = experiments.find(one => one.name === (name || experiments[0]?.name))
  return (
    <section aria-label="Start a run">
      <Choice experiments={experiments} chosen={experiment?.name ?? ''} />
      {experiment ? (
        <Form key={chosen} experiment={experiment} given={new URLSearchParams(settings.join('&'))} />
      ) : (
        <p role="alert" class="trouble">
          There is no experiment '{name}'. Choose one of the list.
        </p>
      )}
    </section>
  )
}

/** Ready-made settings: as the experiment has them, and a try that is soon over. */
function presetsOf({ settings }: ExperimentForm): readonly (readonly [title: string, texts: Texts])[] {
  const defaults = defaultTexts(settings)
  const short = defaults['steps'] !== undefined && Number(defaults['steps']) > 0 ? 'steps' : 'epochs'
  const least = short === 'steps' ? String(Math.max(1, Math.round(Number(defaults['steps']) / 20))) : '1'
  return [
    ['As the experiment has it', defaults],
    [short === 'steps' ? 'A short try' : 'A short try: one epoch', { ...defaults, [short]: least }],
  ]
}

/** What a step of the training costs, known before anything starts. */
function useCost(experiment: string, values: () => Readonly<Record<string, unknown>>, key: string) {
  const [graph, setGraph] = useState<DrawnGraph>()
  const [state, setState] = useState<'known' | 'busy' | 'unknown'>('busy')
  useEffect(() => {
    let alive = true
    setState('busy')
    const soon = setTimeout(() => {
      ask<DrawnGraph>(`/experiments/${experiment}/graph`, { settings: values() }).then(
        found => {
          if (!alive) return
          setGraph(found)
          setState('known')
        },
        // What is wrong with the settings is said when they are sent, beside their field.
        () => alive && setState('unknown'),
      )
    }, 700)
    return () => {
      alive = false
      clearTimeout(soon)
    }
  }, [experiment, key])
  return { graph, state }
}

const UNITS = [
  { unit: 'TFLOP', size: 1e12 },
  { unit: 'GFLOP', size: 1e9 },
  { unit: 'MFLOP', size: 1e6 },
]

/** `1.2 GFLOP` */
function flopWords(flop: number): string {
  const { unit, size } = UNITS.find(one => flop >= one.size) ?? { unit: 'FLOP', size: 1 }
  return `${Number((flop / size).toPrecision(3))} ${unit}`
}

function Form({ experiment, given }: { readonly experiment: ExperimentForm; readonly given: URLSearchParams }) {
  const form = useForm(experiment, Object.fromEntries(given))
  const [busy, setBusy] = useState(false)
  const [isDrawn, setDrawn] = useState(false)
  const { graph, state } = useCost(experiment.name, form.values, JSON.stringify(form.texts))
  const start = () => {
    form.setRefused(undefined)
    setBusy(true)
    ask<{ run: string }>('/runs', { experiment: experiment.name, settings: form.values() }).then(
      ({ run }) => {
        location.hash = `#run=${run}`
      },
      (error: unknown) => {
        form.setRefused(error)
        setBusy(false)
      },
    )
  }
  const of = (group: SettingField['group']) => experiment.settings.filter(field => field.group === group)
  const cost = graph && `${flopWords(graph.flop)} a step, ${graph.parameters.toLocaleString('en-US')} parameters`
  const said = { busy: 'Counting what a step costs ...', known: cost, unknown: '' }[state]
  return (
    <>
      <p class="lead">{experiment.question}</p>
      {experiment.own && <OwnData dataset={experiment.dataset} />}
      <form
        onSubmit={event => {
          event.preventDefault()
          start()
        }}
      >
        <p class="chips" role="group" aria-label="Ready-made settings">
          {presetsOf(experiment).map(([title, texts]) => (
            <button key={title} type="button" class="chip" onClick={() => form.setTexts(texts)}>
              {title}
            </button>
          ))}
        </p>
        <p class="small" role="status" data-cost>
          {said}
        </p>
        <GroupedFields fields={of('main')} form={form} />
        <More fields={of('more')} form={form} />
        <p class="go">
          <button class="primary" type="submit" disabled={busy}>
            {busy ? 'Loading the data ...' : 'Start the run'}
          </button>
          <button type="button" disabled={!graph} aria-pressed={isDrawn} onClick={() => setDrawn(!isDrawn)}>
            {isDrawn ? 'Hide the graph of a step' : 'Show the graph of a step'}
          </button>
          <span role="alert" class="trouble">
            {form.trouble}
          </span>
        </p>
      </form>
      {isDrawn && graph && <GraphText graph={graph} />}
    </>
  )
}

const OwnData = ({ dataset }: { readonly dataset: string }) => (
  <p class="soft">
    It learns from {dataset}: write its path on this machine into <code>data</code>. Nothing leaves the machine.
  </p>
)
