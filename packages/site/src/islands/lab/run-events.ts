// What the lab tells of a run as it happens: taken up again where it ended when the page comes back to the front.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Measurement } from '../../workers/messages.ts'
import { apiBase } from './api.ts'

/** How a run stands. */
export interface RunState {
  readonly status: string
  readonly stoppable: boolean
}

/** What is known of a run that is followed. */
export interface FollowedRun {
  readonly measurements: readonly Measurement[]
  readonly state: RunState | undefined
  /** How far its long log has been read. */
  readonly reading: { readonly bytes: number; readonly size: number } | undefined
  readonly trouble: string
}

type Row = readonly [step: number, epoch: number, name: string, value: number | null]

const MOST_KEPT = 20_000

/**
 * Whether measurements are fetched anew, as the lab thins them to what a screen can show: where there are very many,
 * and at least twice as many as the last time. Of a run with many metrics very many are left when they are thinned.
 */
export const isGrown = (count: number, thinned: number): boolean => count > MOST_KEPT && count >= 2 * thinned

const REFUSED = 'The lab does not follow this run just now: too many pages may be open. Close some and reload.'

const measurement = ([step, epoch, name, value]: Row): Measurement => ({
  step,
  epoch,
  name,
  value: value ?? Number.NaN,
})

/** Follows a run while the page is seen. */
export function useRunEvents(name: string): FollowedRun {
  const [measurements, setMeasurements] = useState<readonly Measurement[]>([])
  const [state, setState] = useState<RunState>()
  const [reading, setReading] = useState<FollowedRun['reading']>()
  const [trouble, setTrouble] = useState('')
  /** Where the measurements end. */
  const cursor = useRef('')
  const count = useRef({ now: 0, thinned: 0 })
  useEffect(() => {
    let events: EventSource | undefined
    const hear = ({ data, lastEventId }: MessageEvent<string>) => {
      const { restarted, metrics } = JSON.parse(data) as {
        readonly restarted: boolean
        readonly metrics: readonly Row[]
      }
      const rows = metrics.map(measurement)
      cursor.current = lastEventId
      const { now, thinned } = count.current
      count.current = restarted
        ? { now: rows.length, thinned: rows.length }
        : { now: now + rows.length, thinned }
      setReading(undefined)
      setTrouble('')
      setMeasurements(before => (restarted ? rows : [...before, ...rows]))
      if (!restarted && isGrown(count.current.now, count.current.thinned)) {
        cursor.current = ''
        watch()
      }
    }
    const on = (kind: string, listener: (data: unknown) => void) =>
      events?.addEventListener(kind, ({ data }: MessageEvent<string>) => listener(JSON.parse(data)))
    const watch = () => {
      // A browser holds few connections to one host: pages that nobody looks at give theirs back.
      events?.close()
      events = document.hidden
        ? undefined
        : new EventSource(`${apiBase()}/runs/${name}/events?cursor=${cursor.current}`)
      events?.addEventListener('metrics', hear)
      on('status', data => setState(data as RunState))
      on('reading', data => setReading(data as FollowedRun['reading']))
      on('trouble', data => setTrouble((data as { readonly error: string }).error))
      events?.addEventListener('error', ({ currentTarget }) => {
        // A line that broke is taken up again by the browser; a refusal is not: the lab says why.
        if ((currentTarget as EventSource).readyState === EventSource.CLOSED) setTrouble(REFUSED)
      })
    }
    watch()
    document.addEventListener('visibilitychange', watch)
    return () => {
      document.removeEventListener('visibilitychange', watch)
      events?.close()
    }
  }, [name])
  return { measurements, state, reading, trouble }
}
