// The words of ddlf resume: its arguments, options and help.
import { Command } from 'commander'
import { jsonOption, movedDataOption, movedTestDataOption, runsOption } from './options.ts'
import type { ResumeOptions } from '../actions/resume.ts'

const EXAMPLES = `
Examples:
  $ ddlf resume mlp-on-mnist/20270131-120000-k3f9
  $ ddlf resume 20270131-12              the beginning of an id is enough where it fits one run
  $ ddlf resume 20270131-12 --changed    although the code, a setting or the data are no longer those of the checkpoint

A run goes on bit for bit where nothing has changed since its checkpoint: settings, code, versions, lock file, data.
What has changed is named, and nothing is touched; with --changed the run goes on, and its record says what had changed.
`

export function resumeCommand(): Command {
  return new Command('resume')
    .description('go on with a run that was stopped, killed or failed')
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .option('--changed', 'go on although something has changed since the checkpoint; the record says what')
    .addOption(movedDataOption())
    .addOption(movedTestDataOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, options: ResumeOptions) =>
      (await import('../actions/resume.ts')).resumeAction(reference, options),
    )
}
