// The words of ddlf new: its arguments, options and help.
import { Command } from 'commander'

const EXAMPLES = `
Example:
  $ ddlf new my-topic --title "My topic" --days 31-32
`

export function newCommand(): Command {
  return new Command('new')
    .description('lay out the files of a new topic')
    .argument('<slug>', 'lower-case words joined by dashes; becomes the address /30ddlf/<slug>')
    .option('--title <title>', 'title of the topic (default: from the slug, or as planned)')
    .option('--days <from-to>', 'first and last day (default: the first free one, or as planned)')
    .addHelpText('after', EXAMPLES)
    .action(async (slug: string, given: { title?: string; days?: string }) =>
      (await import('../actions/new.ts')).newAction(slug, given),
    )
}
