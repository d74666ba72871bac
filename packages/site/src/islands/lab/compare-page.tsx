// Several runs over one another: the curves of a metric, the settings in which they differ, where they ended.
import { useEffect, useState } from 'preact/hooks'
import type { LabComparison } from '@ddlf/lab/server'
import { MOST_COLOURS } from '../../charts/chart.ts'
import { CompareCharts, letter } from './compare-charts.tsx'
import { askComparison, figuresOf, metricName, metricText, readingText, shownText, wordsOf } from './api.ts'

export function ComparePage({ names }: { readonly names: readonly string[] }) {
  const [chosen, setChosen] = useState<string>()
  const [found, setFound] = useState<LabComparison>()
  const [waiting, setWaiting] = useState('')
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    const leaving = new AbortController()
    const query = new URLSearchParams([
      ...(chosen === undefined ? [] : [['metric', chosen]]),
      ...names.map(name => ['run', name]),
    ])
    const show = (comparison: LabComparison | undefined) => {
      if (!comparison) return
      setWaiting('')
      const [first] = comparison.metrics
      if (first !== undefined && !comparison.metrics.includes(comparison.metric)) setChosen(first)
      else setFound(comparison)
    }
    askComparison(query.toString(), progress => setWaiting(readingText(progress)), leaving.signal).then(
      show,
      (error: unknown) => setTrouble(wordsOf(error)),
    )
    return () => leaving.abort()
  }, [chosen, names.join()])
  if (trouble)
    return (
      <p role="alert" class="trouble">
        {trouble} <a href="#">All runs</a>
      </p>
    )
  if (!found) return <p role="status">{waiting || 'Loading ...'}</p>
  return <Comparison found={found} metric={chosen ?? found.metric} waiting={waiting} choose={setChosen} />
}

interface ComparisonProps {
  readonly found: LabComparison
  readonly metric: string
  readonly waiting: string
  readonly choose: (metric: string) => void
}

function Comparison({ found, metric, waiting, choose }: ComparisonProps) {
  const described = found.runs.flatMap(run => run.described)
  return (
    <section aria-label="Comparison">
      <h2>
        {found.runs.length} {found.runs.length === 1 ? 'run' : 'runs compared'}
      </h2>
      <div class="filters-row">
        <label>
          Metric
          <select value={metric} onChange={event => choose(event.currentTarget.value)}>
            {found.metrics.map(name => (
              <option key={name} value={name}>
                {metricName(described, name)}
                {name.startsWith('epoch/') && ', mean of each epoch'}
              </option>
            ))}
          </select>
        </label>
      </div>
      {waiting && (
        <p role="status" class="soft small">
          {waiting}
        </p>
      )}
      {found.sentence !== '' && <p class="verdict">{found.sentence}</p>}
      <CompareCharts found={found} />
      <h3>
        {found.settings.length > 0
          ? 'Settings that differ, and where they ended'
          : 'All settings are the same; where they ended'}
      </h3>
      <Ends found={found} />
      {found.groups.length < found.runs.length && found.groups.length > 1 && <Groups found={found} />}
    </section>
  )
}

/** Settings with several seeds: the mean of each, and a dot a seed. */
function Groups({ found }: { readonly found: LabComparison }) {
  const described = found.runs.flatMap(run => run.described)
  const values = found.runs.map(run => run.metrics[found.metric] ?? Number.NaN)
  const finite = values.filter(Number.isFinite)
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const place = (value: number) => 2 + (96 * (value - low)) / (high - low || 1)
  return (
    <>
      <h3>Over seeds</h3>
      <div class="scroll" tabindex={0} role="region" aria-label="Means over seeds">
        <table class="seeds">
          <thead>
            <tr>
              <th scope="col">setting</th>
              <th scope="col" class="figure">
                {metricName(described, found.metric)}
              </th>
              <th scope="col">a dot a seed</th>
            </tr>
          </thead>
          <tbody>
            {found.groups.map(({ label, runs, mean, half }) => (
              <tr key={label}>
                <td>{label}</td>
                <td class="figure">
                  {metricText(described, found.metric, mean)}
                  {half !== null && ` ± ${metricText(described, found.metric, half)}`}
                  <span class="soft small">
                    {runs.length} seed{runs.length === 1 ? '' : 's'}
                  </span>
                </td>
                <td>
                  <svg class="dots" viewBox="0 0 100 16" aria-hidden="true">
                    {runs.map(run => {
                      const value = values[run] ?? Number.NaN
                      return Number.isFinite(value) && <circle key={run} cx={place(value)} cy={8} r={2.5} />
                    })}
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** The colour of a run's line: of several seeds that of their mean. */
function keyOf({ runs, groups }: LabComparison, index: number): string {
  const lines = groups.length < runs.length ? groups.length : runs.length
  const line = groups.length < runs.length ? groups.findIndex(group => group.runs.includes(index)) : index
  return lines > MOST_COLOURS ? 'series-grey' : `series-${line + 1}`
}

/** Where the runs ended, and the settings that differ. */
function Ends({ found }: { readonly found: LabComparison }) {
  const ends = figuresOf(found.runs)
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Settings that differ">
      <table class="rows ends">
        <thead>
          <tr>
            <th scope="col">run</th>
            {ends.map(({ name, title }) => (
              <th key={name} scope="col" class="figure">
                {title}
              </th>
            ))}
            <th scope="col" class="figure">
              time
            </th>
            {found.settings.map(({ setting }) => (
              <th key={setting} scope="col" class="figure">
                {setting}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.runs.map((run, index) => (
            <tr key={run.name}>
              <td>
                <span class={`key ${keyOf(found, index)}`}>
                  {letter(index)}
                </span>{' '}
                <a href={`#run=${run.name}`}>{run.name}</a>
              </td>
              {ends.map(({ name, title }) => (
                <td key={name} class="figure" data-name={title}>
                  {metricText(run.described, name, run.metrics[name])}
                </td>
              ))}
              <td class="figure" data-name="time">{run.seconds === null ? '-' : `${run.seconds.toFixed(1)} s`}</td>
              {found.settings.map(({ setting, values }) => (
                <td key={setting} class="figure" data-name={setting}>
                  {shownText(values[index]) || '-'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
