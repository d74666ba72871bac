// The trials of a study as a table that sorts, with links to their runs.
import { useMemo, useState } from 'preact/hooks'
import type { StudyDetail, TrialLine } from '@ddlf/lab/server'
import { objectiveText } from './study-list.tsx'

/** Rows at first, and how many each press adds. */
const ROWS = 100

type Value = number | string | undefined
interface Column {
  readonly key: string
  readonly label: string
  readonly figure: boolean
  readonly valueOf: (trial: TrialLine) => Value
}

/** Complete trials first, then those that were stopped early, then the others; within them by value. */
const ORDER: readonly TrialLine['state'][] = ['complete', 'pruned', 'running', 'waiting', 'failed']

function columnsOf({ objectives, space }: StudyDetail): Column[] {
  return [
    { key: 'trial', label: 'trial', figure: true, valueOf: ({ number }) => number },
    { key: 'state', label: 'state', figure: false, valueOf: ({ state }) => ORDER.indexOf(state) },
    ...objectives.map((name, i) => ({
      key: `value:${name}`,
      label: name,
      figure: true,
      valueOf: ({ values }: TrialLine) => values?.[i] ?? undefined,
    })),
    ...Object.keys(space).map(name => ({
      key: `param:${name}`,
      label: name,
      figure: true,
      valueOf: ({ params }: TrialLine): Value => {
        const choice = Object.hasOwn(params, name) ? params[name] : undefined
        return typeof choice === 'number' || choice === undefined ? choice : String(choice)
      },
    })),
    { key: 'steps', label: 'steps', figure: true, valueOf: ({ steps }) => steps.length },
  ]
}

/** Numbers by size, before texts; what is absent stands last whichever way. */
function compare(a: Value, b: Value, down: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  const order =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : typeof a === typeof b
        ? String(a).localeCompare(String(b))
        : Number(typeof a === 'string') - Number(typeof b === 'string')
  return down ? -order : order
}

/** The trials that stand, in an order. Sorted by an objective, complete ones come first. */
function sorted(study: StudyDetail, column: Column, down: boolean): TrialLine[] {
  const continued = new Set(study.trials.map(({ continues }) => continues))
  const isValue = column.key.startsWith('value:')
  // What is compared is looked up once for each trial, not once for each comparison.
  return study.trials
    .filter(({ number }) => !continued.has(number))
    .map(trial => ({ trial, place: isValue ? ORDER.indexOf(trial.state) : 0, value: column.valueOf(trial) }))
    .sort((a, b) => a.place - b.place || compare(a.value, b.value, down) || a.trial.number - b.trial.number)
    .map(({ trial }) => trial)
}

const paramText = (value: TrialLine['params'][string] | undefined) =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : String(value ?? '-')

function Row({ trial, study }: { readonly trial: TrialLine; readonly study: StudyDetail }) {
  const isFront = study.front.includes(trial.number)
  return (
    <tr class={isFront ? 'best' : undefined}>
      <td class="figure">{trial.number}</td>
      <td title={trial.failure ?? undefined}>
        {trial.state}
        {isFront ? (study.objectives.length > 1 ? ', on the front' : ', best') : ''}
        {trial.continues === null ? '' : `, from ${String(trial.continues)}`}
      </td>
      {study.objectives.map((objective, i) => (
        <td key={objective} class="figure">
          {objectiveText(study.metrics, objective, trial.values?.[i])}
        </td>
      ))}
      {Object.keys(study.space).map(key => (
        <td key={key} class="figure">
          {paramText(Object.hasOwn(trial.params, key) ? trial.params[key] : undefined)}
        </td>
      ))}
      <td class="figure">{trial.steps.length}</td>
      <td>
        {trial.runs.map(run => (
          <a key={run} href={`#run=${run}`}>
            {run.split('/')[1]}{' '}
          </a>
        ))}
      </td>
    </tr>
  )
}

/** @param kept the trials that a reader chose, by number; all where there is no choice */
export function StudyTrials({
  study,
  kept,
}: {
  readonly study: StudyDetail
  readonly kept: ReadonlySet<number> | undefined
}) {
  const columns = columnsOf(study)
  const first = columns.find(({ key }) => key.startsWith('value:')) ?? columns[0]
  const [sort, setSort] = useState<{ readonly key: string; readonly down: boolean }>({
    key: first?.key ?? 'trial',
    down: study.directions[0] === 'maximize',
  })
  const [most, setMost] = useState(ROWS)
  const column = columns.find(({ key }) => key === sort.key) ?? columns[0]
  const all = useMemo(
    () => (column ? sorted(study, column, sort.down) : []),
    [study.name, study.version, column?.key, sort.down],
  )
  const rows = kept ? all.filter(({ number }) => kept.has(number)) : all
  const by = (key: string) => setSort({ key, down: sort.key === key && !sort.down })
  return (
    <section aria-label="Trials" class="trials">
      <h3>Trials</h3>
      {kept && <p class="soft small">Those that were kept along the axes above: {rows.length}.</p>}
      <div class="scroll" tabindex={0} role="region" aria-label="Table of trials">
        <table class="rows">
          <thead>
            <tr>
              {columns.map(({ key, label, figure }) => (
                <th
                  key={key}
                  scope="col"
                  class={figure ? 'figure' : undefined}
                  aria-sort={sort.key === key ? (sort.down ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" class="sorting" onClick={() => by(key)}>
                    {label}
                  </button>
                </th>
              ))}
              <th scope="col">run</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map(trial => (
              <Row key={trial.number} trial={trial} study={study} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most && (
        <p class="go">
          <button type="button" onClick={() => setMost(most + 5 * ROWS)}>
            Show more
          </button>
          <span class="soft small">
            {most} of {rows.length}
          </span>
        </p>
      )}
    </section>
  )
}
