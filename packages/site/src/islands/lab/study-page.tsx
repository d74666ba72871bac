// A study that grows as it runs: what it has found, what runs, its figures and its trials; stop, and go on.
import { useMemo, useState } from 'preact/hooks'
import { ddlfCommand } from '@ddlf/lab/command-text'
import type { StudyDetail, TrialLine } from '@ddlf/lab/server'
import { brushedTrials, type Brush } from '@ddlf/lab/study-figures'
import { ask, metricText, wordsOf } from './api.ts'
import { StudyFigures } from './study-figures.tsx'
import { Spark } from './spark.tsx'
import { countsOf, objectiveText } from './study-list.tsx'
import { useStudy, type HeldStudy } from './study-state.ts'
import { StudyTrials } from './study-trials.tsx'

export function StudyPage({ name }: { readonly name: string }) {
  const { study, trouble, look } = useStudy(name)
  if (!study) return <p role={trouble ? 'alert' : 'status'}>{trouble || 'Loading ...'}</p>
  const { detail } = study
  const [objective = 'value'] = detail.objectives
  return (
    <article class="study">
      <h2>
        {detail.name} {detail.running ? <span class="badge live">running</span> : null}
      </h2>
      <p>
        {countsOf(detail)}
        {detail.best
          ? `; best ${objective} ${objectiveText(detail.metrics, objective, detail.best[0])}`
          : ''}
        {detail.objectives.length > 1 ? `; ${String(detail.front.length)} on the front` : ''}
      </p>
      {[trouble, detail.trouble ?? ''].filter(Boolean).map(words => (
        <p key={words} role="alert" class="trouble">
          {words}
        </p>
      ))}
      <Controls key={String(detail.running)} study={detail} look={look} />
      <Running study={detail} />
      <Explored study={study} />
    </article>
  )
}

/** Figures and trials; what is brushed in one is shown in the other. */
function Explored({ study }: { readonly study: HeldStudy }) {
  const [brush, setBrush] = useState<Brush>({})
  const { detail, figured } = study
  const kept = useMemo(
    () => (Object.keys(brush).length === 0 ? undefined : brushedTrials(figured, brush)),
    [brush, detail.version],
  )
  return (
    <>
      <StudyFigures study={study} brush={brush} setBrush={setBrush} />
      <StudyTrials study={detail} kept={kept} />
    </>
  )
}

/** Stop a study that the lab runs, or go on with one that nobody runs. */
function Controls({ study, look }: { readonly study: StudyDetail; readonly look: () => void }) {
  const [asked, setAsked] = useState(false)
  const [total, setTotal] = useState(String(study.trials.length + 20))
  const [trouble, setTrouble] = useState('')
  const post = (path: string, body: object) => {
    setAsked(true)
    setTrouble('')
    ask(path, body).then(look, (error: unknown) => {
      setAsked(false)
      setTrouble(wordsOf(error))
    })
  }
  const words = trouble !== '' && (
    <span role="alert" class="trouble">
      {trouble}
    </span>
  )
  if (study.running)
    return (
      <p class="go">
        {study.stoppable ? (
          <button
            type="button"
            disabled={asked}
            onClick={() => post(`/studies/${encodeURIComponent(study.name)}/stop`, {})}
          >
            {asked ? 'Saving the trials that run ...' : 'Save and stop'}
          </button>
        ) : (
          <span class="soft small">A terminal runs it: Ctrl-C there saves and stops.</span>
        )}
        {words}
      </p>
    )
  if (study.experiment === null) return null
  const goOn = { experiment: study.experiment, study: study.name, trials: Number(total) }
  const command = ddlfCommand('tune', study.experiment, '--study', study.name, '--trials', total)
  return (
    <form
      class="go"
      aria-label="Go on"
      onSubmit={event => {
        event.preventDefault()
        post('/studies', goOn)
      }}
    >
      <label>
        Go on to{' '}
        <input
          name="total"
          type="text"
          inputMode="numeric"
          size={5}
          value={total}
          onInput={event => setTotal(event.currentTarget.value)}
        />{' '}
        trials in all
      </label>
      <button type="submit" disabled={asked}>
        {asked ? 'Starting ...' : 'Go on'}
      </button>
      {trouble.includes('--changed') && (
        <button type="button" disabled={asked} onClick={() => post('/studies', { ...goOn, changed: true })}>
          Go on all the same
        </button>
      )}
      {words}
      <span class="soft small">
        With limits, or trials to be run first: <code>{command}</code> and <code>--timeout 2h</code>,{' '}
        <code>--enqueue learningRate=0.1</code>.
      </span>
    </form>
  )
}

const paramsText = ({ params }: TrialLine) =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${String(typeof value === 'number' ? Number(value.toPrecision(4)) : value)}`)
    .join(', ')

/** The trials that run now, each with its curve so far. */
function Running({ study }: { readonly study: StudyDetail }) {
  const running = study.running ? study.trials.filter(({ state }) => state === 'running') : []
  if (running.length === 0) return null
  const [objective = 'value'] = study.objectives
  return (
    <ul class="running-trials" aria-label="Trials that run">
      {running.map(trial => {
        const values = trial.steps.map(([, value]) => value ?? Number.NaN)
        return (
          <li key={trial.number}>
            <strong>{trial.number}</strong> <Spark values={values} /> step{' '}
            {values.length}, {objective} {metricText(study.metrics, objective, values.at(-1))}
            <span class="soft small"> {paramsText(trial)}</span>
          </li>
        )
      })}
    </ul>
  )
}
