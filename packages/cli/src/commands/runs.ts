// The words of ddlf runs: its argument, options and help.
import type { RunStatus } from '@ddlf/lab/runs'
import { Command, Option } from 'commander'
import type { RunsOptions } from '../actions/runs.ts'
import { collect, jsonOption, runsOption, wholeNumber } from './options.ts'

const actions = () => import('../actions/runs.ts')

const statuses = Object.keys({ running: 0, completed: 0, stopped: 0, interrupted: 0, failed: 0 } satisfies Record<
  RunStatus,
  number
>)

const EXAMPLES = `
Examples:
  $ ddlf runs
  $ ddlf runs mlp-on-mnist --sort test/error --limit 5
  $ ddlf runs --where optimizer=adam --where batchSize=128
  $ ddlf runs --study mlp-on-mnist --sort validation/error
  $ ddlf runs --no-trials                         without trials of studies
  $ ddlf runs --status interrupted --json
  $ ddlf runs restore                             what was removed, and can be brought back
  $ ddlf runs restore 20270131-12                 bring it back
`

/** ddlf runs restore [run...]: brings removed runs back; without one it lists them. */
function restoreCommand(): Command {
  return new Command('restore')
    .description('bring removed runs back from the trash; without a run, list what lies there')
    .argument('[runs...]', '<experiment>/<id>, a piece of an id, or latest')
    .configureHelp({ showGlobalOptions: true })
    .action(async (references: readonly string[], _options: unknown, command: Command) =>
      (await actions()).restoreAction(references, command.optsWithGlobals<{ runs: string }>().runs))
}

export function runsCommand(): Command {
  return new Command('runs')
    .description('list runs, newest first')
    .argument('[experiment]', 'only runs of this experiment')
    .addOption(new Option('--status <status>', 'only runs in this state').choices(statuses))
    .option('--where <key=value>', 'only runs with this setting (may be repeated)', collect, [])
    .option('--study <name>', 'only the trials of this study')
    .option('--no-trials', 'without trials of studies')
    .option('--sort <metric>', 'best first by a metric of the runs, for example test/error')
    .option('--limit <number>', 'show at most this many', wholeNumber('--limit', 1), 20)
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .addCommand(restoreCommand())
    .action(async (experiment: string | undefined, options: RunsOptions) =>
      (await actions()).runsAction(experiment, options),
    )
}
