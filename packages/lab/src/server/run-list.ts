// The runs as a list shows them: filtered, sorted, part by part; runs that differ in nothing but the seed are one row.
import { z } from 'zod'
import type { Experiment } from '../experiment/experiment.ts'
import { byBest, judgedNames, metricOf } from '../experiment/metric.ts'
import { mean } from '../analysis/statistics/descriptive.ts'
import { chosenSettings } from '../experiment/chosen-settings.ts'
import { stringifyExact } from '../runs/exact-json.ts'
import { flatMetrics, measuredAs, metricsOfRun, type RunListing, type RunSummary } from '../runs/node.ts'
import { valuesBySeed } from '../analysis/statistics/by-seed.ts'
import { studentInterval } from '../analysis/statistics/student-interval.ts'
import { codeOf, isCodeApart } from '../trained/changed-code.ts'
import { isFinished } from '../trained/run-groups.ts'
import type { IndexedRun, RunIndex } from './run-index.ts'
import { runOutcome } from './run-outcome.ts'

const querySchema = z.object({
  experiment: z.string().max(200).optional(),
  status: z.string().max(20).optional(),
  /** Whether trials of studies are listed: all runs where it is left out. */
  trials: z.enum(['hide', 'only']).optional(),
  tag: z.string().max(60).optional(),
  text: z.string().max(200).optional(),
  sort: z.string().max(60).default('newest'),
  /** `1`: seeds of one setting are one row. */
  fold: z.enum(['0', '1']).default('0'),
  /** `1`: of very many runs, those whose records are read so far. */
  soon: z.enum(['0', '1']).default('0'),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** Numbers by `<split>/<name>`, null for one that is not finite, as runs of earlier versions keep it. */
const finiteMetrics = (metrics: RunSummary['metrics'] = {}): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(flatMetrics(metrics)).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  )

/** Of what experiments the settings that a run was given are known. */
export type KnownExperiments = ReadonlyMap<string, Experiment>

/** The settings that were chosen for a run, without the seed. */
export function givenOf({ experiment: name, record }: RunListing, known: KnownExperiments): Record<string, unknown> {
  const given = chosenSettings(record.config, known.get(name), record.chosen)
  return Object.fromEntries(Object.entries(given).filter(([setting]) => setting !== 'seed'))
}

/** A run as the list shows it. */
export const runLine = (run: IndexedRun) => ({
  name: `${run.experiment}/${run.id}`,
  experiment: run.experiment,
  id: run.id,
  status: run.status,
  outcome: runOutcome(run),
  notes: run.notes,
  createdAt: run.record.createdAt,
  seed: run.record.seed,
  config: run.record.config,
  /** The study whose trial it is. */
  study: run.record.study ? { name: run.record.study.name, trial: run.record.study.trial } : null,
  /** What the metrics mean, the one to show first. */
  described: metricsOfRun(run.record),
  metrics: finiteMetrics(run.summary?.metrics),
  seconds: run.summary?.seconds ?? null,
  /** What to try, where the run learned nothing. */
  advice: run.summary?.advice ?? null,
})

/** A line of the list. */
export type RunLine = ReturnType<typeof runLine>

/** A row of the list: a run, or the seeds of one setting. */
export interface RunRow extends RunLine {
  /** The settings that were chosen for it. */
  readonly given: Readonly<Record<string, unknown>>
  /** Its code, where that sets the row apart from another of the same settings. */
  readonly code?: string
  /** The runs that are one row, the newest first; the line is the first one's. */
  readonly members: readonly Pick<RunLine, 'name' | 'id' | 'seed' | 'outcome' | 'metrics'>[]
  /** Over several finished seeds, by metric: the mean and half of its 95 % interval. */
  readonly spread: Readonly<Record<string, { readonly mean: number; readonly half: number }>>
}

/** What runs that are one row have in common. */
const settingKeys = new WeakMap<object, string>()
function settingKey({ experiment, record }: RunListing): string {
  const kept = settingKeys.get(record)
  if (kept !== undefined) return kept
  const rest = Object.entries(record.config).filter(([name]) => name !== 'seed')
  const key = `${experiment} ${stringifyExact(Object.fromEntries(rest.sort(([a], [b]) => (a < b ? -1 : 1))))}`
  settingKeys.set(record, key)
  return key
}

/** Runs by what they have in common, in the order of the first of each; the folders of those that code sets apart. */
function folded(runs: readonly IndexedRun[]): { readonly rows: IndexedRun[][]; readonly coded: ReadonlySet<string> } {
  const rows = rowsBy(runs, settingKey)
  const coded = new Set(
    rows.filter(row => isCodeApart(row.map(({ record }) => record))).flatMap(row => row.map(({ folder }) => folder)),
  )
  if (coded.size === 0) return { rows, coded }
  const codeIn = (run: IndexedRun) => (coded.has(run.folder) ? codeOf(run.record) : undefined)
  return { rows: rowsBy(runs, run => `${settingKey(run)} ${codeIn(run) ?? ''}`), coded }
}

function rowsBy(runs: readonly IndexedRun[], keyOfRun: (run: IndexedRun) => string): IndexedRun[][] {
  const rows = new Map<string, IndexedRun[]>()
  for (const run of runs) {
    const key = keyOfRun(run)
    const row = rows.get(key)
    if (row) row.push(run)
    else rows.set(key, [run])
  }
  return [...rows.values()]
}

/** What the seeds of a row reached by some metric, each once, of the runs that have finished. */
function reached(runs: readonly IndexedRun[], name: string): number[] {
  const metrics = runs.filter(isFinished).flatMap(({ record: { seed }, summary }) => {
    const measured = flatMetrics(summary?.metrics ?? {})
    return Object.keys(measured).length > 0 ? [{ seed, value: measuredAs(summary?.metrics, name) ?? Number.NaN }] : []
  })
  return [...valuesBySeed(metrics, ({ value }) => value).values()]
}

function spreadOf(runs: readonly IndexedRun[]): RunRow['spread'] {
  const measured = runs.filter(isFinished).map(({ summary }) => flatMetrics(summary?.metrics ?? {}))
  const names = new Set(measured.flatMap(metrics => Object.keys(metrics)))
  return Object.fromEntries(
    [...names].flatMap(name => {
      const interval = studentInterval(reached(runs, name))
      return interval ? [[name, { mean: interval.estimate, half: interval.high - interval.estimate }] as const] : []
    }),
  )
}

function rowOf(
  members: readonly IndexedRun[], known: KnownExperiments, coded: ReadonlySet<string> = new Set(),
): RunRow[] {
  const [first] = members
  if (!first) return []
  const code = coded.has(first.folder) ? codeOf(first.record) : undefined
  return [
    {
      ...runLine(first),
      given: givenOf(first, known),
      ...(code !== undefined && { code }),
      members: members.map(member => {
        const { name, id, seed, outcome, metrics } = runLine(member)
        return { name, id, seed, outcome, metrics }
      }),
      spread: members.length > 1 ? spreadOf(members) : {},
    },
  ]
}

/** What can be searched of records, each written once: letters are asked for one after the other. */
const recordTexts = new WeakMap<object, string>()
function recordText(name: string, record: IndexedRun['record']): string {
  const kept = recordTexts.get(record)
  if (kept !== undefined) return kept
  const text = `${name} ${record.study?.name ?? ''} ${JSON.stringify(record.config)}`.toLowerCase()
  recordTexts.set(record, text)
  return text
}

/** Whether a run holds a text: in its name, its settings, or what is written beside it. */
const holds = ({ experiment, id, record, notes }: IndexedRun, text: string): boolean =>
  recordText(`${experiment}/${id}`, record).includes(text.toLowerCase()) ||
  Object.values(notes).join(' ').toLowerCase().includes(text.toLowerCase())

/** One part of the list. */
export interface RunsFound {
  /** Rows in all. */
  readonly total: number
  /** Runs in all. */
  readonly count: number
  readonly runs: readonly RunRow[]
  /** Set while the records of very many runs are still being read: how many were, and of how many. */
  readonly reading?: { readonly read: number; readonly of: number }
}

/** A value to sort rows by: of several seeds their mean, as the row shows it. */
function keyOf(row: readonly IndexedRun[], sort: string): number | null | undefined {
  const finite = reached(row, sort).filter(Number.isFinite)
  if (finite.length > 0) return mean(finite)
  const measured = finiteMetrics(row[0]?.summary?.metrics)
  return Object.hasOwn(measured, sort) ? measured[sort] : undefined
}

/** Runs that are looked through before others are answered. */
const LOOKED_AT = 250

/** The runs that fit; others are answered in between. */
async function filteredInTurns(
  runs: readonly IndexedRun[], fits: (run: IndexedRun) => boolean,
): Promise<IndexedRun[]> {
  const found: IndexedRun[] = []
  for (let from = 0; from < runs.length; from += LOOKED_AT) {
    found.push(...runs.slice(from, from + LOOKED_AT).filter(fits))
    await new Promise(resolve => setImmediate(resolve))
  }
  return found
}

/** One part of the list. @throws ZodError for a query out of range */
export async function listInLab(
  index: RunIndex,
  query: Readonly<Record<string, string>>,
  known: KnownExperiments = new Map(),
): Promise<RunsFound> {
  const { experiment, status, trials, text, tag, sort, fold, soon, offset, limit } = querySchema.parse(query)
  const places = index.places(experiment)
  // Without seeds folded, the newest of all are known by their names: only their records are read.
  if (status === undefined && trials === undefined && !text && !tag && sort === 'newest' && fold === '0') {
    const page = index.list(places.slice(offset, offset + limit))
    return { total: places.length, count: places.length, runs: page.flatMap(run => rowOf([run], known)) }
  }
  const read = soon === '1' ? index.readSoFar(places) : places
  const all = await index.listMany(read)
  const runs = await filteredInTurns(
    all,
    run =>
      (status === undefined || run.status === status || runOutcome(run) === status) &&
      (trials === undefined || (run.record.study !== undefined) === (trials === 'only')) &&
      (!tag || run.notes.tags.includes(tag)) &&
      (!text || holds(run, text)),
  )
  const apart = { rows: runs.map(run => [run]), coded: new Set<string>() }
  const { rows: found, coded } = fold === '1' ? folded(runs) : apart
  let rows = found
  if (sort !== 'newest') {
    const described = runs.flatMap(({ record }) => metricsOfRun(record))
    const compare = byBest(metricOf(described, sort))
    rows = rows
      .map(row => ({ row, key: keyOf(row, sort) }))
      .sort((a, b) => compare(a.key, b.key))
      .map(({ row }) => row)
  }
  return {
    total: rows.length,
    count: runs.length,
    runs: renewed(index, rows.slice(offset, offset + limit)).flatMap(row => rowOf(row, known, coded)),
    ...(read.length < places.length && { reading: { read: read.length, of: places.length } }),
  }
}

/** Runs of rows that are looked at again before they are shown. */
const MOST_RENEWED = 500

/** Rows that somebody looks at, as their runs stand now. */
function renewed(index: RunIndex, rows: readonly (readonly IndexedRun[])[]): readonly (readonly IndexedRun[])[] {
  const now = new Map(index.list(rows.flat().slice(0, MOST_RENEWED)).map(run => [run.folder, run]))
  return rows.map(row => row.map(run => now.get(run.folder) ?? run))
}

/** What a run is judged by first, for a curve as small as a word: names as they may have been logged, best first. */
export function sparkNames(run: RunListing): string[] {
  const described = metricsOfRun(run.record)
  const measured = judgedNames(described, name => measuredAs(run.summary?.metrics, name) !== undefined)
  const first = described.slice(0, 1)
  const parts = ['test', 'validation', 'train'].flatMap(part => first.map(({ name }) => `${part}/${name}`))
  return [...new Set([...measured.slice(0, 1), ...parts, 'train/loss'])]
}
