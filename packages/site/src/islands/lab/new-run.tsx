// The form that starts a run, made from the experiment's own schema.
import { useState } from 'preact/hooks'
import { ask, settingText, type ExperimentForm, type SettingSchema } from './api.ts'

/** The value that a field's text stands for. */
function valueOf(text: string, schema: SettingSchema): unknown {
  if (schema.type === 'array') return text.trim() === '' ? [] : text.split(',').map(item => Number(item))
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

export function NewRun({ experiments, chosen }: { readonly experiments: readonly ExperimentForm[]; readonly chosen: string }) {
  const experiment = experiments.find(({ name }) => name === chosen) ?? experiments[0]
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(Object.entries(experiment?.settings ?? {}).map(([name, schema]) => [name, settingText(schema.default)])))
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  if (!experiment) return <p>There is no experiment.</p>
  const start = () => {
    const settings = Object.fromEntries(Object.entries(experiment.settings)
      .filter(([name, schema]) => texts[name] !== settingText(schema.default))
      .map(([name, schema]) => [name, valueOf(texts[name] ?? '', schema)]))
    setBusy(true)
    ask<{ run: string }>('/runs', { experiment: experiment.name, settings }).then(
      ({ run }) => { location.hash = `#run=${run}` },
      (error: unknown) => { setTrouble(error instanceof Error ? error.message : String(error)); setBusy(false) },
    )
  }
  return (
    <section aria-label="Start a run">
      <div class="filters-row">
        <label>Experiment<select value={experiment.name} onChange={event => { location.hash = `#new=${event.currentTarget.value}` }}>{experiments.map(({ name, title }) => <option key={name} value={name}>{title} ({name})</option>)}</select></label>
      </div>
      <p class="lead">{experiment.question}</p>
      <form onSubmit={event => { event.preventDefault(); start() }}>
        <div class="fields">{Object.entries(experiment.settings).map(([name, schema]) => <Field key={name} name={name} schema={schema} value={texts[name] ?? ''} onChange={text => setTexts(before => ({ ...before, [name]: text }))} />)}</div>
        <p class="go"><button class="primary" type="submit" disabled={busy}>{busy ? 'Starting ...' : 'Start the run'}</button> <span role="alert" class="trouble">{trouble}</span></p>
      </form>
    </section>
  )
}
