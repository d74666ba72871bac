// The words of ddlf queue: its options and help.
import { Command } from 'commander'
import type { QueueOptions } from '../actions/queue.ts'
import { jsonOption, neededQueueOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf queue --queue redis://10.0.0.5:6379
  $ ddlf queue --json | jq '.workers[].host'        with DDLF_QUEUE set
`

export function queueCommand(): Command {
  return new Command('queue')
    .description('how a queue of work stands')
    .addOption(neededQueueOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: QueueOptions) => (await import('../actions/queue.ts')).queueAction(options))
}
