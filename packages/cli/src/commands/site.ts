// The words of ddlf site: its arguments, options and help.
import { UserError } from '@ddlf/tensor/errors'
import { Command } from 'commander'
import { given } from './options.ts'
import { siteFolder } from '../site/site-folder.ts'

const EXAMPLES = `
Examples:
  $ ddlf site                                     into packages/site/dist
  $ ddlf site --base /course/ --out /srv/course   for a host that serves it below /course/
`

function basePath(text: string): string {
  if (/^\/([\w.~-]+\/)*([\w.~-]+)?$/.test(text)) return text
  throw new UserError({
    rule: '--base must be a path that begins with a slash.',
    received: text === '' ? 'an empty text' : text,
    next: 'For example: --base /course/',
  })
}

export function siteCommand(): Command {
  return new Command('site')
    .description('build the course as static pages')
    .option('--base <path>', 'path below which the host serves the pages', basePath, '/')
    .option('--out <folder>', 'where to write them', given('--out'), siteFolder())
    .addHelpText('after', EXAMPLES)
    .action(async (options: { base: string; out: string }) => (await import('../actions/site.ts')).siteAction(options))
}
