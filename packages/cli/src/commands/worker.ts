// The words of ddlf worker: its options and help.
import { Command } from 'commander'
import type { WorkerOptions } from '../actions/worker.ts'
import { jsonOption, neededQueueOption, runsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf worker --queue redis://10.0.0.5:6379
  $ ddlf worker --queue rediss://:secret@queue.example:6380 --jobs 4
  $ DDLF_QUEUE=redis://10.0.0.5:6379 ddlf worker

Start one on every machine that has the project, at the same commit, and the data. Trainings run in
processes of their own; their runs return to the machine that asked, when they end and every minute.
Ctrl-C saves what runs, sends it back and leaves; whoever gave the work has it gone on with elsewhere.
`

export function workerCommand(): Command {
  return new Command('worker')
    .description('work for studies of other machines')
    .addOption(neededQueueOption())
    .option('--jobs <number>', 'trainings at once (default: half the processors)', wholeNumber('--jobs', 1, 1024))
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: WorkerOptions) => (await import('../actions/worker.ts')).workerAction(options))
}
