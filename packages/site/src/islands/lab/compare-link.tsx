// The way from a finished run to its comparison with another of its experiment.
import { useEffect, useState } from 'preact/hooks'
import type { RunRow, RunsFound } from '@ddlf/lab/server'
import { ask } from './api.ts'
import { titleOf } from './run-words.ts'

const LONGEST = 40
const short = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/** Leads to the comparison with the newest other run that came to its end; nothing where there is none. */
export function CompareLink({ name }: { readonly name: string }) {
  const [other, setOther] = useState<RunRow>()
  useEffect(() => {
    let alive = true
    const [experiment = ''] = name.split('/')
    const query = new URLSearchParams({ experiment, status: 'finished', trials: 'hide', soon: '1', limit: '2' })
    ask<RunsFound>(`/runs?${query.toString()}`).then(
      ({ runs }) => alive && setOther(runs.find(run => run.name !== name)),
      // Without the list there is the run alone.
      () => alive && setOther(undefined),
    )
    return () => {
      alive = false
    }
  }, [name])
  if (!other) return null
  return (
    <a class="button" href={`#compare=${other.name},${name}`}>
      Compare with: {short(titleOf(other))}
    </a>
  )
}
