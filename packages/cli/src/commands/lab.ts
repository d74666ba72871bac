// ddlf lab: the course's pages and the runs on this machine, in the browser.
import { existsSync } from 'node:fs'
import { experiments } from '@ddlf/course'
import { createLab, serveLab } from '@ddlf/lab/server'
import { Command } from 'commander'
import pc from 'picocolors'
import { buildSite, isSiteStale, siteFolder } from '../site/build-site.ts'
import { experimentsModule, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf lab                 at http://127.0.0.1:4173/
  $ ddlf lab --port 0        at any free port
  $ ddlf lab --no-build      with the pages as they were last built
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
  const { address } = served
  console.log(`${pc.bold('The lab is open')} at ${pc.cyan(address)}
  the course    ${address}blog/30-days-of-deep-learning-fundamentals/
  your runs     ${address}lab/
Only this machine can reach it. Ctrl-C closes it.`)
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
