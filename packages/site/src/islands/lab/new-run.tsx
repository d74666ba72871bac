// The form that starts a run, made from the experiment's own settings: the few that matter, the rest folded.
import { useState } from 'preact/hooks'
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
  readonly onChange: (text: string) => void
}

function Field({ field, value, onChange }: FieldProps) {
  const { name, choices, kind, description } = field
  return (
    <label class={value === settingText(field.default) ? 'field' : 'field changed'}>
      <span>{name}</span>
      {choices ? (
        <select name={name} value={value} onChange={event => onChange(event.currentTarget.value)}>
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
          onInput={event => onChange(event.currentTarget.value)}
        />
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

export function NewRun({
  experiments,
  chosen,
}: {
  readonly experiments: readonly ExperimentForm[]
  readonly chosen: string
}) {
  const experiment = experiments.find(({ name }) => name === (chosen || experiments[0]?.name))
  return (
    <section aria-label="Start a run">
      <Choice experiments={experiments} chosen={experiment?.name ?? ''} />
      {experiment ? (
        <Form key={experiment.name} experiment={experiment} />
      ) : (
        <p role="alert" class="trouble">
          There is no experiment '{chosen}'. Choose one of the list.
        </p>
      )}
    </section>
  )
}

function Form({ experiment }: { readonly experiment: ExperimentForm }) {
  const { settings } = experiment
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(settings.map(field => [field.name, settingText(field.default)])),
  )
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  const [graph, setGraph] = useState<DrawnGraph>()
  const changed = settings.filter(field => texts[field.name] !== settingText(field.default))
  const values = () => Object.fromEntries(changed.map(field => [field.name, valueOf(texts[field.name] ?? '', field)]))
  const tell = (error: unknown) => {
    setTrouble(wordsOf(error))
    setBusy(false)
  }
  const start = () => {
    setTrouble('')
    setBusy(true)
    ask<{ run: string }>('/runs', { experiment: experiment.name, settings: values() }).then(({ run }) => {
      location.hash = `#run=${run}`
    }, tell)
  }
  const draw = () => {
    setTrouble('')
    ask<DrawnGraph>(`/experiments/${experiment.name}/graph`, { settings: values() }).then(setGraph, tell)
  }
  const fields = (group: SettingField['group']) =>
    settings
      .filter(field => field.group === group)
      .map(field => (
        <Field
          key={field.name}
          field={field}
          value={texts[field.name] ?? ''}
          onChange={text => setTexts(before => ({ ...before, [field.name]: text }))}
        />
      ))
  const hidden = changed.filter(({ group }) => group === 'more').map(({ name }) => name)
  const more = fields('more')
  return (
    <>
      <p class="lead">{experiment.question}</p>
      {experiment.own && (
        <p class="soft">
          It learns from {experiment.dataset}: write its path on this machine into <code>data</code>. Nothing leaves
          the machine.
        </p>
      )}
      <form
        onSubmit={event => {
          event.preventDefault()
          start()
        }}
      >
        <div class="fields">{fields('main')}</div>
        <details class="more">
          <summary>
            {more.length} more settings{hidden.length > 0 && `, changed: ${hidden.join(', ')}`}
          </summary>
          <div class="fields">{more}</div>
        </details>
        <p class="go">
          <button class="primary" type="submit" disabled={busy}>
            {busy ? 'Loading the data ...' : 'Start the run'}
          </button>
          <button type="button" onClick={draw}>
            Show the graph of a step
          </button>
          <span role="alert" class="trouble">
            {trouble}
          </span>
        </p>
      </form>
      {graph && <GraphText graph={graph} />}
    </>
  )
}
