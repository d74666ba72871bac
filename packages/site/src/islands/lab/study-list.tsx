// The list of studies.
import { useEffect, useState } from 'preact/hooks'
import type { Metric } from '@ddlf/lab/metric'
import type { ExperimentForm, StudyLine } from '@ddlf/lab/server'
import { ask, metricText, wordsOf } from './api.ts'
import { StartStudy } from './start-study.tsx'

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
                    <a href={`#study=${encodeURIComponent(study.name)}`}>{study.name}</a>
                  </td>
                  <td>{study.unreadable ?? countsOf(study)}</td>
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
