// The list of runs: filtered, sorted, chosen for comparison.
import { useEffect, useState } from 'preact/hooks'
import type { ExperimentForm, RunLine } from '@ddlf/lab/server'
import { ask, figuresOf, metricText, wordsOf } from './api.ts'

const PAGE = 50
/** What a run is judged by, in a line. */
const resultText = (run: RunLine): string =>
  figuresOf([run])
    .map(({ name, title }) => `${title} ${metricText(run.described, name, run.metrics[name])}`)
    .join(', ')

const STATUSES = ['running', 'completed', 'stopped', 'interrupted', 'failed']

type Figures = ReturnType<typeof figuresOf>

interface FiltersProps {
  readonly experiments: readonly ExperimentForm[]
  readonly figures: Figures
  readonly set: (name: string, value: string) => void
}

function Filters({ experiments, figures, set }: FiltersProps) {
  return (
    <form class="filters-row" onSubmit={event => event.preventDefault()}>
      <label>
        Experiment
        <select onChange={event => set('experiment', event.currentTarget.value)}>
          <option value="">all</option>
          {experiments.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Status
        <select onChange={event => set('status', event.currentTarget.value)}>
          <option value="">any</option>
          {STATUSES.map(status => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <label>
        Sort
        <select onChange={event => set('sort', event.currentTarget.value)}>
          <option value="newest">newest first</option>
          {figures.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Contains
        <input
          type="search"
          placeholder="adam, 20270131, ..."
          onInput={event => set('text', event.currentTarget.value)}
        />
      </label>
    </form>
  )
}

interface TableProps {
  readonly runs: readonly RunLine[]
  readonly figures: Figures
  readonly chosen: ReadonlySet<string>
  readonly toggle: (name: string) => void
}

function RunTable({ runs, figures, chosen, toggle }: TableProps) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Table of runs">
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">compare</span>
            </th>
            <th scope="col">run</th>
            <th scope="col">status</th>
            {figures.map(({ name, title }) => (
              <th key={name} scope="col" class="figure">
                {title}
              </th>
            ))}
            <th scope="col" class="figure">
              seed
            </th>
            <th scope="col" class="figure">
              time
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map(run => (
            <tr key={run.name}>
              <td>
                <input
                  type="checkbox"
                  checked={chosen.has(run.name)}
                  onChange={() => toggle(run.name)}
                  aria-label={`Compare ${run.name}`}
                />
              </td>
              <td>
                <a href={`#run=${run.name}`}>{run.experiment}</a>
                <br />
                <span class="soft small">{run.id}</span>
                <span class="phone small">
                  <Status status={run.status} /> {resultText(run)}
                </span>
              </td>
              <td>
                <Status status={run.status} />
              </td>
              {figures.map(({ name }) => (
                <td key={name} class="figure">
                  {metricText(run.described, name, run.metrics[name])}
                </td>
              ))}
              <td class="figure">{run.seed}</td>
              <td class="figure">{run.seconds === null ? '-' : `${run.seconds.toFixed(1)} s`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RunPageOfList {
  readonly total: number
  readonly runs: readonly RunLine[]
}

/** A page of the list as it is now, asked for again and again. */
function useRuns(
  filter: Readonly<Record<string, string>>,
  offset: number,
): { readonly found: RunPageOfList | undefined; readonly trouble: string } {
  const [found, setFound] = useState<RunPageOfList>()
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    let alive = true
    const load = () => {
      const query = new URLSearchParams({
        ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '')),
        offset: String(offset),
        limit: String(PAGE),
      })
      ask<RunPageOfList>(`/runs?${query.toString()}`).then(
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
  }, [filter, offset])
  return { found, trouble }
}

export function RunList({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [filter, setFilter] = useState<Record<string, string>>({ sort: 'newest' })
  const [offset, setOffset] = useState(0)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { found, trouble } = useRuns(filter, offset)
  const set = (name: string, value: string) => {
    setOffset(0)
    setFilter(before => ({ ...before, [name]: value }))
  }
  const toggle = (name: string) =>
    setChosen(before => {
      const after = new Set(before)
      if (!after.delete(name)) after.add(name)
      return after
    })
  const figures = figuresOf(found?.runs ?? [])
  return (
    <section aria-label="Runs">
      <Filters experiments={experiments} figures={figures} set={set} />
      <p class="go">
        <a
          class={`button ${chosen.size > 1 ? 'primary' : ''}`}
          aria-disabled={chosen.size < 2}
          {...(chosen.size > 1 ? { href: `#compare=${[...chosen].join(',')}` } : {})}
        >
          Compare {chosen.size > 1 ? `${chosen.size} runs` : '(choose two or more)'}
        </a>
        {chosen.size > 0 && (
          <button type="button" onClick={() => setChosen(new Set())}>
            Choose none
          </button>
        )}
        <span class="soft small" role="status">
          {trouble ||
            (found ? `${found.total.toLocaleString('en-US')} run${found.total === 1 ? '' : 's'}` : 'Loading ...')}
        </span>
      </p>
      {found?.total === 0 && (
        <p>
          No runs here{Object.values(filter).some(value => value !== '' && value !== 'newest') ? ' that fit' : ' yet'}
          . <a href="#new=mlp-on-mnist">Start one.</a>
        </p>
      )}
      <RunTable runs={found?.runs ?? []} figures={figures} chosen={chosen} toggle={toggle} />
      {found && found.total > PAGE && (
        <p class="go">
          <button type="button" disabled={offset === 0} onClick={() => setOffset(offset - PAGE)}>
            Newer
          </button>
          <button type="button" disabled={offset + PAGE >= found.total} onClick={() => setOffset(offset + PAGE)}>
            Older
          </button>
        </p>
      )}
    </section>
  )
}

export function Status({ status }: { readonly status: string }) {
  const kind = status === 'completed' ? 'good' : status === 'failed' ? 'bad' : 'plain'
  return <span class={`badge ${kind} ${status === 'running' ? 'live' : ''}`}>{status}</span>
}
