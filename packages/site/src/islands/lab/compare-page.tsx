// Several runs over one another: the curves of a metric, the settings in which they differ, where they ended.
import { useEffect, useState } from 'preact/hooks'
import { Chart } from '../live-curves.tsx'
import { ask, metricText, settingText, type Comparison } from './api.ts'

export function ComparePage({ names }: { readonly names: readonly string[] }) {
  const [metric, setMetric] = useState('test/error')
  const [found, setFound] = useState<Comparison>()
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    const query = new URLSearchParams([['metric', metric], ...names.map(name => ['run', name])])
    ask<Comparison>(`/compare?${query.toString()}`).then(setFound, (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)))
  }, [metric, names.join()])
  if (!found) return <p role="status">{trouble || 'Loading ...'}</p>
  const label = (index: number) => {
    const differing = found.settings.map(({ setting, values }) => `${setting} ${settingText(values[index])}`).join(', ')
    return `${String.fromCharCode(65 + index)}${differing ? `: ${differing}` : ''}`
  }
  const series = found.runs.map((_, index) => ({
    name: label(index).slice(0, 44), className: `s${index % 10}`,
    points: (found.series[index]?.epoch ?? []).flatMap((epoch, at): [number, number][] => {
      const value = found.series[index]?.value[at]
      return value === null || value === undefined ? [] : [[epoch, value]]
    }),
  }))
  const isLoss = /loss$/.test(metric)
  return (
    <section aria-label="Comparison">
      <h2>{found.runs.length} runs compared</h2>
      <div class="filters-row"><label>Metric<select value={metric} onChange={event => setMetric(event.currentTarget.value)}>{found.metrics.map(name => <option key={name}>{name}</option>)}</select></label></div>
      <div class="trainer wide-chart"><Chart height={260} title={metric} series={series} log={isLoss} unit={value => metricText(metric, value)} /></div>
      <h3>Settings that differ, and where they ended</h3>
      <div class="scroll" tabindex={0} role="region" aria-label="Settings that differ">
        <table>
          <thead><tr><th scope="col">run</th>{found.settings.map(({ setting }) => <th key={setting} scope="col" class="figure">{setting}</th>)}<th scope="col" class="figure">test error</th><th scope="col" class="figure">test loss</th><th scope="col" class="figure">time</th></tr></thead>
          <tbody>
            {found.runs.map((run, index) => (
              <tr key={run.name}>
                <td><span class={`key s${index % 10}`}>{String.fromCharCode(65 + index)}</span> <a href={`#run=${run.name}`}>{run.name}</a></td>
                {found.settings.map(({ setting, values }) => <td key={setting} class="figure">{settingText(values[index])}</td>)}
                <td class="figure">{metricText('error', run.metrics['test/error'])}</td>
                <td class="figure">{metricText('loss', run.metrics['test/loss'])}</td>
                <td class="figure">{run.seconds === null ? '-' : `${run.seconds.toFixed(1)} s`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
