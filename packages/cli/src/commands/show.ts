// ddlf show <run or experiment>: settings, results and curves of a run, or the question and the settings of an experiment.
import { experiments } from '@ddlf/course'
import { findExperiment, metricNames, metricSeries, sparkline, type Experiment } from '@ddlf/lab'
import { checkpointNames, currentStatus, openRun, readRunCurves, readRunRecord, readRunSummary, readSummary, runPaths, runsWords } from '@ddlf/lab/node'
import { Command } from 'commander'
import { relative } from 'node:path'
import { pc } from '../terminal/colour.ts'
import { z } from 'zod'
import { asCalled, suggest } from '../terminal/command-line.ts'
import { formatDuration, formatMetric, formatNumber, formatPercent, formatSetting, formatTable, terminalWidth, wrapText } from '../terminal/format.ts'
import { jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf show mlp-on-mnist                        the experiment: question, settings, published results
  $ ddlf show mlp-on-mnist/20270131-120000-k3f9   one run
`

/** What a setting means: a new default hides the description of the field it wraps. */
const descriptionOf = (field: z.ZodType): string =>
  field.description ?? ('unwrap' in field && typeof field.unwrap === 'function' ? descriptionOf((field as z.ZodDefault<z.ZodType>).unwrap()) : '')

/** What a JSON schema allows, in a few words: `0 to below 1`, `at least 1`, `sgd, adam`. */
function allowed({ enum: words, anyOf, type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Allowed): string {
  if (words) return words.map(formatSetting).join(', ')
  if (anyOf) return anyOf.map(one => ('const' in one ? formatSetting(one.const) : allowed(one))).join(', ')
  if (type === 'boolean') return 'true, false'
  // Zod bounds whole numbers by what a double can count.
  const bound = (value: number | undefined) => (value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value)
  const low = bound(minimum) ?? (exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`)
  const high = bound(maximum) ?? (exclusiveMaximum === undefined ? undefined : `below ${exclusiveMaximum}`)
  if (low !== undefined && high !== undefined) return `${low} to ${high}`
  return low === undefined ? (typeof high === 'number' ? `at most ${high}` : high ?? '') : typeof low === 'number' ? `at least ${low}` : low
}

type Allowed = Pick<z.core.JSONSchema.JSONSchema, 'enum' | 'type' | 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'> & { readonly anyOf?: readonly (Allowed & { readonly const?: unknown })[] }

function showExperiment(experiment: Experiment): void {
  console.log(`${pc.bold(experiment.title)}\n${wrapText(experiment.question)}\n\nData set: ${experiment.dataset}\n`)
  const schema = z.toJSONSchema(experiment.config, { unrepresentable: 'any', io: 'input' }) as { readonly properties: Readonly<Record<string, Allowed>> }
  const rows = Object.entries(experiment.config.shape as Record<string, z.ZodType>).map(([name, field]) =>
    [name, formatSetting(field.safeParse(undefined).data), allowed(schema.properties[name] ?? {}), descriptionOf(field)])
  console.log(formatTable(['setting', 'default', 'allowed', 'meaning'], rows))
  const published = experiment.published ?? []
  if (published.length > 0) {
    console.log(`\n${pc.bold('Published')}`)
    console.log(formatTable(['test error', 'model', 'source'], published.map(row => [formatPercent(row.value), row.protocol, row.source.citation]), [0]))
  }
  console.log(`\nTrain it: ${suggest('train', experiment.name)}`)
}

function showRun(root: string, reference: string, json: boolean): void {
  const run = openRun(root, reference)
  const record = readRunRecord(run)
  const summary = readRunSummary(run)
  const metrics = readRunCurves(run)
  const status = currentStatus(run, record)
  if (json) {
    console.log(JSON.stringify({ folder: run.folder, ...record, status, summary, metrics }, null, 2))
    return
  }
  const { metrics: figures, best, seconds, advice } = readSummary(summary)
  console.log(`${pc.bold(`${run.experiment}/${run.id}`)}  ${status}${seconds === undefined ? '' : `, trained for ${formatDuration(seconds)}`}`)
  console.log(wrapText(pc.dim(`started ${record.createdAt}, seed ${record.seed}, ${record.git ? `commit ${record.git.commit.slice(0, 10)}${record.git.dirty ? ' with changes' : ''}` : 'no git'}, ${record.machine?.cpu ?? 'unknown machine'}`)))
  if (record.attempts.length > 1 || status !== 'completed') {
    for (const attempt of record.attempts) {
      console.log(pc.dim(`attempt ${attempt.number} from step ${attempt.fromStep}: ${attempt.reason ?? status}`))
      if (attempt.changed) console.log(pc.yellow(`  changed since the checkpoint: ${attempt.changed.join('; ')}`))
    }
  }
  console.log(`\n${pc.bold('Settings')}`)
  console.log(formatTable(['setting', 'value'], Object.entries(record.config).map(([name, value]) => [name, formatSetting(value)])))
  if (Object.keys(figures).length > 0) {
    console.log(`\n${pc.bold('Results')}`)
    const rows = Object.entries(figures).map(([name, value]) => [name, formatMetric(name, value), best?.metrics[name] === undefined ? '-' : formatMetric(name, best.metrics[name])])
    console.log(formatTable(['metric', 'last epoch', best ? `best epoch (${best.epoch}, by ${best.chosenBy})` : 'best'], rows, [1, 2]))
  }
  if (advice !== undefined) console.log(`\n${pc.yellow(asCalled(advice))}`)
  if (metrics.length > 0) {
    console.log(`\n${pc.bold('Curves')}`)
    console.log(formatTable(['metric', 'from', 'to', ''], metricNames(metrics).map(name => {
      const { value: values } = metricSeries(metrics, name)
      return [name, formatNumber(values[0] ?? Number.NaN), formatNumber(values.at(-1) ?? Number.NaN), sparkline(values, { width: Math.max(8, Math.min(40, terminalWidth() - 42)) })]
    }), [1, 2]))
  }
  const { checkpoints } = runPaths(run)
  console.log(`\n${pc.bold('Files')}  ${relative('', run.folder) || '.'}\ncheckpoints: ${checkpointNames(checkpoints).join(', ') || 'none yet'}`)
  if (status === 'stopped' || status === 'interrupted' || status === 'failed') console.log(`\nGo on with: ${suggest('resume', `${run.experiment}/${run.id}`, ...runsWords(root))}`)
}

export function showCommand(): Command {
  return new Command('show')
    .description('show a run, or an experiment and its settings')
    .argument('<run or experiment>')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((name: string, { runs, json = false }: { runs: string; json?: boolean }) => {
      if (experiments.some(experiment => experiment.name === name)) showExperiment(findExperiment(experiments, name))
      else showRun(runs, name, json)
    })
}
