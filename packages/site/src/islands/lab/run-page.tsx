// One run: its curves as they come in, its settings and results, what it mistakes; stop and resume.
import { useEffect, useState } from 'preact/hooks'
import type { RunDetail, RunMistakes, RunOutcome } from '@ddlf/lab/server'
import { LiveCurves } from '../live-curves.tsx'
import { CompareLink } from './compare-link.tsx'
import { ask, metricName, metricText, readingText, wordsOf } from './api.ts'
import { MistakesView } from './mistakes-view.tsx'
import { useRunEvents, type FollowedRun } from './run-events.ts'
import { formOf, RunCommands } from './run-commands.tsx'
import { LivePlace } from './run-live.tsx'
import { NotesView } from './run-notes.tsx'
import { Report } from './run-report.tsx'
import { Outcome } from './run-rows.tsx'
import { epochsOf, titleOf } from './run-words.ts'
import { RunSettings } from './run-settings.tsx'
import { TaskFigures } from './task-figures.tsx'
import { TextBox } from './text-box.tsx'

interface FactsProps {
  readonly run: RunDetail
  readonly measurements: FollowedRun['measurements']
}

/** What a run measured last of each of its metrics: of one that was stopped there is nothing else. */
const lastOf = (measurements: FollowedRun['measurements']) =>
  [...new Map(measurements.filter(({ name }) => name.includes('/')).map(one => [one.name, one] as const)).values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, value, epoch }) => ({ name, value, at: `at epoch ${Number(epoch.toPrecision(3))}` }))

