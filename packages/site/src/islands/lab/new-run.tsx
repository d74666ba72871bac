// The form that starts a run, made from the experiment's own settings: the few that matter, the rest folded.
import { useEffect, useState } from 'preact/hooks'
import type { DrawnGraph, ExperimentForm, SettingField } from '@ddlf/lab/server'
import { ask, settingText, wordsOf } from './api.ts'

/** The value that a field's text stands for. */
function valueOf(text: string, { kind, choices }: SettingField): unknown {
  if (choices) return choices.find(choice => settingText(choice) === text)
  if (kind === 'number') return text.trim() === '' ? text : Number(text)
  if (kind === 'text') return text
  const items = text.trim() === '' ? [] : text.split(',').map(item => item.trim())
  return kind === 'numbers' ? items.map(Number) : items
}

interface FieldProps {
  readonly field: SettingField
  readonly value: string
  /** What is wrong with it. */
  readonly trouble: string
  readonly onChange: (text: string) => void
}

function Field({ field, value, trouble, onChange }: FieldProps) {
  const { name, choices, kind, description } = field
  const wrong = trouble === '' ? {} : { 'aria-invalid': true, 'aria-describedby': `wrong-${name}` }
  return (
    <label class={value === settingText(field.default) ? 'field' : 'field changed'}>
      <span>{name}</span>
      {choices ? (
        <select name={name} value={value} {...wrong} onChange={event => onChange(event.currentTarget.value)}>
          {choices.map(choice => (
            <option key={settingText(choice)}>{settingText(choice)}</option>
          ))}
        </select>
      ) : (
        <input
          name={name}
          type="text"
          inputMode={kind === 'number' ? 'decimal' : 'text'}
          autocomplete="off"
          spellcheck={false}
          value={value}
          {...wrong}
          onInput={event => onChange(event.currentTarget.value)}
        />
      )}
      {trouble !== '' && (
        <span class="trouble small" role="alert" id={`wrong-${name}`}>
          {trouble}
        </span>
      )}
      <span class="soft small">{description}</span>
    </label>
  )
}

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

const TOPICS = [
  ['training', 'Training'],
  ['regularisation', 'Regularisation'],
  ['data', 'Data'],
  ['model', 'Model'],
] as const

type Texts = Readonly<Record<string, string>>

/** Ready-made settings: as the experiment has them, and a try that is soon over. */
function presetsOf({ settings }: ExperimentForm): readonly (readonly [title: string, texts: Texts])[] {
  const defaults = Object.fromEntries(settings.map(field => [field.name, settingText(field.default)]))
  const short = defaults['steps'] !== undefined && Number(defaults['steps']) > 0 ? 'steps' : 'epochs'
  const least = short === 'steps' ? String(Math.max(1, Math.round(Number(defaults['steps']) / 20))) : '1'
  return [
    ['As the experiment has it', defaults],
    [short === 'steps' ? 'A short try' : 'A short try: one epoch', { ...defaults, [short]: least }],
  ]
}

/** The texts of the fields, what is changed, and what of a refusal belongs beside which field. */
function useForm(experiment: ExperimentForm, given: URLSearchParams) {
  const { settings } = experiment
  const presets = presetsOf(experiment)
  const [texts, setTexts] = useState<Texts>(() => ({ ...presets[0]?.[1], ...Object.fromEntries(given) }))
  const [refused, setRefused] = useState('')
  const changed = settings.filter(field => texts[field.name] !== settingText(field.default))
  // A refusal names the setting that it is about: `epochs: ...`.
  const wrong = settings.find(({ name }) => new RegExp(`\\b${name}\\b`).test(refused))?.name
  return {
    presets,
    texts,
    setTexts,
    changed,
    values: () => Object.fromEntries(changed.map(field => [field.name, valueOf(texts[field.name] ?? '', field)])),
    setRefused,
    troubleAt: (name: string) => (name === wrong ? refused : ''),
    trouble: wrong === undefined ? refused : '',
  }
}

type HeldForm = ReturnType<typeof useForm>

function Fields({ fields, form }: { readonly fields: readonly SettingField[]; readonly form: HeldForm }) {
  return (
    <div class="fields">
      {fields.map(field => (
        <Field
          key={field.name}
          field={field}
          value={form.texts[field.name] ?? ''}
          trouble={form.troubleAt(field.name)}
          onChange={text => form.setTexts(before => ({ ...before, [field.name]: text }))}
        />
      ))}
    </div>
  )
}

/** The settings that few ask for, by what they are about; open where one of them is refused. */
function More({ fields, form }: { readonly fields: readonly SettingField[]; readonly form: HeldForm }) {
  const hidden = form.changed.filter(({ group }) => group === 'more').map(({ name }) => name)
  const isWrong = fields.some(({ name }) => form.troubleAt(name) !== '')
  return (
    <details class="more" open={isWrong || undefined}>
      <summary>
        {fields.length} more settings{hidden.length > 0 && `, changed: ${hidden.join(', ')}`}
      </summary>
      {TOPICS.map(([topic, title]) => {
        const own = fields.filter(field => field.topic === topic)
        return (
          own.length > 0 && (
            <fieldset key={topic}>
              <legend>{title}</legend>
              <Fields fields={own} form={form} />
            </fieldset>
          )
        )
      })}
    </details>
  )
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
  const form = useForm(experiment, given)
  const [busy, setBusy] = useState(false)
  const [isDrawn, setDrawn] = useState(false)
  const { graph, state } = useCost(experiment.name, form.values, JSON.stringify(form.texts))
  const start = () => {
    form.setRefused('')
    setBusy(true)
    ask<{ run: string }>('/runs', { experiment: experiment.name, settings: form.values() }).then(
      ({ run }) => {
        location.hash = `#run=${run}`
      },
      (error: unknown) => {
        form.setRefused(wordsOf(error))
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
          {form.presets.map(([title, texts]) => (
            <button key={title} type="button" class="chip" onClick={() => form.setTexts(texts)}>
              {title}
            </button>
          ))}
        </p>
        <Fields fields={of('main')} form={form} />
        <More fields={of('more')} form={form} />
        <p class="small" role="status" data-cost>
          {said}
        </p>
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
