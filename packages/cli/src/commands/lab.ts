// ddlf lab: the course's pages and the runs on this machine, in the browser.
import { existsSync } from 'node:fs'
import { experiments } from '@ddlf/course'
import { createLab, serveLab } from '@ddlf/lab/server'
import { Command } from 'commander'
import { pc } from '../terminal/colour.ts'
import { buildSite, isSiteStale, siteFolder } from '../site/build-site.ts'
import { experimentsModule, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf lab                 at http://127.0.0.1:4173/?token=...
  $ ddlf lab --port 0        at any free port
  $ ddlf lab --no-build      with the pages as they were last built

The address that it prints ends in a key, new at each start: open the whole of it. Your browser keeps the key as a cookie, and
nobody else on this machine can start a run or read one. Programs send it as "Authorization: Bearer <key>".
`

interface Options {
  readonly runs: string
  readonly port: string
  readonly build: boolean
}

/** Serves the lab until Ctrl-C. */
export async function runLab({ runs, port, build }: Options): Promise<void> {
  if (build && isSiteStale()) {
    console.log('Building the pages (about half a minute) ...')
    await buildSite({ quiet: true })
  }
  const lab = createLab({ root: runs, experiments, experimentsModule, ...(existsSync(siteFolder()) && { site: siteFolder() }) })
  const served = await serveLab(lab, { port: Number(port) })
  console.log(`${pc.bold('The lab is open')} at ${pc.cyan(served.entrance())}
  the course    ${served.entrance('blog/30-days-of-deep-learning-fundamentals/')}
  your runs     ${served.entrance('lab/')}
Only this machine can reach it, and only who has this key: do not pass it on. Ctrl-C closes it.`)
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await served.close()
  // Threads that train get a moment to save their checkpoint.
  setTimeout(() => process.exit(0), 5000).unref()
}

export function labCommand(): Command {
  return new Command('lab')
    .description("open the course's pages and your runs in the browser")
    .option('--port <number>', 'port on the loopback address', '4173')
    .option('--no-build', 'do not build the pages first')
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(runLab)
}
