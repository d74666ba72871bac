// The words of ddlf new: its arguments, options and help.
import { Command, Option } from 'commander'
import { given } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf new my-topic --title "My topic" --days 31-32
  $ ddlf new my-topic --course ./my-course             a course of your own, made where it is not there
`

export function newCommand(): Command {
  return new Command('new')
    .description('lay out the files of a new topic')
    .argument('<slug>', 'lower-case words joined by dashes; becomes the address /30ddlf/<slug>')
    .option('--title <title>', 'title of the topic (default: from the slug, or as planned)')
    .option('--days <from-to>', 'first and last day (default: the first free one, or as planned)')
    .addOption(new Option('--course <folder>', 'folder of a course of your own, instead of the 30 days')
      .env('DDLF_COURSE').argParser(given('--course')))
    .addHelpText('after', EXAMPLES)
    .action(async (slug: string, options: { title?: string; days?: string; course?: string }) =>
      (await import('../actions/new.ts')).newAction(slug, options),
    )
}
