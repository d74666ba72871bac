// ddlf lab: the course's pages and the runs on this machine, in the browser.
import { existsSync } from 'node:fs'
import { createLab, serveLab } from '@ddlf/lab/server'
import { experimentModules, experiments } from '../experiments.ts'
import { buildSite, isSiteStale } from '../site/build-site.ts'
import { siteFolder } from '../site/site-folder.ts'
import { pc } from '../terminal/colour.ts'

/** The options of the command. */
export interface LabOptions {
  readonly runs: string
  readonly studies?: string
  readonly port: number
  readonly build: boolean
}

const CLOSING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Milliseconds between two signs of life. */
const SIGN = 15_000

/** Says every quarter of a minute that it goes on. */
async function saying(work: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  const timer = setInterval(() => {
    console.log(pc.dim(`still building, ${Math.round((performance.now() - began) / 1000)} s`))
  }, SIGN)
  await work().finally(() => {
    clearInterval(timer)
  })
}

/** Serves the lab until Ctrl-C. */
export async function labAction({ runs, studies = 'studies', port, build }: LabOptions): Promise<void> {
  if (build && isSiteStale()) {
    console.log('Building the pages of the course, as they have changed (a minute, more beside other work) ...')
    console.log(pc.dim('Your runs alone open at once with --no-build.'))
    await saying(() => buildSite({ quiet: true }))
  }
  const lab = createLab({
    root: runs,
    studies,
    experiments,
    experimentsModule: experimentModules,
    ...(existsSync(siteFolder()) && { site: siteFolder() }),
  })
  const served = await serveLab(lab, { port })
  console.log(`${pc.bold('The lab is open')} at ${pc.cyan(served.entrance())}
  the course    ${served.entrance('blog/30-days-of-deep-learning-fundamentals/')}
  your runs     ${served.entrance('lab/')}
Only this machine can reach it, and only who has this key: do not pass it on. Ctrl-C closes it.`)
  await new Promise<void>(resolve => {
    for (const signal of CLOSING) process.once(signal, () => resolve())
  })
  const running = lab.running()
  if (running > 0)
    console.log(
      `${running === 1 ? 'A training saves its' : `${running} trainings save their`} last checkpoint ... ` +
        'Ctrl-C again to leave at once.',
    )
  // A training whose lab has gone saves its checkpoint by itself and stops.
  for (const signal of CLOSING) process.once(signal, () => process.exit(130))
  await served.close()
  // Connections and timers of the server must not hold the terminal.
  process.exit()
}
