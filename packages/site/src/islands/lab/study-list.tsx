// The list of studies, and the form that starts one.
import { useEffect, useState } from 'preact/hooks'
import type { Metric } from '@ddlf/lab/metric'
import type { ExperimentForm, StudyLine } from '@ddlf/lab/server'
import { ask, metricText, wordsOf } from './api.ts'

const PRUNERS = ['median', 'none', 'successive-halving', 'hyperband']
const SAMPLERS = ['tpe', 'random', 'quasi-random', 'grid', 'cma-es', 'gaussian-process']

/** `12 complete, 3 pruned` */
export const countsOf = ({ counts }: Pick<StudyLine, 'counts'>): string =>
  Object.entries(counts)
    .map(([state, count]) => `${String(count)} ${state}`)
    .join(', ') || 'no trial yet'

/** The value of an objective as people read it. */
export const objectiveText = (metrics: readonly Metric[], name: string, value: number | null | undefined): string =>
  name === 'seconds' ? `${Number(value).toFixed(1)} s` : metricText(metrics, name, value)

export function StudyList({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [found, setFound] = useState<readonly StudyLine[]>()
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    let alive = true
    const load = () => {
      ask<StudyLine[]>('/studies').then(
        answer => {
          if (alive) {
            setFound(answer)
            setTrouble('')
          }
        },
        (error: unknown) => {
          if (alive) setTrouble(wordsOf(error))
        },
      )
    }
    load()
    const again = setInterval(load, 2000)
    return () => {
      alive = false
      clearInterval(again)
    }
  }, [])
  return (
    <section aria-label="Studies">
      <p class="soft small" role="status">
        {trouble || (found ? `${String(found.length)} ${found.length === 1 ? 'study' : 'studies'}` : 'Loading ...')}
      </p>
      {found && found.length > 0 && (
        <div class="scroll" tabindex={0} role="region" aria-label="Table of studies">
          <table>
            <thead>
              <tr>
                <th scope="col">study</th>
                <th scope="col">trials</th>
                <th scope="col">objective</th>
                <th scope="col" class="figure">
                  best
                </th>
                <th scope="col">now</th>
              </tr>
            </thead>
            <tbody>
              {found.map(study => (
                <tr key={study.name}>
                  <td>
                    <a href={`#study=${study.name}`}>{study.name}</a>
                  </td>
                  <td>{countsOf(study)}</td>
                  <td>{study.objectives.join(', ')}</td>
                  <td class="figure">
                    {study.best ? objectiveText(study.metrics, study.objectives[0] ?? '', study.best[0]) : '-'}
                  </td>
                  <td>{study.running ? <span class="badge live">running</span> : '-'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <StartStudy experiments={experiments} />
    </section>
  )
}

function StartStudy({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [experiment, setExperiment] = useState(experiments[0]?.name ?? '')
  const [space, setSpace] = useState('')
  const [name, setName] = useState('')
  const [trials, setTrials] = useState('20')
  const [sampler, setSampler] = useState('tpe')
  const [pruner, setPruner] = useState('median')
  const [trouble, setTrouble] = useState('')
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    let alive = true
    ask<{ space: string[] }>(`/experiments/${experiment}/space`).then(
      answer => {
        if (alive) setSpace(answer.space.join('\n'))
      },
      (error: unknown) => {
        if (alive) setTrouble(wordsOf(error))
      },
    )
    return () => {
      alive = false
    }
  }, [experiment])
  const start = async () => {
    setBusy(true)
    setTrouble('')
    try {
      const ranges = space
        .split('\n')
        .map(line => line.trim())
        .filter(line => line !== '')
      const named = name.trim() === '' ? {} : { study: name.trim() }
      const { study } = await ask<{ study: string }>('/studies', {
        experiment,
        space: ranges,
        trials: Number(trials),
        sampler,
        pruner,
        ...named,
      })
      location.hash = `#study=${study}`
    } catch (error) {
      setTrouble(wordsOf(error))
    } finally {
      setBusy(false)
    }
  }
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
          <select value={experiment} onChange={event => setExperiment(event.currentTarget.value)}>
            {experiments
              .filter(({ own }) => own === null)
              .map(({ name: id, title }) => (
                <option key={id} value={id}>
                  {title} ({id})
                </option>
              ))}
          </select>
        </label>
        <label>
          Name
          <input
            type="text"
            placeholder={experiment}
            value={name}
            autocomplete="off"
            spellcheck={false}
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          Trials in all
          <input
            type="text"
            inputMode="numeric"
            value={trials}
            onInput={event => setTrials(event.currentTarget.value)}
          />
        </label>
        <label>
          Sampler
          <select value={sampler} onChange={event => setSampler(event.currentTarget.value)}>
            {SAMPLERS.map(one => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          Pruner
          <select value={pruner} onChange={event => setPruner(event.currentTarget.value)}>
            {PRUNERS.map(one => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </div>
      <label class="field">
        <span>Ranges, one a line</span>
        <textarea rows={6} value={space} spellcheck={false} onInput={event => setSpace(event.currentTarget.value)} />
        <span class="soft small">
          float:0..1, log:1e-5..1e-1, step:0..1:0.1, int:1..10, logint:16..1024, choice:a,b,c; a condition behind ` if `
        </span>
      </label>
      <p class="go">
        <button class="button primary" type="submit" disabled={busy}>
          Start
        </button>
        <span class="soft small">Trials are compared on a tenth of the training data; the test set is not read.</span>
      </p>
      {trouble !== '' && (
        <p role="alert" class="trouble">
          {trouble}
        </p>
      )}
    </form>
  )
}
