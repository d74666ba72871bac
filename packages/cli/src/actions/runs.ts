// ddlf runs: what has been run, and what was removed and can be brought back.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import {
  flatMetrics,
  lengthText,
  listRuns,
  metricsOfRun,
  nameOfRun,
  removedRuns,
  restoreRun,
  runsWords,
  type RunListing,
  type RunStatus,
} from '@ddlf/lab/runs'
import { byBest, judgedNames, type Metric } from '@ddlf/lab/metric'
import { printable } from '@ddlf/lab/printable'
import { errorColours, pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatDuration, formatMetric, formatSetting, formatTable, metricOf, shownSetting } from '../terminal/format.ts'

const COLOURS: Record<RunStatus, (text: string) => string> = {
  completed: pc.green,
  running: pc.cyan,
  stopped: pc.yellow,
  interrupted: pc.yellow,
  failed: pc.red,
}

/** The options of the command. */
export interface RunsOptions {
  readonly runs: string
  readonly json?: boolean
  readonly status?: RunStatus
  readonly where: readonly string[]
  /** Only trials of this study. */
  readonly study?: string
  /** Whether trials of studies are listed; default yes. */
  readonly trials?: boolean
  readonly sort?: string
  readonly limit: number
}

/** One of `--where`: a setting and its value as text. */
function condition(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1)
    throw new UserError({
      rule: 'A condition must be written key=value.',
      received: text === '' ? 'an empty text' : text,
      next: 'For example: --where optimizer=adam',
    })
  return [text.slice(0, at), text.slice(at + 1)]
}

const noneOf = (what: string, name: string, names: readonly string[]): UserError => {
  const near = nearestName(name, names)
  return new UserError({
    rule: `None of these runs has ${what} of this name.`,
    received: name,
    next: near ? `Did you mean '${near}'?` : `Use one of: ${names.join(', ')}`,
  })
}

/** The runs that fulfil every condition. @throws UserError for a setting that no run has */
function fulfilling(runs: readonly RunListing[], conditions: readonly string[]): RunListing[] {
  const wanted = conditions.map(condition)
  const names = [...new Set(runs.flatMap(({ record }) => Object.keys(record.config)))]
  for (const [key] of wanted) if (runs.length > 0 && !names.includes(key)) throw noneOf('a setting', key, names)
  return runs.filter(({ record }) =>
    wanted.every(([key, value]) => Object.hasOwn(record.config, key) &&
      [formatSetting, shownSetting].some(write => write(record.config[key]) === value)),
  )
}

/** Without trials, or the trials of one study. @throws UserError for a study that no run is of */
function ofStudy(runs: readonly RunListing[], study: string | undefined, trials: boolean): readonly RunListing[] {
  if (study === undefined) return trials ? runs : runs.filter(({ record }) => record.study === undefined)
  const names = [...new Set(runs.flatMap(({ record }) => record.study?.name ?? []))]
  if (runs.length > 0 && names.length === 0)
    throw new UserError({
      rule: 'None of these runs is a trial of a study.',
      received: study === '' ? 'an empty text' : study,
      next: 'Leave --study out.',
    })
  if (runs.length > 0 && !names.includes(study)) throw noneOf('a study', study, names)
  return runs.filter(({ record }) => record.study?.name === study)
}

/** Runs, best first by a metric; those without it last. @throws UserError for a metric that no run has */
function sorted(runs: readonly RunListing[], metric: string): RunListing[] {
  const figures = new Map(runs.map(run => [run, new Map(Object.entries(flatMetrics(run.summary?.metrics ?? {})))]))
  const names = [...new Set([...figures.values()].flatMap(metrics => [...metrics.keys()]))]
  if (names.length > 0 && !names.includes(metric)) throw noneOf('a metric', metric, names)
  const compare = byBest(metricOf(runs.flatMap(({ record }) => metricsOfRun(record)), metric))
  return runs.toSorted((a, b) => compare(figures.get(a)?.get(metric), figures.get(b)?.get(metric)))
}

/** Columns of metrics that each run of a table brings along. */
const FIGURES = 2

/** What the runs of a table are judged by: of each the first metrics of the part that judges it. */
function figuresOf(runs: readonly RunListing[]): { readonly name: string; readonly metric: Metric }[] {
  const found = runs.flatMap(({ record, summary }) => {
    const [described, measured] = [metricsOfRun(record), flatMetrics(summary?.metrics ?? {})]
    const names = judgedNames(described, name => Object.hasOwn(measured, name)).slice(0, FIGURES)
    // Each as the run means it: other runs may call something else by this name.
    return names.map(name => [name, metricOf(described, name)] as const)
  })
  return [...new Map(found.toReversed())].reverse().map(([name, metric]) => ({ name, metric }))
}

