// The study pages of the lab in a browser: a study is started, stopped and goes on; figures, brush, table; growth.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import {
  createStudy,
  floatRange,
  intRange,
  oneOf,
  searchSpace,
  tpeSampler,
  type Direction,
  type Study,
} from '@ddlf/lab'
import { openStudyJournal } from '@ddlf/lab/node'
import { createLab, serveLab, type ServedLab } from '@ddlf/lab/server'
import { builtSite } from './built-site.ts'
import { hasBrowser, launchBrowser } from './browser.ts'
import { closers } from './closers.ts'

/** A bound against hanging only. */
const PATIENCE = 120_000

const space = searchSpace({
  rate: floatRange(1e-4, 1, { log: true }),
  width: intRange(8, 256, { log: true }),
  optimizer: oneOf(['sgd', 'adam']),
})

describe.skipIf(!hasBrowser)('the study pages of the lab', () => {
  let folder = ''
  let served: ServedLab
  let browser: Browser
  let context: BrowserContext
  const closing = closers()
  const troubles: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ddlf-study-pages-'))
    closing.add(() => rmSync(folder, { recursive: true, force: true }))
    const lab = createLab({
      root: join(folder, 'runs'),
      studies: join(folder, 'studies'),
      experiments,
      experimentsModule: import.meta.resolve('@ddlf/course'),
      site: (await builtSite()).atRoot,
    })
    served = await serveLab(lab, { port: 0 })
    closing.add(() => served.close())
    browser = await launchBrowser()
    closing.add(() => browser.close())
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    await page.goto(served.entrance('lab/'))
    await page.close()
  }, 900_000)
  afterAll(closing.closeAll)

  async function open(place: string): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    page.on('console', message => {
      if (message.type() === 'error') troubles.push(`${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', error => troubles.push(error.message))
    await page.goto(`${served.address}lab/#${place}`)
    return page
  }

  const lossOf = ({ rate, width, optimizer }: Readonly<Record<string, unknown>>) =>
    (Math.log10(Number(rate)) + 2) ** 2 / 4 + 4 / Number(width) + (optimizer === 'sgd' ? 0.1 : 0)

  /** A study that another process writes; `add` runs trials of three steps. */
  function written(name: string, directions: readonly Direction[] = ['minimize']) {
    const journal = openStudyJournal(join(folder, 'studies', name))
    const study = createStudy({ name, space, journal, directions, sampler: tpeSampler(), seed: 4 })
    const add = (count: number) => {
      for (let i = 0; i < count; i++) {
        const { number, params } = study.ask()
        const loss = lossOf(params)
        study.setUserAttribute(number, 'runs', [`mlp-on-mnist/made-${String(number)}`])
        if (directions.length === 1) for (const step of [1, 2, 3]) study.report(number, step, loss + 1 / step)
        study.tell(number, directions.length > 1 ? [loss, Number(params['width'])] : loss)
      }
    }
    return { study, add, close: () => journal.close() }
  }

  const lines = (page: Page, opacity: string) =>
    page.locator(`[data-figure=parallel-coordinates] path[stroke-opacity="${opacity}"]`).count()
  const column = async (page: Page, index: number) =>
    (await page.locator(`[aria-label=Trials] tbody td:nth-child(${String(index)})`).allTextContents()).map(Number)

  function brushedBy(study: Study, low: number): number[] {
    const share = (width: unknown) => Math.log(Number(width) / 8) / Math.log(32)
    return study.trials.filter(({ params }) => share(params['width']) >= low).map(({ number }) => number)
  }

  it('show every kind of figure, sort trials, link to runs, and keep what is brushed', async () => {
    const { study, add, close } = written('shown')
    add(24)
    const page = await open('study=shown')
    for (const title of [
      'History',
      'Intermediate values',
      'Importance',
      'Parallel coordinates',
      'Slices',
      'Contours',
      'Trials',
    ]) {
      const section = page.locator(`section[aria-label="${title}"]`)
      await section.scrollIntoViewIfNeeded()
      if (title !== 'Trials') await section.locator('svg.chart').first().waitFor()
    }
    await expect.poll(() => page.locator('[data-figure=history] svg > circle[cx]').count(), { timeout: PATIENCE })
      // And two of its key.
      .toBe(24 + 2)
    const best = study.best!
    const first = page.locator('[aria-label=Trials] tbody tr').first()
    expect(await first.textContent()).toContain(`${String(best.number)}complete, best`)
    expect(await first.locator('a').getAttribute('href')).toBe(`#run=mlp-on-mnist/made-${String(best.number)}`)
    const rates = study.trials.map(({ params }) => Number(Number(params['rate']).toPrecision(4)))
    await page.click('[aria-label=Trials] button:text("rate")')
    expect(await column(page, 4)).toEqual(rates.toSorted((a, b) => a - b))
    await page.click('[aria-label=Trials] button:text("rate")')
    expect(await column(page, 4)).toEqual(rates.toSorted((a, b) => b - a))
    // Along the axis of the widths, from its middle to its upper end.
    const figure = page.locator('[data-figure=parallel-coordinates] svg')
    await figure.scrollIntoViewIfNeeded()
    const box = (await figure.boundingBox())!
    const plot = { top: box.y + 46, height: 320 - 46 - 24 }
    const x = box.x + (box.width / 4) * 1.5
    await page.mouse.move(x, plot.top + plot.height / 2)
    await page.mouse.down()
    await page.mouse.move(x, plot.top - 5, { steps: 4 })
    await page.mouse.up()
    const kept = brushedBy(study, 0.5)
    await page.waitForSelector(`text=${String(kept.length)} trials kept along width`)
    expect((await column(page, 1)).toSorted((a, b) => a - b)).toEqual(kept)
    expect(await lines(page, '0.06')).toBe(24 - kept.length)
    await page.click('text=Keep all')
    expect(await column(page, 1)).toHaveLength(24)
    expect(await lines(page, '0.06')).toBe(0)
    await page.close()
    close()
    expect(troubles).toEqual([])
  }, 600_000)

  it('grow while another process writes, and show the front of several objectives', async () => {
    const { add, study, close } = written('grows', ['minimize', 'minimize'])
    const page = await open('study=grows')
    await page.waitForSelector('text=Figures appear with the first complete trial')
    await page.waitForSelector('h2 .badge:text("running")')
    add(12)
    await page.waitForSelector('text=12 complete')
    await page.locator('section[aria-label=Front] svg').waitFor()
    add(3)
    await page.waitForSelector(`text=15 complete; ${String(study.front.length)} on the front`)
    await expect.poll(() => page.locator('[data-figure=front] svg > circle').count(), { timeout: PATIENCE }).toBe(17)
    expect(await page.locator('[aria-label=Trials] td:text-is("complete, on the front")').count()).toBe(
      study.front.length,
    )
    close()
    await page.locator('h2 .badge').waitFor({ state: 'detached' })
    await page.close()
    expect(troubles).toEqual([])
  }, 600_000)

  it('start a study from the form, stop it with its trials saved, and go on to more', async () => {
    const page = await open('studies')
    await page.selectOption('select[name=experiment]', 'mlp-on-mnist')
    const field = (name: string) => page.locator(`[name=study-${name}]`)
    await expect.poll(() => field('space').inputValue(), { timeout: PATIENCE }).not.toBe('')
    await field('space').fill('learningRate=log:1e-3..1e-1')
    await field('study').fill('started')
    await field('trials').fill('1')
    await field('enqueue').fill('learningRate=5')
    await page.click('summary:has-text("Settings of every trial")')
    await page.fill('input[name=epochs]', 'many')
    await page.fill('input[name=hidden]', '8')
    const begin = () => page.click('text=Start the study')
    // A refusal stands beside the field that it is about.
    const refusal = (name: string) => page.locator(`label:has([name="${name}"]) [role=alert]`)
    await begin()
    await refusal('epochs').filter({ hasText: 'epochs must be a number' }).waitFor()
    await page.fill('input[name=epochs]', '3000')
    await page.click('summary:has-text("more settings")')
    await page.fill('input[name=trainExamples]', '600')
    await begin()
    await refusal('study-enqueue').filter({ hasText: 'learningRate lies outside its range' }).waitFor()
    expect(await field('enqueue').getAttribute('aria-invalid')).toBe('true')
    await field('enqueue').fill('learningRate=0.05')
    await page.click('summary:has-text("What it may take")')
    await field('timeout').fill('5')
    await begin()
    await refusal('study-timeout').filter({ hasText: '5s, 5m or 5h' }).waitFor()
    await field('timeout').fill('2h')
    await page.click('summary:has-text("The same in a terminal")')
    // What differs from the defaults, the ranges of its own among it.
    expect(await page.locator('.start-study .commands code').first().textContent()).toBe(
      'npm run ddlf -- tune mlp-on-mnist --study started --space learningRate=log:1e-3..1e-1 ' +
        '--enqueue learningRate=0.05 --trials 1 --set epochs=3000 --set trainExamples=600 --set hidden=8 --timeout 2h',
    )
    await begin()
    await page.waitForSelector('h2:has-text("started") .badge:text("running")')
    await page.waitForSelector('[aria-label="Trials that run"] li:has-text("learningRate 0.05")')
    await page.waitForSelector('[aria-label="Trials that run"] li:has-text("step 3")')
    await page.click('text=Save and stop')
    await page.locator('h2 .badge').waitFor({ state: 'detached' })
    expect(await page.locator('[aria-label=Trials] tbody tr').textContent()).toContain('0running')
    await page.fill('input[name=total]', '1')
    await page.click('button:text("Go on")')
    await page.waitForSelector('h2 .badge:text("running")')
    await page.waitForSelector('button:text("Save and stop")')
    await page.click('text=Save and stop')
    await page.locator('h2 .badge').waitFor({ state: 'detached' })
    await page.goto(`${served.address}lab/#studies`)
    await page.waitForSelector('[aria-label="Table of studies"] a:text("started")')
    await page.close()
    expect(troubles.filter(words => !words.includes('400'))).toEqual([])
  }, 600_000)
})
