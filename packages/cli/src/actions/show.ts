// ddlf show <run or experiment>: settings, results and curves of a run; question and settings of an experiment.
import { relative } from 'node:path'
import {
  checkpointNames,
  currentStatus,
  flatMetrics,
  metricNames,
  metricSeries,
  metricsOfRun,
  openRun,
  readRunCurves,
  readRunRecord,
  readRunSummary,
  runPaths,
  runsWords,
  sparkline,
  type RunSummary,
} from '@ddlf/lab/runs'
import type { Metric } from '@ddlf/lab/metric'
import { pc } from '../terminal/colour.ts'
import { asCalled, suggest } from '../terminal/command-line.ts'
import {
  formatDuration,
  formatMetric,
  formatNumber,
  formatTable,
  metricOf,
  shownSetting,
  terminalWidth,
  wrapText,
} from '../terminal/format.ts'

/** The figures of the last epoch beside those of the best. */
function showResults({ metrics, best, chosenBy }: RunSummary, described: readonly Metric[]): void {
  const [last, ofBest] = [flatMetrics(metrics), flatMetrics(best?.metrics ?? {})]
  if (Object.keys(last).length === 0) return
  console.log(`\n${pc.bold('Results')}`)
  const show = (name: string, value: number | undefined) =>
    value === undefined ? '-' : formatMetric(metricOf(described, name), value)
  const rows = Object.entries(last).map(([name, value]) => [name, show(name, value), show(name, ofBest[name])])
  const header = ['metric', 'last epoch', best ? `best epoch (${best.epoch}, by ${chosenBy})` : 'best']
  console.log(formatTable(header, rows, [1, 2]))
}

/** The commit of a run, and whether the tree differed from it. */
function commitText({ git }: ReturnType<typeof readRunRecord>): string {
  if (!git) return 'no git'
  return `commit ${git.commit.slice(0, 10)}${git.dirty ? ' with changes' : ''}`
}

type Recorded = ReturnType<typeof readRunRecord>

/** The settings that are not the experiment's own; undefined where nobody knows. */
async function chosenOf({ config, chosen, experiment: name }: Recorded): Promise<readonly string[] | undefined> {
  if (chosen) return chosen
  // A record of an older version: today's experiment knows.
  const [{ experiments }, { chosenSettings }] = await Promise.all([import('../course.ts'), import('@ddlf/lab')])
  const experiment = experiments.find(one => one.name === name)
  return experiment && Object.keys(chosenSettings(config, experiment))
}

/** The settings, those that were chosen for the run first and marked. */
function showSettings({ config }: Recorded, chosen: readonly string[] | undefined): void {
  const isChosen = (name: string) => chosen?.includes(name) === true
  const names = Object.keys(config)
  const sorted = [...names.filter(isChosen), ...names.filter(name => !isChosen(name))]
  const legend = chosen === undefined
    ? ''
    : chosen.length > 0 ? "  * differs from the experiment's own" : "  all are the experiment's own"
  console.log(`\n${pc.bold('Settings')}${pc.dim(legend)}`)
  console.log(formatTable(['setting', 'value'], sorted.map(name => {
    const value = shownSetting(config[name])
    return isChosen(name) ? [pc.bold(`${name} *`), pc.bold(value)] : [name, value]
  })))
}

async function showRun(root: string, reference: string, json: boolean): Promise<void> {
  const run = openRun(root, reference)
  const record = readRunRecord(run)
  const summary = readRunSummary(run)
  const metrics = readRunCurves(run)
  const status = currentStatus(run, record)
  if (json) {
    console.log(JSON.stringify({ folder: run.folder, ...record, status, summary, metrics }, null, 2))
    return
  }
  const { seconds, advice } = summary ?? {}
  console.log(
    `${pc.bold(`${run.experiment}/${run.id}`)}  ${status}` +
      (seconds === undefined ? '' : `, trained for ${formatDuration(seconds)}`),
  )
  console.log(
    wrapText(
      pc.dim(
        `started ${record.createdAt}, ` +
        `seed ${record.seed}, ${commitText(record)}, ${record.machine?.cpu ?? 'unknown machine'}`,
      ),
    ),
  )
  if (record.attempts.length > 1 || status !== 'completed') {
    for (const attempt of record.attempts) {
      console.log(pc.dim(`attempt ${attempt.number} from step ${attempt.fromStep}: ${attempt.reason ?? status}`))
      if (attempt.changed) console.log(pc.yellow(`  changed since the checkpoint: ${attempt.changed.join('; ')}`))
    }
  }
  showSettings(record, await chosenOf(record))
  if (summary) showResults(summary, metricsOfRun(record))
  if (advice !== undefined) console.log(`\n${pc.yellow(asCalled(advice))}`)
  if (metrics.length > 0) {
    console.log(`\n${pc.bold('Curves')}`)
    console.log(formatTable(['metric', 'from', 'to', ''], metricNames(metrics).map(name => {
      const { value: values } = metricSeries(metrics, name)
      return [
        name,
        formatNumber(values[0] ?? Number.NaN),
        formatNumber(values.at(-1) ?? Number.NaN),
        sparkline(values, { width: Math.max(8, Math.min(40, terminalWidth() - 42)) }),
      ]
    }), [1, 2]))
  }
  const { checkpoints } = runPaths(run)
  console.log(
    `\n${pc.bold('Files')}  ${relative('', run.folder) || '.'}\n` +
      `checkpoints: ${checkpointNames(checkpoints).join(', ') || 'none yet'}`,
  )
  if (status === 'stopped' || status === 'interrupted' || status === 'failed')
    console.log(`\nGo on with: ${suggest('resume', `${run.experiment}/${run.id}`, ...runsWords(root))}`)
}

/** Whether a name can only be that of a run: the course need not be asked for it. */
export const namesRun = (name: string) => name === 'latest' || /^\d|\//.test(name)

/** Does what `ddlf show` is asked for. */
export async function showAction(
  name: string,
  { runs, json = false }: { runs: string; json?: boolean },
): Promise<void> {
  if (/\.[cm]?[jt]s$/.test(name)) {
    const { experimentNamed } = await import('../experiments.ts')
    ;(await import('./show-experiment.ts')).showExperiment((await experimentNamed(name)).experiment, json)
    return
  }
  if (!namesRun(name)) {
    const own = Boolean(process.env['DDLF_EXPERIMENTS'])
    // The course alone is loaded sooner.
    const { experiments } = own ? await import('../experiments.ts') : await import('../course.ts')
    const experiment = experiments.find(one => one.name === name)
    if (experiment) {
      ;(await import('./show-experiment.ts')).showExperiment(experiment, json)
      return
    }
  }
  await showRun(runs, name, json)
}
