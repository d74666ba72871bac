// One run: its curves as they come in, its settings and results, what it mistakes; stop and resume.
import { useEffect, useState } from 'preact/hooks'
import type { RunDetail, RunMistakes } from '@ddlf/lab/server'
import { LiveCurves } from '../live-curves.tsx'
import { ask, metricName, metricText, readingText, wordsOf } from './api.ts'
import { MistakesView } from './mistakes-view.tsx'
import { useRunEvents, type FollowedRun } from './run-events.ts'
import { Status } from './run-list.tsx'
import { RunSettings } from './run-settings.tsx'
import { TaskFigures } from './task-figures.tsx'
import { TextBox } from './text-box.tsx'

function Results({ run }: { readonly run: RunDetail }) {
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
  return (
    <>
      <h3>Results</h3>
      {run.advice !== null && (
        <p role="note" class="trouble">
          {run.advice}
        </p>
      )}
      {Object.keys(run.metrics).length === 0 ? (
        <p class="soft small">
          {run.status === 'running' ? 'They come with the end of the run.' : 'None: the run did not come to its end.'}
        </p>
      ) : (
        <table>
          <tbody>
            {Object.entries(run.metrics).map(([metric, value]) => (
              <tr key={metric}>
                <td>{metricName(run.described, metric)}</td>
                <td class="figure">{metricText(run.described, metric, value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
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

export function RunPage({ name }: { readonly name: string }) {
  const followed = useRunEvents(name)
  const { state, measurements } = followed
  const [run, setRun] = useState<RunDetail>()
  const [absent, setAbsent] = useState('')
  const [mistakes, setMistakes] = useState<RunMistakes>()
  const [unknown, setUnknown] = useState('')
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    ask<RunDetail>(`/runs/${name}`).then(
      found => {
        setRun(found)
        setAbsent('')
      },
      (error: unknown) => setAbsent(wordsOf(error)),
    )
  }, [name, state?.status])
  const keepsAnswers = run?.keepsAnswers === true
  useEffect(() => {
    if (state?.status !== 'completed' || !keepsAnswers) return
    setUnknown('Looking for what it mistakes ...')
    ask<RunMistakes>(`/runs/${name}/mistakes`).then(setMistakes, (error: unknown) => setUnknown(wordsOf(error)))
  }, [name, state?.status, keepsAnswers])
  const act = (verb: 'stop' | 'resume') =>
    ask(`/runs/${name}/${verb}`, {}).then(
      () => setTrouble(''),
      (error: unknown) => setTrouble(wordsOf(error)),
    )
  if (absent && !run)
    return (
      <p role="alert" class="trouble">
        {absent} <a href="#">All runs</a>
      </p>
    )
  const last = measurements.reduce((step, one) => Math.max(step, one.step), 0)
  const status = state?.status ?? run?.status ?? ''
  const canResume = state?.stoppable !== true && ['stopped', 'interrupted', 'failed'].includes(status)
  return (
    <article class="trainer-like" aria-label={`Run ${name}`}>
      <h2>
        {name} <Status status={status} />
      </h2>
      <p class="go">
        {state?.stoppable === true && (
          <button type="button" class="primary" onClick={() => void act('stop')}>
            Stop at a checkpoint
          </button>
        )}
        {canResume && (
          <button type="button" class="primary" onClick={() => void act('resume')}>
            Resume
          </button>
        )}
        <span class="soft small" role="status" data-step={last}>
          {trouble || stateText(followed)}
        </span>
      </p>
      {status === 'failed' && run?.status === 'failed' && <Failure run={run} />}
      {(measurements.length > 0 || status === 'running' || status === '') && (
        <div class="trainer">
          <LiveCurves measurements={measurements} metrics={run?.described ?? []} />
        </div>
      )}
      {run && (
        <div class="two-columns">
          <div>
            <Results run={run} />
          </div>
          <div>
            <RunSettings settings={run.settings} />
          </div>
        </div>
      )}
      {run?.writesText === true && run.hasCheckpoint && <TextBox name={name} />}
      {run?.showsFigures === true && run.hasCheckpoint && <TaskFigures name={name} status={status} />}
      {mistakes ? <MistakesView found={mistakes} /> : unknown && <p class="soft small">{unknown}</p>}
    </article>
  )
}
