// ddlf lab: the course's pages and the runs on this machine, in the browser.
import { existsSync } from 'node:fs'
import { experiments } from '@ddlf/course'
import { createLab, serveLab } from '@ddlf/lab/server'
import { Command } from 'commander'
import { pc } from '../terminal/colour.ts'
import { buildSite, isSiteStale, siteFolder } from '../site/build-site.ts'
import { experimentsModule, runsOption, wholeNumber } from './options.ts'

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
  readonly port: number
  readonly build: boolean
}

const CLOSING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Serves the lab until Ctrl-C. */
export async function runLab({ runs, port, build }: Options): Promise<void> {
  if (build && isSiteStale()) {
    console.log('Building the pages (about half a minute) ...')
    await buildSite({ quiet: true })
  }
  const lab = createLab({ root: runs, experiments, experimentsModule, ...(existsSync(siteFolder()) && { site: siteFolder() }) })
  const served = await serveLab(lab, { port })
  console.log(`${pc.bold('The lab is open')} at ${pc.cyan(served.entrance())}
  the course    ${served.entrance('blog/30-days-of-deep-learning-fundamentals/')}
  your runs     ${served.entrance('lab/')}
Only this machine can reach it, and only who has this key: do not pass it on. Ctrl-C closes it.`)
  await new Promise<void>(resolve => {
    for (const signal of CLOSING) process.once(signal, () => resolve())
  })
  const running = lab.running()
  if (running > 0) console.log(`${running === 1 ? 'A training saves its' : `${running} trainings save their`} last checkpoint ... Ctrl-C again to leave at once.`)
  // A training whose lab has gone saves its checkpoint by itself and stops.
  for (const signal of CLOSING) process.once(signal, () => process.exit(130))
  await served.close()
  // Connections and timers of the server must not hold the terminal.
  process.exit()
}

export function labCommand(): Command {
  return new Command('lab')
    .description("open the course's pages and your runs in the browser")
    .option('--port <number>', 'port on the loopback address; 0 takes any free one', wholeNumber('--port', 0, 65_535), 4173)
    .option('--no-build', 'do not build the pages first')
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(runLab)
}
