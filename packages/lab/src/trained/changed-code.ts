// Runs of one setting and one seed between which the code was changed: it is the code that sets them apart.
import { stringifyExact } from '../runs/exact-json.ts'
import type { RunRecord } from '../runs/run-record.ts'

/** A run as far as its code is looked at. */
export type CodedRecord = Pick<RunRecord, 'seed' | 'attempts'>

/** The code that a run ran last, as short as git writes a commit; undefined where its record does not say. */
export const codeOf = ({ attempts }: CodedRecord): string | undefined => attempts.at(-1)?.code?.slice(0, 7)

/**
 * Whether the code sets runs of one setting apart: some seed was run with two codes. What was edited between different
 * seeds does not part them, for a course's file holds other experiments too.
 */
export function isCodeApart(runs: readonly CodedRecord[]): boolean {
  const bySeed = new Map<number, string>()
  return runs.some(run => {
    const code = codeOf(run)
    const before = bySeed.get(run.seed)
    if (code !== undefined) bySeed.set(run.seed, code)
    return code !== undefined && before !== undefined && before !== code
  })
}

/** By which code each run is told apart from others; undefined where its settings and its seed do that. */
export function codesApart(
  runs: readonly (CodedRecord & Pick<RunRecord, 'experiment' | 'config'>)[],
  aside: readonly string[],
): (string | undefined)[] {
  const keys = runs.map(({ experiment, config }) => {
    const rest = Object.entries(config).filter(([name]) => !aside.includes(name))
    return stringifyExact([experiment, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))])
  })
  const isApart = new Map(
    [...new Set(keys)].map(key => [key, isCodeApart(runs.filter((_, at) => keys[at] === key))] as const),
  )
  return runs.map((run, at) => (isApart.get(keys[at] ?? '') ? codeOf(run) : undefined))
}
