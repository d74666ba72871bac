// ddlf runs: what has been run.
import { UserError } from '@ddlf/tensor'
import { runStatuses, type RunStatus } from '@ddlf/lab'
import { listRuns, nameOfRun, removedRuns, restoreRun, runsWords, type RunListing } from '@ddlf/lab/node'
import { Command, Option } from 'commander'
import { errorColours, pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatDuration, formatMetric, formatSetting, formatTable } from '../terminal/format.ts'
import { readSummary } from '../terminal/run-summary.ts'
import { jsonOption, runsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf runs
  $ ddlf runs mlp-on-mnist --sort test/error --limit 5
  $ ddlf runs --where optimizer=adam --where batchSize=128
  $ ddlf runs --status interrupted --json
  $ ddlf runs restore                             what was removed, and can be brought back
  $ ddlf runs restore 20270131-12                 bring it back
`

const COLOURS: Record<RunStatus, (text: string) => string> = { completed: pc.green, running: pc.cyan, stopped: pc.yellow, interrupted: pc.yellow, failed: pc.red }

interface Options {
  readonly runs: string
  readonly json?: boolean
  readonly status?: RunStatus
  readonly where: readonly string[]
  readonly sort?: string
  readonly limit: number
}

const collect = (value: string, before: readonly string[]) => [...before, value]

/** Whether a run has a setting with this value, as text. */
function matches({ record }: RunListing, condition: string): boolean {
  const [key, value] = condition.split('=')
  if (key === undefined || value === undefined) throw new UserError({ rule: 'A condition must be written key=value.', received: condition, next: 'For example: --where optimizer=adam' })
  const actual = record.config[key]
  return actual !== undefined && formatSetting(actual) === value
}

/** ddlf runs restore [run...]: brings removed runs back; without one it lists them. */
function restoreCommand(): Command {
  return new Command('restore')
    .description('bring removed runs back from the trash; without a run, list what lies there')
    .argument('[runs...]', '<experiment>/<id>, a piece of an id, or latest')
    .configureHelp({ showGlobalOptions: true })
    .action((references: readonly string[], _options: unknown, command: Command) => {
      const { runs: root } = command.optsWithGlobals<{ runs: string }>()
      const removed = removedRuns(root)
      if (references.length === 0) console.log(removed.length === 0 ? 'The trash is empty.' : removed.map(nameOfRun).join('\n'))
      for (const reference of references) console.log(`Brought back ${nameOfRun(restoreRun(root, reference))}.`)
    })
}

export function runsCommand(): Command {
  return new Command('runs')
    .description('list runs, newest first')
    .argument('[experiment]', 'only runs of this experiment')
    .addOption(new Option('--status <status>', 'only runs in this state').choices([...runStatuses]))
    .option('--where <key=value>', 'only runs with this setting (may be repeated)', collect, [])
    .option('--sort <metric>', 'best first by a metric: test/error, test/accuracy, test/loss')
    .option('--limit <number>', 'show at most this many', wholeNumber('--limit', 1), 20)
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .addCommand(restoreCommand())
    .action((experiment: string | undefined, { runs: root, json = false, status, where, sort, limit }: Options) => {
      const needsAll = where.length > 0 || sort !== undefined
      const { runs, problems } = listRuns({
        root, summaries: true, ...(experiment !== undefined && { experiment }), ...(status && { status }), ...(!needsAll && { limit: limit }),
      })
      const metric = (run: RunListing) => readSummary(run.summary).metrics[sort ?? ''] ?? Number.NaN
      const chosen = runs.filter(run => where.every(condition => matches(run, condition)))
      if (sort !== undefined) {
        const direction = /accuracy|f1|precision|recall/.test(sort) ? -1 : 1
        // What is no number comes last, whatever the direction.
        const rank = (run: RunListing) => (Number.isNaN(metric(run)) ? Infinity : direction * metric(run))
        chosen.sort((a, b) => Math.sign(rank(a) - rank(b)) || 0)
      }
      const shown = chosen.slice(0, limit)
      if (json) {
        console.log(JSON.stringify(shown.map(({ folder, status: now, record, summary }) => ({ ...record, folder, status: now, summary })), null, 2))
        return
      }
      for (const { folder, error } of problems) console.error(errorColours.yellow(`${folder} is left out: ${error.message}`))
      if (shown.length === 0) {
        console.log(runs.length > 0 || experiment !== undefined || status !== undefined
          ? `No run fits. All runs: ${suggest('runs', ...runsWords(root))}`
          : `No runs here yet. Make the first one: ${suggest('train', 'mlp-on-mnist', ...runsWords(root))}`)
        return
      }
      console.log(formatTable(['run', 'status', 'test error', 'test loss', 'epochs', 'time', 'started'], shown.map(run => {
        const { metrics, seconds } = readSummary(run.summary)
        const show = (name: string) => (metrics[name] === undefined ? '-' : formatMetric(name, metrics[name]))
        return [
          `${run.experiment}/${run.id}`, COLOURS[run.status](run.status), show('test/error'), show('test/loss'),
          formatSetting(run.record.config['epochs'] ?? '-'), seconds === undefined ? '-' : formatDuration(seconds), run.record.createdAt.slice(0, 16).replace('T', ' '),
        ]
      }), [2, 3, 4, 5]))
      if (chosen.length > shown.length || (!needsAll && runs.length === limit)) console.log(pc.dim('More with --limit.'))
    })
}
