// The rows of a long list, part by part: those that are looked at are asked for, and again while somebody looks.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RunRow, RunsFound, RunSpark } from '@ddlf/lab/server'
import { ask, wordsOf } from './api.ts'

/** Rows that are asked for at once. */
const PART = 100
/** Rows beyond the window that are asked for with it. */
const AHEAD = 40
/** Milliseconds between two looks at a list that changes, and while its records are still being read. */
const AGAIN = 2000
const READING = 500
/** Milliseconds that rows stay in the window before they are asked for: those that only scroll by are not. */
const STAYS = 80

/** What the list is narrowed to and sorted by; empty texts narrow nothing. */
export type RunFilter = Readonly<Record<string, string>>

export interface HeldRuns {
  /** Rows and runs in all; undefined before the first answer. */
  readonly total: number | undefined
  readonly count: number
  readonly row: (index: number) => RunRow | undefined
  /** How many records of very many have been read so far; undefined when all have. */
  readonly reading: RunsFound['reading']
  readonly trouble: string
}

/** @param range first and last row that are looked at */
export function useRuns(filter: RunFilter, [first, last]: readonly [number, number]): HeldRuns {
  const [, draw] = useState(0)
  const held = useRef({ parts: new Map<number, RunsFound>(), of: filter, trouble: '' })
  const partOf = (row: number) => Math.floor(Math.max(0, row) / PART)
  const [from, to] = [partOf(first - AHEAD), partOf(Math.max(first, last) + AHEAD)]
  useEffect(() => {
    let alive = true
    if (held.current.of !== filter) held.current = { parts: new Map(), of: filter, trouble: '' }
    const given = Object.entries(filter).filter(([, value]) => value !== '')
    const query = new URLSearchParams({
      ...Object.fromEntries(given), fold: '1', soon: '1',
      offset: String(from * PART), limit: String((to - from + 1) * PART),
    })
    let timer: ReturnType<typeof setTimeout>
    // A lab that is slow to answer is not asked again before it has.
    const look = async () => {
      if (!document.hidden) {
        try {
          const found = await ask<RunsFound>(`/runs?${query.toString()}`)
          if (!alive) return
          for (let part = from; part <= to; part++) {
            const runs = found.runs.slice((part - from) * PART, (part - from + 1) * PART)
            held.current.parts.set(part, { ...found, runs })
          }
          held.current.trouble = ''
        } catch (error) {
          // Of another list by now: its trouble is not this one's.
          if (alive) held.current.trouble = wordsOf(error)
        }
        if (!alive) return
        draw(count => count + 1)
      }
      timer = setTimeout(() => void look(), held.current.parts.get(from)?.reading ? READING : AGAIN)
    }
    timer = setTimeout(() => void look(), held.current.parts.size === 0 ? 0 : STAYS)
    return () => {
      alive = false
      clearTimeout(timer)
    }
  }, [filter, from, to])
  const { parts, trouble, of } = held.current
  const known = of === filter ? (parts.get(from) ?? [...parts.values()].at(-1)) : undefined
  return {
    total: known?.total,
    count: known?.count ?? 0,
    reading: known?.reading,
    row: index => (of === filter ? parts.get(Math.floor(index / PART))?.runs[index % PART] : undefined),
    trouble,
  }
}

const kept = new Map<string, Promise<RunSpark>>()
const MOST_KEPT = 2000

/** The small curve of a run: kept of one that has ended, asked for again of one that runs. */
export function useSpark(name: string, isRunning: boolean): RunSpark | undefined {
  const [spark, setSpark] = useState<RunSpark>()
  useEffect(() => {
    let alive = true
    const load = () => {
      const known = isRunning ? undefined : kept.get(name)
      const found = known ?? ask<RunSpark>(`/runs/${name}/spark`)
      if (!isRunning) kept.set(name, found)
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
      found.then(
        answer => alive && setSpark(answer),
        // A log that cannot be read has no curve; its run's page says why.
        () => kept.delete(name),
      )
    }
    // A row that only scrolls by asks for nothing.
    const soon = setTimeout(load, 120)
    const again = isRunning ? setInterval(load, AGAIN) : undefined
    return () => {
      alive = false
      clearTimeout(soon)
      clearInterval(again)
    }
  }, [name, isRunning])
  return spark
}