/** How long a run was to learn: `10 epochs`, `2000 steps`; `at once` where it counted, as one step, and is done. */
function lengthOf({ record: { config }, status, summary }: RunListing): string {
  const { epochs, steps = 0 } = config
  if (typeof epochs !== 'number' || typeof steps !== 'number') return '-'
  // A training by steps takes one in each epoch at least.
  const isCounted = status === 'completed' && summary?.steps === 1 && steps !== 1 && epochs > 1
  return isCounted ? 'at once' : lengthText({ epochs, steps, evaluateEvery: steps })
}

/** The table of runs; where it is too wide, the figures leave last, and the first of them never. */
function runsTable(runs: readonly RunListing[]): string {
  const figures = figuresOf(runs)
  const isOfStudy = runs.some(({ record }) => record.study !== undefined)
  const rows = runs.map(run => {
    const { experiment, id, status, record, summary } = run
    const measured = flatMetrics(summary?.metrics ?? {})
    const show = (name: string, metric: Metric) =>
      measured[name] === undefined ? '-' : formatMetric(metric, measured[name])
    return [
      `${experiment}/${id}`,
      ...(isOfStudy ? [record.study ? `${printable(record.study.name)} ${record.study.trial}` : '-'] : []),
      COLOURS[status](status),
      ...figures.map(({ name, metric }) => show(name, metric)),
      lengthOf(run),
      summary?.seconds === undefined ? '-' : formatDuration(summary.seconds),
      record.createdAt.slice(0, 16).replace('T', ' '),
    ]
  })
  const titles = figures.map(({ metric }) => metric.title)
  const header = ['run', ...(isOfStudy ? ['study, trial'] : []), 'status', ...titles, 'length', 'time', 'started']
  const [length, time, started] = [header.length - 3, header.length - 2, header.length - 1]
  const first = header.indexOf('status') + 1
  const further = figures.slice(1).map((_, i) => first + 1 + i).reverse()
  const numbers = header.map((_, i) => i).slice(first, started)
  return formatTable(header, rows, numbers, { drop: [started, length, time, ...further] })
}

/** Does what `ddlf runs restore` is asked for. */
export function restoreAction(references: readonly string[], root: string): void {
  const removed = removedRuns(root)
  if (references.length === 0)
    console.log(removed.length === 0 ? 'The trash is empty.' : removed.map(nameOfRun).join('\n'))
  for (const reference of references) console.log(`Brought back ${nameOfRun(restoreRun(root, reference))}.`)
}

/** Does what `ddlf runs` is asked for. */
export async function runsAction(
  experiment: string | undefined,
  { runs: root, json = false, status, where, sort, study, trials = true, limit }: RunsOptions,
): Promise<void> {
  const needsAll = where.length > 0 || sort !== undefined || study !== undefined || !trials
  const { runs, problems } = listRuns({
    root,
    summaries: true,
    ...(experiment !== undefined && { experiment }),
    ...(status && { status }),
    ...(!needsAll && { limit: limit }),
  })
  if (experiment !== undefined && runs.length === 0 && problems.length === 0) {
    // Only a name that no run has needs the course.
    const [{ experiments }, { findExperiment }] = await Promise.all([import('../experiments.ts'), import('@ddlf/lab')])
    findExperiment(experiments, experiment)
  }
  const fulfilled = fulfilling(ofStudy(runs, study, trials), where)
  const chosen = sort === undefined ? fulfilled : sorted(fulfilled, sort)
  const shown = chosen.slice(0, limit)
  if (json) {
    console.log(
      JSON.stringify(
        shown.map(({ folder, status: now, record, summary }) => ({ ...record, folder, status: now, summary })),
        null,
        2,
      ),
    )
    return
  }
  for (const { folder, error } of problems)
    console.error(errorColours.yellow(`${folder} is left out: ${error.message}`))
  if (shown.length === 0) {
    console.log(
      runs.length > 0 || experiment !== undefined || status !== undefined
        ? `No run fits. All runs:\n  ${suggest('runs', ...runsWords(root))}`
        : `No runs here yet. Make the first one:\n  ${suggest('train', 'mlp-on-mnist', ...runsWords(root))}`,
    )
    return
  }
  console.log(runsTable(shown))
  if (trials && study === undefined && shown.some(({ record }) => record.study !== undefined))
    console.log(pc.dim('Trials of studies are among them: leave them out with --no-trials.'))
  if (chosen.length > shown.length || (!needsAll && runs.length === limit)) console.log(pc.dim('More with --limit.'))
}
