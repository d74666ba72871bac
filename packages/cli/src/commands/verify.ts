// The words of ddlf verify: its arguments, options and help.
import { Command } from 'commander'
import { jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf verify                                    all runs, those in the trash too
  $ ddlf verify mlp-on-mnist/20270131-120000-k3f9  one run, file by file
  $ ddlf verify 20270131-12 20270131-13 --json

Checked are the record, every checkpoint (its checksum, its run, its settings), the measured numbers, the summary, the
outputs and other artifacts, and the event files; nothing is changed. Runs of older versions recorded fewer checksums:
what has none is read, and said to have none. The exit code is 1 where anything is wrong.
`

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check that runs hold what they recorded: checksums of checkpoints, numbers, outputs, event files')
    .argument('[runs...]', '<experiment>/<id>, or the beginning of an id (default: all runs, those in the trash too)')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (references: readonly string[], options: { runs: string; json?: boolean }) =>
      (await import('../actions/verify.ts')).verifyAction(references, options),
    )
}
