// The form that starts a study.
import { useEffect, useState } from 'preact/hooks'
import { prunerNames, samplerNames } from '@ddlf/lab/study-names'
import type { ExperimentForm } from '@ddlf/lab/server'
import { ask, wordsOf } from './api.ts'

/** Repeats, and with them Wilcoxon's test, are asked for on the command line. */
const PRUNERS = prunerNames.filter(name => name !== 'wilcoxon')

const linesOf = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')

/** `epochs=5` lines as settings. @throws Error naming the line that is none */
export function settingsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    linesOf(text).map(line => {
      const [, name, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined)
        throw new Error(`A setting is written name=value. Received: ${line}. Write for example epochs=5.`)
      return [name, value]
    }),
  )
}

interface Asked {
  readonly name: string
  readonly trials: string
  readonly jobs: string
  readonly sampler: string
  readonly pruner: string
  readonly settings: string
}

const FIRST: Asked = { name: '', trials: '20', jobs: '', sampler: 'tpe', pruner: 'median', settings: '' }

interface FieldsProps {
  readonly asked: Asked
  readonly experiment: string
  readonly change: (part: Partial<Asked>) => void
}

const count = (value: string) => Number(value.trim() === '' ? Number.NaN : value)

function Fields({ asked, experiment, change }: FieldsProps) {
  const text = (key: 'name' | 'trials' | 'jobs', label: string, placeholder: string) => (
    <label>
      {label}
      <input
        type="text"
        name={key}
        inputMode={key === 'name' ? 'text' : 'numeric'}
        placeholder={placeholder}
        value={asked[key]}
        autocomplete="off"
        spellcheck={false}
        onInput={event => change({ [key]: event.currentTarget.value })}
      />
    </label>
  )
  const choice = (key: 'sampler' | 'pruner', label: string, names: readonly string[]) => (
    <label>
      {label}
      <select name={key} value={asked[key]} onChange={event => change({ [key]: event.currentTarget.value })}>
        {names.map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      {text('name', 'Name', experiment)}
      {text('trials', 'Trials in all', '20')}
      {choice('sampler', 'Sampler', samplerNames)}
      {choice('pruner', 'Pruner', PRUNERS)}
      {text('jobs', 'Trials at once', 'half the processors')}
    </>
  )
}

/** The ranges that an experiment has by itself, a text to change. */
function useSpace(experiment: string, tell: (words: string) => void) {
  const [space, setSpace] = useState('')
  useEffect(() => {
    let alive = true
    ask<{ space: string[] }>(`/experiments/${experiment}/space`).then(
      answer => {
        if (alive) setSpace(answer.space.join('\n'))
      },
      (error: unknown) => {
        if (alive) tell(wordsOf(error))
      },
    )
    return () => {
      alive = false
    }
  }, [experiment])
  return [space, setSpace] as const
}

/** Begins a study. @returns its name */
async function begin(experiment: string, space: string, asked: Asked): Promise<string> {
  const { name, trials, jobs, sampler, pruner, settings } = asked
  const { study } = await ask<{ study: string }>('/studies', {
    experiment,
    space: linesOf(space),
    settings: settingsOf(settings),
    trials: count(trials),
    sampler,
    pruner,
    ...(name.trim() !== '' && { study: name.trim() }),
    ...(jobs.trim() !== '' && { jobs: count(jobs) }),
  })
  return study
}

export function StartStudy({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [experiment, setExperiment] = useState(experiments[0]?.name ?? '')
  const [asked, setAsked] = useState(FIRST)
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  const [space, setSpace] = useSpace(experiment, setTrouble)
  const own = experiments.find(({ name }) => name === experiment)?.own ?? null
  const start = async () => {
    setBusy(true)
    setTrouble('')
    try {
      location.hash = `#study=${await begin(experiment, space, asked)}`
    } catch (error) {
      setTrouble(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }
  const change = (part: Partial<Asked>) => setAsked(before => ({ ...before, ...part }))
  return (
    <form
      class="start-study"
      aria-label="Start a study"
      onSubmit={event => {
        event.preventDefault()
        void start()
      }}
    >
      <h2>Start a study</h2>
      <div class="filters-row">
        <label>
          Experiment
          <select name="experiment" value={experiment} onChange={event => setExperiment(event.currentTarget.value)}>
            {experiments.map(({ name: id, title }) => (
              <option key={id} value={id}>
                {title} ({id})
              </option>
            ))}
          </select>
        </label>
        <Fields asked={asked} experiment={experiment} change={change} />
      </div>
      <label class="field">
        <span>Ranges, one a line</span>
        <textarea
          name="space"
          rows={6}
          value={space}
          spellcheck={false}
          onInput={event => setSpace(event.currentTarget.value)}
        />
        <span class="soft small">
          float:0..1, log:1e-5..1e-1, step:0..1:0.1, int:1..10, logint:16..1024, choice:a,b,c; a condition behind ` if `
        </span>
      </label>
      <label class="field">
        <span>Settings of every trial, one a line</span>
        <textarea
          name="settings"
          rows={2}
          value={asked.settings}
          placeholder={own === null ? 'epochs=5' : 'data=/path/to/your/data'}
          spellcheck={false}
          onInput={event => change({ settings: event.currentTarget.value })}
        />
      </label>
      <p class="go">
        <button class="button primary" type="submit" disabled={busy}>
          {busy ? 'Starting ...' : 'Start the study'}
        </button>
        <span class="soft small">
          Trials are compared on the validation part of the data; where it has none, on the share of the training data
          that the setting validation holds out, by itself a tenth. The test set is not read.
        </span>
      </p>
      {trouble !== '' && (
        <p role="alert" class="trouble">
          {trouble}
        </p>
      )}
    </form>
  )
}
