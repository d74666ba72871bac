// The list of runs: narrowed, sorted, chosen for comparison. Seeds of one setting are one row.
import { useRef, useState } from 'preact/hooks'
import { judgedNames } from '@ddlf/lab/metric'
import type { ExperimentForm, RunRow } from '@ddlf/lab/server'
import { metricName } from './api.ts'
import { RunRows } from './run-rows.tsx'
import { useRuns, type HeldRuns, type RunFilter } from './use-runs.ts'

const STATES = ['running', 'finished', 'at chance', 'diverged', 'failed', 'stopped', 'interrupted']
const FIRST: RunFilter = { sort: 'newest' }
/** Milliseconds after a letter until what was typed is searched for. */
const TYPING = 150
/** A comparison holds no more. */
const MOST_COMPARED = 12

interface FiltersProps {
  readonly experiments: readonly ExperimentForm[]
  readonly figures: readonly { readonly name: string; readonly title: string }[]
  readonly filter: RunFilter
  readonly set: (name: string, value: string) => void
}

function Filters({ experiments, figures, filter, set }: FiltersProps) {
  const status = filter['status'] ?? ''
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <div class="filters-row">
        <label>
          Search
          <input
            type="search"
            data-search
            placeholder="a name, #tag, adam, 20270131, ..."
            value={filter['said'] ?? ''}
            onInput={event => set('said', event.currentTarget.value)}
          />
        </label>
        <label>
          Experiment
          <select value={filter['experiment'] ?? ''} onChange={event => set('experiment', event.currentTarget.value)}>
            <option value="">all</option>
            {experiments.map(({ name, title }) => (
              <option key={name} value={name}>
                {name}: {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          Trials of studies
          <select value={filter['trials'] ?? ''} onChange={event => set('trials', event.currentTarget.value)}>
            <option value="">among the runs</option>
            <option value="hide">hidden</option>
            <option value="only">nothing else</option>
          </select>
        </label>
        <label>
          Sort
          <select value={filter['sort'] ?? 'newest'} onChange={event => set('sort', event.currentTarget.value)}>
            <option value="newest">newest first</option>
            {figures.map(({ name, title }) => (
              <option key={name} value={name}>
                best {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="chips" role="group" aria-label="How they went">
        {STATES.map(state => (
          <button
            key={state}
            type="button"
            class="chip"
            aria-pressed={status === state}
            onClick={() => set('status', status === state ? '' : state)}
          >
            {state}
          </button>
        ))}
      </p>
    </form>
  )
}

/** What the runs in the window are judged by. */
function figuresIn(runs: HeldRuns, [first, last]: readonly [number, number]): FiltersProps['figures'] {
  const rows = Array.from({ length: last - first + 1 }, (_, i) => runs.row(first + i)).filter(row => row !== undefined)
  const names = rows.flatMap(row =>
    judgedNames(row.described, name => name in row.metrics)
      .slice(0, 2)
      .map(name => [name, metricName(row.described, name)] as const),
  )
  return [...new Map(names)].map(([name, title]) => ({ name, title }))
}

/** What is asked of the lab: `#word` in the search is a tag. */
function questionOf({ said = '', ...rest }: RunFilter): RunFilter {
  const tag = /(?:^|\s)#([^\s#]+)/.exec(said)?.[1] ?? ''
  return { ...rest, tag, text: said.replace(/(^|\s)#[^\s#]*/g, ' ').trim() }
}

export function RunList({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [{ filter, asked }, setFilter] = useState({ filter: FIRST, asked: FIRST })
  const [range, setRange] = useState<readonly [number, number]>([0, 0])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const runs = useRuns(asked, range)
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined)
  const set = (name: string, value: string) => {
    setFilter(before => ({ ...before, filter: { ...before.filter, [name]: value } }))
    clearTimeout(typing.current)
    const search = () => {
      setRange([0, 0])
      setFilter(({ filter: now }) => ({ filter: now, asked: questionOf(now) }))
    }
    if (name === 'said') typing.current = setTimeout(search, TYPING)
    else search()
  }
  const toggle = ({ members }: RunRow) =>
    setChosen(before => {
      const all = members.every(({ name }) => before.has(name))
      const after = new Set(before)
      for (const { name } of members) if (all) after.delete(name)
        else after.add(name)
      return after
    })
  const compared = `#compare=${[...chosen].slice(0, MOST_COMPARED).join(',')}`
  const onKey = (key: string) => {
    if (key === 'c' && chosen.size > 1) location.hash = compared
    else if (key === 'n') location.hash = '#new'
    else if (key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus()
    else return false
    return true
  }
  const isNarrow = Object.entries(filter).some(([name, value]) => name !== 'sort' && value !== '')
  return (
    <section aria-label="Runs">
      <Filters experiments={experiments} figures={figuresIn(runs, range)} filter={filter} set={set} />
      <Chosen runs={runs} chosen={chosen} compared={compared} clear={() => setChosen(new Set())} />
      {runs.total === 0 ? (
        <p>
          No runs here{isNarrow ? ' that fit' : ' yet'}. <a href="#new=mlp-on-mnist">Start one.</a>
        </p>
      ) : (
        <RunRows runs={runs} chosen={chosen} toggle={toggle} onRange={setRange} onKey={onKey} />
      )}
    </section>
  )
}

interface ChosenProps {
  readonly runs: HeldRuns
  readonly chosen: ReadonlySet<string>
  readonly compared: string
  readonly clear: () => void
}

/** How many there are, and what can be done with those that are chosen. */
function Chosen({ runs, chosen, compared, clear }: ChosenProps) {
  const words = (count: number, one: string) => `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`
  const { total, count, reading, trouble } = runs
  const all = total === undefined ? 'Loading ...' : words(count, 'run')
  return (
    <p class="go">
      <a
        class={`button ${chosen.size > 1 ? 'primary' : ''}`}
        aria-disabled={chosen.size < 2}
        {...(chosen.size > 1 ? { href: compared } : {})}
      >
        Compare {chosen.size > 1 ? words(Math.min(MOST_COMPARED, chosen.size), 'run') : '(choose two or more)'}
      </a>
      {chosen.size > 0 && (
        <button type="button" onClick={clear}>
          Choose none
        </button>
      )}
      <span class="soft small" role="status">
        {trouble || (total !== undefined && count > total ? `${all} of ${words(total, 'setting')}` : all)}
        {reading && `; ${reading.read.toLocaleString('en-US')} of ${words(reading.of, 'record')} read so far`}
        {chosen.size > MOST_COMPARED && `; a comparison holds ${MOST_COMPARED}`}
      </span>
    </p>
  )
}