function Results({ run, measurements }: FactsProps) {
  const { git, machine, attempts } = run.record
  const origin = [
    `Seed ${run.seed}`,
    git ? `commit ${git.commit.slice(0, 10)}${git.dirty === null ? '' : ' with changes'}` : 'no git',
    ...(machine ? [machine.cpu] : []),
    ...(run.seconds === null ? [] : [`${run.seconds.toFixed(1)} s`]),
  ].join('; ')
  const tried = attempts
    .map(({ number, fromStep, reason }) => `${number} from step ${fromStep} (${reason ?? 'running'})`)
    .join('; ')
  const last = Object.keys(run.metrics).length === 0 && run.status !== 'running' ? lastOf(measurements) : []
  return (
    <>
      <h3>Results</h3>
      {Object.keys(run.metrics).length === 0 && (
        <p class="soft small">
          {run.status === 'running'
            ? 'They come with the end of the run.'
            : `The run did not come to its end${last.length > 0 ? ': below, what it measured last.' : ', nor to the ' +
              'first evaluation: nothing was measured.'}`}
        </p>
      )}
      <table>
        <tbody>
          {(last.length > 0 ? last : Object.entries(run.metrics).map(([name, value]) => ({ name, value, at: '' }))).map(
            ({ name, value, at }) => (
              <tr key={name}>
                <td>
                  {metricName(run.described, name)}
                  {at && <span class="soft small"> {at}</span>}
                </td>
                <td class="figure">{metricText(run.described, name, value)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      <p class="soft small">
        {origin}. {attempts.length > 1 && `Attempts: ${tried}.`}
      </p>
    </>
  )
}

/** Where the training is, in a line. */
function stateText({ measurements, reading, trouble, state }: FollowedRun): string {
  if (trouble) return trouble
  if (reading) return readingText(reading)
  const last = measurements.reduce((step, one) => Math.max(step, one.step), 0)
  if (last > 0) return `step ${last.toLocaleString('en-US')}`
  return state === undefined || state.status === 'running'
    ? 'waiting for the first measurements'
    : 'nothing was measured'
}

function Failure({ run }: { readonly run: RunDetail }) {
  return (
    <>
      <p role="alert" class="trouble told">
        The training failed: {run.record.attempts.at(-1)?.reason ?? 'it left no reason.'}
      </p>
      <p class="soft small">
        {run.hasCheckpoint
          ? 'Resume it to go on from its last checkpoint.'
          : 'It left no checkpoint: resumed, it begins anew.'}
      </p>
    </>
  )
}

/** What is known of a run beside its curves. */
function useRunDetail(name: string, status: string | undefined) {
  const [run, setRun] = useState<RunDetail>()
  const [absent, setAbsent] = useState('')
  const [mistakes, setMistakes] = useState<RunMistakes>()
  const [unknown, setUnknown] = useState('')
  useEffect(() => {
    ask<RunDetail>(`/runs/${name}`).then(
      found => {
        setRun(found)
        setAbsent('')
      },
      (error: unknown) => setAbsent(wordsOf(error)),
    )
  }, [name, status])
  const keepsAnswers = run?.keepsAnswers === true
  useEffect(() => {
    if (status !== 'completed' || !keepsAnswers) return
    setUnknown('Looking for what it mistakes ...')
    ask<RunMistakes>(`/runs/${name}/mistakes`).then(setMistakes, (error: unknown) => setUnknown(wordsOf(error)))
  }, [name, status, keepsAnswers])
  return { run, setRun, absent, mistakes, unknown }
}

interface ActionsProps {
  readonly name: string
  readonly run: RunDetail | undefined
  readonly status: string
  readonly followed: FollowedRun
}

/** Stop, resume, again; and where the training is, in a line. */
function Actions({ name, run, status, followed }: ActionsProps) {
  const [trouble, setTrouble] = useState('')
  const act = (verb: 'stop' | 'resume') =>
    ask(`/runs/${name}/${verb}`, {}).then(
      () => setTrouble(''),
      (error: unknown) => setTrouble(wordsOf(error)),
    )
  const isStoppable = status === 'running' && followed.state?.stoppable === true
  const canResume = !isStoppable && ['stopped', 'interrupted', 'failed'].includes(status)
  const last = followed.measurements.reduce((step, one) => Math.max(step, one.step), 0)
  return (
    <p class="go">
      {isStoppable && (
        <button type="button" class="primary" onClick={() => void act('stop')}>
          Stop at a checkpoint
        </button>
      )}
      {canResume && (
        <button type="button" class="primary" onClick={() => void act('resume')}>
          Resume
        </button>
      )}
      {run && (
        <a class="button" href={formOf(run)}>
          Again with other settings
        </a>
      )}
      {status === 'completed' && <CompareLink name={name} />}
      <span class="soft small" role="status" data-step={last}>
        {trouble || stateText(followed)}
      </span>
    </p>
  )
}

/** What the run reached, or why it reached nothing. */
function Verdict({ run }: { readonly run: RunDetail }) {
  return (
    <>
      {run.verdict !== null && <p class="verdict">{run.verdict}</p>}
      {run.advice !== null && (
        <p role="note" class="trouble">
          {run.advice}
        </p>
      )}
    </>
  )
}

export function RunPage({ name }: { readonly name: string }) {
  const followed = useRunEvents(name)
  const { state, measurements } = followed
  const { run, setRun, absent, mistakes, unknown } = useRunDetail(name, state?.status)
  if (absent && !run)
    return (
      <p role="alert" class="trouble">
        {absent} <a href="#">All runs</a>
      </p>
    )
  const status = state?.status ?? run?.status ?? ''
  const isRunning = status === 'running'
  const epochs = run ? epochsOf(run.config) : 0
  return (
    <article class="run" aria-label={`Run ${name}`}>
      <h2>
        {run ? titleOf({ notes: run.notes, given: givenTo(run) }) : name}{' '}
        <Outcome row={{ outcome: outcomeNow(status, run) }} />
      </h2>
      {run && (
        <p class="soft small">
          {name}, seed {run.seed}
        </p>
      )}
      {run && <Verdict run={run} />}
      {isRunning && <LivePlace measurements={measurements} described={run?.described ?? []} epochs={epochs} />}
      <Actions name={name} run={run} status={status} followed={followed} />
      {run && <NotesView name={name} notes={run.notes} onSaved={notes => setRun({ ...run, notes })} />}
      {status === 'failed' && run?.status === 'failed' && <Failure run={run} />}
      {(measurements.length > 0 || isRunning || status === '') && (
        <div class="trainer">
          <LiveCurves
            measurements={measurements}
            metrics={run?.described ?? []}
            {...(isRunning && epochs > 0 && { epochs })}
          />
        </div>
      )}
      {run && <Facts run={run} measurements={measurements} />}
      {run?.writesText === true && run.hasCheckpoint && <TextBox name={name} />}
      {run?.showsFigures === true && run.hasCheckpoint && <TaskFigures name={name} status={status} />}
      {mistakes ? <MistakesView found={mistakes} /> : unknown && <p class="soft small">{unknown}</p>}
      {run?.hasCheckpoint === true && !isRunning && <Report name={name} />}
    </article>
  )
}

/** What sets a run apart from its experiment, as the list of runs says it. */
const givenTo = ({ settings }: RunDetail) =>
  Object.fromEntries(
    settings.filter(({ name, group }) => group === 'given' && name !== 'seed').map(({ name, value }) => [name, value]),
  )

/** How the run goes: what its events say counts before what was known when the page came. */
const outcomeNow = (status: string, run: RunDetail | undefined): RunOutcome =>
  run?.status === status ? run.outcome : status === 'completed' ? 'finished' : (status as RunOutcome)

/** Results and settings side by side, then files and commands. */
function Facts({ run, measurements }: FactsProps) {
  const size = (bytes: number) => (bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`)
  return (
    <>
      <div class="two-columns">
        <div>
          <Results run={run} measurements={measurements} />
        </div>
        <div>
          <RunSettings settings={run.settings} />
        </div>
      </div>
      <details>
        <summary>
          {run.files.length} file{run.files.length === 1 ? '' : 's'}
        </summary>
        <dl class="settings wide">
          {run.files.map(({ name, bytes }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{size(bytes)}</dd>
            </div>
          ))}
        </dl>
      </details>
      <RunCommands run={run} />
    </>
  )
}
