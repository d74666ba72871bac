// How soon the lab shows a study of 10,000 trials in Chromium: the server, the page with its first figure and
// its table, every other figure as it comes on the screen, the importance of the parameters, and a table that is
// sorted. DDLF_BENCH_TRIALS is the number of trials, and DDLF_BENCH_SHOTS a folder for a picture of the page.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createStudy, floatRange, intRange, oneOf, randomSampler, searchSpace, type JournalRecord } from '@ddlf/lab'
import { openStudyJournal, readStudy } from '@ddlf/lab/node'
import { createLab, serveLab } from '@ddlf/lab/server'
import { experiments } from '@ddlf/course'
import { buildSite, isSiteStale } from '../packages/cli/src/site/build-site.ts'
import { siteFolder } from '../packages/cli/src/site/site-folder.ts'
import { launchBrowser } from '../test/browser.ts'

const TRIALS = Number(process.env['DDLF_BENCH_TRIALS'] ?? 10_000)
const STEPS = 10
const shots = process.env['DDLF_BENCH_SHOTS']
const folder = mkdtempSync(path.join(tmpdir(), 'ddlf-study-page-'))
const studies = path.join(folder, 'studies')

const space = searchSpace({
  learningRate: floatRange(1e-4, 1, { log: true }),
  batchSize: oneOf([32, 64, 128, 256]),
  weightDecay: floatRange(1e-6, 1e-2, { log: true }),
  dropout: floatRange(0, 0.5),
  width: intRange(16, 512, { log: true }),
  depth: intRange(1, 8),
})

/** Writes a study of trials that report ten steps each. */
function writeStudy(): void {
  const records: JournalRecord[] = []
  const journal = openStudyJournal(path.join(studies, 'many'))
  const study = createStudy({
    name: 'many',
    space,
    sampler: randomSampler(),
    journal: { place: journal.place, read: () => [], append: more => void records.push(...more) },
  })
  for (let i = 0; i < TRIALS; i++) {
    const { number, params } = study.ask()
    const loss = (Math.log10(Number(params['learningRate'])) + 2) ** 2 / 10 + 3 / Number(params['width'])
    for (let step = 1; step <= STEPS; step++) study.report(number, step, loss + 1 / step)
    study.tell(number, loss)
  }
  journal.append(records)
  journal.close()
}

const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(2)
const say = (what: string, from: number) => {
  console.log(`${what}: ${seconds(from)} s`)
}

if (isSiteStale()) await buildSite({ quiet: true })
writeStudy()
const opened = performance.now()
readStudy(studies, 'many')
say(`a journal of ${TRIALS} trials is read`, opened)
const lab = createLab({
  root: path.join(folder, 'runs'),
  studies,
  experiments,
  experimentsModule: import.meta.resolve('@ddlf/course'),
  site: siteFolder(),
})
const served = await serveLab(lab, { port: 0 })
const browser = await launchBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.setDefaultTimeout(600_000)
  await page.goto(served.entrance('lab/'))
  const listed = performance.now()
  await page.goto(`${served.address}lab/#studies`)
  await page.waitForSelector('[aria-label="Table of studies"] a')
  say('the list of studies, the journal read for the first time', listed)
  for (const time of ['first', 'second']) {
    await page.goto('about:blank')
    const asked = performance.now()
    await page.goto(`${served.address}lab/#study=many`)
    await page.waitForSelector('[data-figure=history] svg')
    await page.waitForSelector('[aria-label=Trials] tbody tr:nth-child(100)')
    say(`the page with its first figure and its table, the ${time} time`, asked)
    if (time === 'first') continue
    for (const section of ['Intermediate values', 'Parallel coordinates', 'Slices']) {
      const begun = performance.now()
      await page.locator(`section[aria-label="${section}"]`).scrollIntoViewIfNeeded()
      await page.locator(`section[aria-label="${section}"] svg.chart`).first().waitFor()
      say(section, begun)
    }
    await page.waitForSelector('[aria-label=Importance] svg', { state: 'attached' })
    say('importance by both methods, in a thread, behind the first request', asked)
  }
  const sorted = performance.now()
  await page.click('[aria-label=Trials] button:text("dropout")')
  await page.waitForSelector('[aria-label=Trials] th[aria-sort] button:text("dropout")')
  say('the table sorted by a parameter', sorted)
  if (shots !== undefined) await page.screenshot({ path: path.join(shots, 'study-page.png'), fullPage: true })
} finally {
  await browser.close()
  await served.close()
  rmSync(folder, { recursive: true, force: true })
}
