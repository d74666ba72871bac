// One run: its curves as they come in, its settings and results, what it mistakes; stop and resume.
import { useEffect, useState } from 'preact/hooks'
import type { Measurement } from '../../workers/messages.ts'
import { LiveCurves } from '../live-curves.tsx'
import { apiBase, ask, metricText, settingText, type Mistakes, type RunDetail } from './api.ts'
import { MistakesView } from './mistakes-view.tsx'
import { Status } from './run-list.tsx'

export function RunPage({ name }: { readonly name: string }) {
  const [run, setRun] = useState<RunDetail>()
  const [state, setState] = useState<{ status: string; stoppable: boolean }>()
  const [measurements, setMeasurements] = useState<readonly Measurement[]>([])
  const [mistakes, setMistakes] = useState<Mistakes>()
  const [trouble, setTrouble] = useState('')
  const [unknown, setUnknown] = useState('')
  const tell = (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error))
  useEffect(() => {
    let events: EventSource | undefined
    const watch = () => {
      // A browser holds few connections to one host: pages that nobody looks at give theirs back.
      events?.close()
      events = document.hidden ? undefined : new EventSource(`${apiBase()}/runs/${name}/events`)
      events?.addEventListener('metrics', ({ data }: MessageEvent<string>) => {
        const { restarted, metrics } = JSON.parse(data) as { restarted: boolean; metrics: [number, number, string, number | null][] }
        const rows = metrics.map(([step, epoch, metric, value]) => ({ step, epoch, name: metric, value: value ?? Number.NaN }))
        setMeasurements(before => (restarted ? rows : [...before, ...rows]))
      })
      events?.addEventListener('status', ({ data }: MessageEvent<string>) => setState(JSON.parse(data) as { status: string; stoppable: boolean }))
      events?.addEventListener('trouble', ({ data }: MessageEvent<string>) => setTrouble((JSON.parse(data) as { error: string }).error))
      events?.addEventListener('error', ({ currentTarget }) => {
        // A line that broke is taken up again by the browser; a refusal is not: the lab says why.
        if ((currentTarget as EventSource).readyState === EventSource.CLOSED) setTrouble('The lab does not follow this run just now: too many pages may be open. Close some and reload.')
      })
    }
    watch()
    document.addEventListener('visibilitychange', watch)
    return () => {
      document.removeEventListener('visibilitychange', watch)
      events?.close()
    }
  }, [name])
  useEffect(() => {
    ask<RunDetail>(`/runs/${name}`).then(setRun, tell)
    if (state?.status === 'completed') ask<Mistakes>(`/runs/${name}/mistakes`).then(setMistakes, (error: unknown) => setUnknown(error instanceof Error ? error.message : String(error)))
  }, [name, state?.status])
  const act = (verb: 'stop' | 'resume') => ask(`/runs/${name}/${verb}`, {}).then(() => setTrouble(''), tell)
  const last = measurements.reduce((step, one) => Math.max(step, one.step), 0)
  const status = state?.status ?? run?.status ?? ''
  return (
    <article class="trainer-like" aria-label={`Run ${name}`}>
      <h2>{name} <Status status={status} /></h2>
      <p class="go">
        {state?.stoppable && <button type="button" class="primary" onClick={() => void act('stop')}>Stop at a checkpoint</button>}
        {!state?.stoppable && ['stopped', 'interrupted', 'failed'].includes(status) && <button type="button" class="primary" onClick={() => void act('resume')}>Resume</button>}
        <span class="soft small" role="status" data-step={last}>{trouble || (last > 0 ? `step ${last.toLocaleString('en-US')}` : 'waiting for the first measurements')}</span>
      </p>
      {status === 'failed' && run?.status === 'failed' && (
        <p role="alert" class="trouble">The training failed: {run.record.attempts.at(-1)?.reason ?? 'it left no reason'}. Resume it to go on from its last checkpoint.</p>
      )}
      <div class="trainer"><LiveCurves measurements={measurements} /></div>
      {run && (
        <div class="two-columns">
          <div>
            <h3>Results</h3>
            {run.advice !== null && <p role="note" class="trouble">{run.advice}</p>}
            <table><tbody>{Object.entries(run.metrics).map(([metric, value]) => <tr key={metric}><td>{metric}</td><td class="figure">{metricText(metric, value)}</td></tr>)}</tbody></table>
            <p class="soft small">Seed {run.seed}; {run.record.git ? `commit ${run.record.git.commit.slice(0, 10)}${run.record.git.dirty ? ' with changes' : ''}` : 'no git'}; {run.record.machine?.cpu}. {run.record.attempts.length > 1 && `Attempts: ${run.record.attempts.map(({ number, fromStep, reason }) => `${number} from step ${fromStep} (${reason ?? 'running'})`).join('; ')}.`}</p>
          </div>
          <div>
            <h3>Settings</h3>
            <dl class="settings">{Object.entries(run.config).map(([setting, value]) => <div key={setting}><dt>{setting}</dt><dd>{settingText(value)}</dd></div>)}</dl>
          </div>
        </div>
      )}
      {mistakes ? <MistakesView found={mistakes} /> : unknown && <p class="soft small">{unknown}</p>}
    </article>
  )
}
