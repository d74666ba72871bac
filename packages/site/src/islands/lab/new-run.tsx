// The form that starts a run, made from the experiment's own schema.
import { useState } from 'preact/hooks'
import { ask, settingText, type ExperimentForm, type SettingSchema, type StepGraph } from './api.ts'

/** The value that a field's text stands for. */
function valueOf(text: string, schema: SettingSchema): unknown {
  if (schema.type === 'array') {
    const items = text.trim() === '' ? [] : text.split(',').map(item => item.trim())
    return schema.items?.type === 'number' || schema.items?.type === 'integer' ? items.map(Number) : items
  }
  if (schema.type === 'number' || schema.type === 'integer') return Number(text)
  if (schema.type === 'boolean') return text === 'true'
  return text
}

function Field({ name, schema, value, onChange }: { readonly name: string; readonly schema: SettingSchema; readonly value: string; readonly onChange: (text: string) => void }) {
  const changed = value !== settingText(schema.default)
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['false', 'true'] : undefined)
  return (
    <label class={changed ? 'field changed' : 'field'}>
      <span>{name}</span>
      {choices
        ? <select name={name} value={value} onChange={event => onChange(event.currentTarget.value)}>{choices.map(choice => <option key={choice}>{choice}</option>)}</select>
        : <input name={name} type="text" inputMode={schema.type === 'number' || schema.type === 'integer' ? 'decimal' : 'text'} value={value} onInput={event => onChange(event.currentTarget.value)} />}
      <span class="soft small">{schema.description}</span>
    </label>
  )
}

/** Own data come first: without their path nothing starts. */
const fieldsOf = ({ settings }: ExperimentForm) => Object.entries(settings).sort(([a], [b]) => Number(b === 'data') - Number(a === 'data'))

function GraphText({ graph }: { readonly graph: StepGraph }) {
  const count = (value: number) => value.toLocaleString('en-US')
  return (
    <section class="graph" aria-label="Graph of a training step">
      <h3>A training step: {count(graph.ops)} operations, {count(graph.flop)} FLOP</h3>
      <details open><summary>Forward pass</summary><pre tabindex={0}>{graph.forward}</pre></details>
      <details><summary>Forward pass, backward pass and update</summary><pre tabindex={0}>{graph.step}</pre></details>
    </section>
  )
}

export function NewRun({ experiments, chosen }: { readonly experiments: readonly ExperimentForm[]; readonly chosen: string }) {
  const experiment = experiments.find(({ name }) => name === chosen) ?? experiments[0]
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(Object.entries(experiment?.settings ?? {}).map(([name, schema]) => [name, settingText(schema.default)])))
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  const [graph, setGraph] = useState<StepGraph>()
  if (!experiment) return <p>There is no experiment.</p>
  const changed = () => Object.fromEntries(Object.entries(experiment.settings)
    .filter(([name, schema]) => texts[name] !== settingText(schema.default))
    .map(([name, schema]) => [name, valueOf(texts[name] ?? '', schema)]))
  const tell = (error: unknown) => { setTrouble(error instanceof Error ? error.message : String(error)); setBusy(false) }
  const start = () => {
    setTrouble('')
    setBusy(true)
    ask<{ run: string }>('/runs', { experiment: experiment.name, settings: changed() }).then(({ run }) => { location.hash = `#run=${run}` }, tell)
  }
  const draw = () => {
    setTrouble('')
    ask<StepGraph>(`/experiments/${experiment.name}/graph`, { settings: changed() }).then(setGraph, tell)
  }
  return (
    <section aria-label="Start a run">
      <div class="filters-row">
        <label>Experiment<select value={experiment.name} onChange={event => { location.hash = `#new=${event.currentTarget.value}` }}>{experiments.map(({ name, title }) => <option key={name} value={name}>{title} ({name})</option>)}</select></label>
      </div>
      <p class="lead">{experiment.question}</p>
      {experiment.own && <p class="soft">It learns from {experiment.dataset}: write its path on this machine into <code>data</code>. Nothing leaves the machine.</p>}
      <form onSubmit={event => { event.preventDefault(); start() }}>
        <div class="fields">{fieldsOf(experiment).map(([name, schema]) => <Field key={name} name={name} schema={schema} value={texts[name] ?? ''} onChange={text => setTexts(before => ({ ...before, [name]: text }))} />)}</div>
        <p class="go"><button class="primary" type="submit" disabled={busy}>{busy ? 'Loading the data ...' : 'Start the run'}</button> <button type="button" onClick={draw}>Show the graph of a step</button> <span role="alert" class="trouble">{trouble}</span></p>
      </form>
      {graph && <GraphText graph={graph} />}
    </section>
  )
}
