// The form that starts a study: all that `ddlf tune` can be asked for on one machine, and the command that says it.
import { useEffect, useState } from 'preact/hooks'
import { ddlfCommand } from '@ddlf/lab/command-text'
import type { ExperimentForm } from '@ddlf/lab/server'
import { ask, refusedField, wordsOf } from './api.ts'
import { Command } from './run-commands.tsx'
import { Fields, More, useForm } from './settings-fields.tsx'
import { commandOf, FIRST, linesOf, startOf, type Asked } from './study-asked.ts'
import { Asking, Searching, Spending } from './study-fields.tsx'

/** The ranges that an experiment has by itself. */
function useOwnSpace(experiment: string, hear: (space: string) => void, tell: (words: string) => void) {
  const [own, setOwn] = useState('')
  useEffect(() => {
    let alive = true
    ask<{ space: string[] }>(`/experiments/${experiment}/space`).then(
      ({ space }) => {
        if (!alive) return
        setOwn(space.join('\n'))
        hear(space.join('\n'))
      },
      (error: unknown) => {
        if (alive) tell(wordsOf(error))
      },
    )
    return () => {
      alive = false
    }
  }, [experiment])
  return own
}

/** Texts that differ from those of a form in which nothing was written, as a summary names them. */
function changedWords(asked: Asked, names: readonly (keyof Asked)[]): string {
  const changed = names.filter(name => asked[name].trim() !== FIRST[name])
  return changed.length === 0 ? '' : `: ${changed.map(name => `${name} ${asked[name].trim()}`).join(', ')}`
}

const SEARCHING = ['sampler', 'pruner', 'objectives', 'repeats', 'seed'] as const
const SPENDING = ['timeout', 'epochs', 'flop', 'jobs', 'keep'] as const

interface Refused {
  readonly field: string | undefined
  readonly words: string
}
const NOTHING: Refused = { field: undefined, words: '' }

/** What the form holds, and what of a refusal belongs beside which field. */
function useStudyForm(experiment: ExperimentForm) {
  const [asked, setAsked] = useState(FIRST)
  const [refused, setRefused] = useState(NOTHING)
  const [busy, setBusy] = useState(false)
  // No trial of a study sees the test set; what is tuned has no fixed value.
  const tuned = linesOf(asked.space).map(line => line.split('=')[0]?.trim())
  const isFixed = ({ name }: { readonly name: string }) => name !== 'evaluateTest' && !tuned.includes(name)
  const fields = experiment.settings.filter(isFixed)
  const settings = useForm({ ...experiment, settings: fields })
  const change = (part: Partial<Asked>) => setAsked(before => ({ ...before, ...part }))
  const ownSpace = useOwnSpace(
    experiment.name,
    space => change({ space }),
    words => setRefused({ field: 'space', words }),
  )
  const start = async () => {
    setBusy(true)
    setRefused(NOTHING)
    settings.setRefused(undefined)
    try {
      const { study } = await ask<{ study: string }>('/studies', startOf(experiment.name, asked, settings.values()))
      location.hash = `#study=${encodeURIComponent(study)}`
    } catch (error) {
      const field = refusedField(error)
      if (field === 'settings') settings.setRefused(error)
      else setRefused({ field, words: wordsOf(error) })
      setBusy(false)
    }
  }
  const isShown = refused.field !== undefined && Object.hasOwn(asked, refused.field)
  return {
    asked, change, busy, start, settings, fields, ownSpace,
    troubleAt: (name: keyof Asked) => (refused.field === name ? refused.words : ''),
    trouble: isShown ? '' : refused.words,
  }
}

type StudyForm = ReturnType<typeof useStudyForm>

/** Settings of every trial: those of a run, the own data among them. */
function Settings({ form, own }: { readonly form: StudyForm; readonly own: string | null }) {
  const { fields, settings } = form
  const changed = settings.changed.map(({ name }) => name)
  const isOpen = own !== null || fields.some(({ name }) => settings.troubleAt(name) !== '') || settings.trouble !== ''
  return (
    <details class="more" open={isOpen || undefined}>
      <summary>Settings of every trial{changed.length > 0 && `, changed: ${changed.join(', ')}`}</summary>
      {own !== null && (
        <p class="soft">
          It learns from {own}: write its path on this machine into <code>data</code>. Nothing leaves the machine.
        </p>
      )}
      <Fields fields={fields.filter(({ group }) => group === 'main')} form={settings} />
      <More fields={fields.filter(({ group }) => group === 'more')} form={settings} />
      {settings.trouble !== '' && (
        <p role="alert" class="trouble">
          {settings.trouble}
        </p>
      )}
    </details>
  )
}

function Form({ experiment }: { readonly experiment: ExperimentForm }) {
  const form = useStudyForm(experiment)
  const { asked, change, troubleAt, settings } = form
  const same = { asked, change, troubleAt }
  const isOpen = (names: readonly (keyof Asked)[]) => names.some(name => troubleAt(name) !== '') || undefined
  return (
    <form
      class="start-study"
      aria-label="Start a study"
      onSubmit={event => {
        event.preventDefault()
        void form.start()
      }}
    >
      <Asking {...same} experiment={experiment.name} />
      <Settings form={form} own={experiment.own === null ? null : experiment.dataset} />
      <details class="more" open={isOpen(SEARCHING)}>
        <summary>How it searches{changedWords(asked, SEARCHING)}</summary>
        <Searching {...same} />
      </details>
      <details class="more" open={isOpen(SPENDING)}>
        <summary>What it may take{changedWords(asked, SPENDING)}</summary>
        <Spending {...same} />
      </details>
      <p class="go">
        <button class="primary" type="submit" disabled={form.busy}>
          {form.busy ? 'Reading the data ...' : 'Start the study'}
        </button>
        <span class="soft small">
          Trials are compared on the validation part of the data; where it has none, on the share of the training data
          that the setting validation holds out, by itself a tenth. The test set is not read.
        </span>
      </p>
      {form.trouble !== '' && (
        <p role="alert" class="trouble">
          {form.trouble}
        </p>
      )}
      <details class="commands">
        <summary>The same in a terminal, on many machines, or from a file</summary>
        <ul>
          <Command words={commandOf(experiment.name, asked, settings.values(), form.ownSpace)} what="" />
        </ul>
        <p class="soft small">
          With <code>--queue redis://host:6379</code> the machines that wait behind that queue do the work. A file may
          say all of it: <code>{ddlfCommand('tune', '--help')}</code> shows one.
        </p>
      </details>
    </form>
  )
}

export function StartStudy({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [name, setName] = useState(experiments[0]?.name ?? '')
  const experiment = experiments.find(one => one.name === name)
  return (
    <section aria-label="Begin a study">
      <h2>Start a study</h2>
      <div class="filters-row">
        <label>
          Experiment
          <select name="experiment" value={name} onChange={event => setName(event.currentTarget.value)}>
            {experiments.map(one => (
              <option key={one.name} value={one.name}>
                {one.title} ({one.name})
              </option>
            ))}
          </select>
        </label>
      </div>
      {experiment && <Form key={name} experiment={experiment} />}
    </section>
  )
}
