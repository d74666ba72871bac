// The words of ddlf lab: its options and help.
import { Command } from 'commander'
import type { LabOptions } from '../actions/lab.ts'
import { runsOption, studiesOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf lab                 at http://127.0.0.1:4173/?token=...
  $ ddlf lab --port 0        at any free port
  $ ddlf lab --no-build      with the pages as they were last built

The address that it prints ends in a key, new at each start: open the whole of it. Your browser keeps the key as a
cookie, and nobody else on this machine can start a run or read one. Programs send it as "Authorization: Bearer <key>".
`

export function labCommand(): Command {
  return new Command('lab')
    .description("open the course's pages and your runs in the browser")
    .option(
      '--port <number>',
      'port on the loopback address; 0 takes any free one',
      wholeNumber('--port', 0, 65_535),
      4173,
    )
    .option('--no-build', 'do not build the pages first')
    .addOption(runsOption())
    .addOption(studiesOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: LabOptions) => (await import('../actions/lab.ts')).labAction(options))
}
