// The rows of a long list, part by part: those that are looked at are asked for, and again while somebody looks.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RunRow, RunsFound, RunSpark } from '@ddlf/lab/server'
import { ask, wordsOf } from './api.ts'

/** Rows that are asked for at once. */
const PART = 100
/** Milliseconds between two looks at a list that changes. */
const AGAIN = 2000

/** What the list is narrowed to and sorted by; empty texts narrow nothing. */
export type RunFilter = Readonly<Record<string, string>>

export interface HeldRuns {
  /** Rows and runs in all; undefined before the first answer. */
  readonly total: number | undefined
  readonly count: number
  readonly row: (index: number) => RunRow | undefined
  readonly trouble: string
}

/** @param range first and last row that are looked at */
export function useRuns(filter: RunFilter, [first, last]: readonly [number, number]): HeldRuns {
  const [, draw] = useState(0)
  const held = useRef({ parts: new Map<number, RunsFound>(), of: filter, trouble: '' })
  const [from, to] = [Math.floor(first / PART), Math.floor(Math.max(first, last) / PART)]
  useEffect(() => {
    let alive = true
    if (held.current.of !== filter) held.current = { parts: new Map(), of: filter, trouble: '' }
    // A lab that is slow to answer is not asked again before it has.
    const asking = new Set<number>()
    const load = (part: number) => {
      if (asking.has(part)) return
      asking.add(part)
      const given = Object.entries(filter).filter(([, value]) => value !== '')
      const query = new URLSearchParams({
        ...Object.fromEntries(given), fold: '1', offset: String(part * PART), limit: String(PART),
      })
      const answer = ask<RunsFound>(`/runs?${query.toString()}`).finally(() => asking.delete(part))
      answer.then(
        found => {
          if (!alive) return
          held.current.parts.set(part, found)
          held.current.trouble = ''
          draw(count => count + 1)
        },
        (error: unknown) => {
          held.current.trouble = wordsOf(error)
          if (alive) draw(count => count + 1)
        },
      )
    }
    const look = () => {
      if (document.hidden) return
      for (let part = from; part <= to; part++) load(part)
    }
    look()
    const again = setInterval(look, AGAIN)
    return () => {
      alive = false
      clearInterval(again)
    }
  }, [filter, from, to])
  const { parts, trouble, of } = held.current
  const known = of === filter ? (parts.get(from) ?? [...parts.values()].at(-1)) : undefined
  return {
    total: known?.total,
    count: known?.count ?? 0,
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
