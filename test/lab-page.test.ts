// The lab's page in a browser: a run started from the form appears live, is stopped, resumed and compared, while
// another browser watches.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { startRun } from '@ddlf/lab/node'
import { createLab, serveLab, type ServedLab } from '@ddlf/lab/server'
import { stateDict, withSeed } from '@ddlf/nn'
import { builtSite } from './built-site.ts'
import { hasBrowser, launchBrowser } from './browser.ts'
import { closers } from './closers.ts'

/** A bound against hanging only. */
const PATIENT = { timeout: 120_000 }

describe.skipIf(!hasBrowser)('the lab', () => {
  let root = ''
  let served: ServedLab
  let browser: Browser
  let context: BrowserContext
  const closing = closers()
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'ddlf-lab-runs-'))
    closing.add(() => rmSync(root, { recursive: true, force: true }))
    served = await serveLab(
      createLab({
        root,
        experiments,
        experimentsModule: import.meta.resolve('@ddlf/course'),
        site: (await builtSite()).atRoot,
        pollMilliseconds: 100,
      }),
      { port: 0 },
    )
    closing.add(() => served.close())
    browser = await launchBrowser()
    closing.add(() => browser.close())
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    await page.goto(served.entrance('lab/'))
    // The key is a cookie now, and no longer in the address.
    expect(page.url()).toBe(`${served.address}lab/`)
    await page.close()
  }, 900_000)
  afterAll(closing.closeAll)
  // What a failed test leaves open would go on asking.
  afterEach(async () => {
    for (const page of context.pages()) await page.close()
  })

  const troubles: string[] = []
  async function open(path: string): Promise<Page> {
    const page = await context.newPage()
    // The training beside it may leave the page little time.
    page.setDefaultTimeout(120_000)
    page.on('console', message => {
      if (message.type() === 'error') troubles.push(`${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', error => troubles.push(error.message))
    await page.goto(served.address + path)
    return page
  }
  // The page's policy forbids evaluating text, and with it Playwright's waitForFunction.
  const measured = (page: Page) =>
    expect
      .poll(async () => Number(await page.getAttribute('[data-step]', 'data-step')), { timeout: 120_000 })
      .toBeGreaterThan(50)
  /** Where the charts of a page are read. */
  const epochsOf = async (page: Page) =>
    (await page.locator('.reading').allTextContents()).map(text => text.split(':')[0] ?? '')
  const liveOf = (page: Page) =>
    page.evaluate<string[]>("[...document.querySelectorAll('.reading')].map(one => one.getAttribute('aria-live'))")
  /** Every label of its axes whole, nothing wider than the page. */
  async function shows(page: Page, widths: readonly number[]): Promise<void> {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 })
      await page.waitForTimeout(300)
      const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('figure svg text')].filter(text => {
        const [own, frame] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()]
        return own.width > 0 && (own.left < frame.left - 1 || own.right > frame.right + 1 ||
          own.top < frame.top - 1 || own.bottom > frame.bottom + 1)
      }).map(text => text.textContent)`)
      expect(cut, String(width)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    }
    await page.setViewportSize({ width: 1280, height: 900 })
  }
  const start = async (page: Page, settings: Readonly<Record<string, string>>) => {
    await page.goto(`${served.address}lab/#new=mlp-on-mnist`)
    await page.reload()
    await page.click('details.more summary')
    for (const [name, value] of Object.entries(settings)) await page.fill(`input[name=${name}]`, value)
    await page.click('text=Start the run')
  }

  it('starts a run from the form, shows it live in two browsers, stops it and resumes it', async () => {
    const page = await open('lab/')
    expect(await page.evaluate('crossOriginIsolated')).toBe(true)
    await start(page, { epochs: '1000', hidden: '64' })
    await page.waitForSelector('text=Stop at a checkpoint')
    await measured(page)
    const watcher = await open(`lab/${await page.evaluate<string>('location.hash')}`)
    await measured(watcher)
    await page.click('text=Stop at a checkpoint')
    await page.waitForSelector('h2 .badge:text("stopped")')
    await watcher.waitForSelector('h2 .badge:text("stopped")')
    await page.click('button:text("Resume")')
    await watcher.waitForSelector('h2 .badge:text("running")')
    await page.waitForSelector('text=Stop at a checkpoint')
    await page.click('text=Stop at a checkpoint')
    await page.waitForSelector('h2 .badge:text("stopped")')
    await watcher.close()
    await page.close()
    expect(troubles).toEqual([])
  }, 600_000)

  it('shows what a finished run mistakes, folds its seeds, names it, and compares them', async () => {
    const page = await open('lab/')
    for (const seed of ['1', '2']) {
      await start(page, { epochs: '1', hidden: '16', trainExamples: '2000', seed })
      await page.waitForSelector('.gallery li')
    }
    // What it reached, with the interval that 10,000 examples give, and the task's settings of the run.
    expect(await page.textContent('.verdict')).toMatch(
      /^Test error [\d.]+ %; 95 % interval [\d.]+ % to [\d.]+ % over 10,000 examples\.$/,
    )
    await page.click('text=Name it, tag it')
    await page.fill('input[name=title]', 'narrow net')
    await page.fill('input[name=tags]', '#try small')
    await page.click('form.notes button[type=submit]')
    await page.waitForSelector('h2:has-text("narrow net")')
    await shows(page, [1280, 390])
    expect(await page.getAttribute('text=Again with other settings', 'href')).toMatch(
      /^#new=mlp-on-mnist(?=.*&epochs=1)(?=.*&hidden=16)(?=.*&trainExamples=2000)(?=.*&seed=2)/,
    )
    await page.click('text=Again with other settings')
    await expect.poll(() => page.inputValue('input[name=hidden]'), PATIENT).toBe('16')
    await page.goto(`${served.address}lab/#`)
    await page.fill('[data-search]', '#try')
    // One of the two seeds is called so.
    await page.waitForSelector('.runs tbody tr:has-text("narrow net"):has-text("seed 2")')
    await page.fill('[data-search]', '"trainExamples":2000')
    const row = page.locator('.runs tbody tr').first()
    await row.locator('text=2 seeds').waitFor()
    expect(await row.textContent()).toMatch(/narrow net.*#try #small.* ± .* %test error.*finished/)
    await page.focus('.runs-region')
    for (const key of ['j', 'x', 'c']) await page.keyboard.press(key)
    await page.waitForSelector('.verdict:has-text("One setting, 2 seeds: the mean test error is")')
    expect(await page.locator('figure svg .line:not(.swatch)').count()).toBeGreaterThan(0)
    await page.focus('.chart-place')
    await page.keyboard.press('ArrowRight')
    expect(await page.textContent('.reading')).toMatch(/^epoch \d/)
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)

  it('trains the same run alone and while two browsers watch and compare, and both browsers see its end', async () => {
    // Long enough that two pages see it under way on the fastest machine.
    const settings = { epochs: '10', hidden: '128', trainExamples: '30000', seed: '7' }
    const nameOf = (page: Page) => page.evaluate<string>('location.hash.replace("#run=", "")')
    const metricsOf = async (page: Page, name: string) => {
      const response = await page.request.get(`${served.address}api/runs/${name}`)
      return ((await response.json()) as { metrics: Record<string, number> }).metrics
    }
    const page = await open('lab/')
    await start(page, settings)
    await page.waitForSelector('h2 .badge:text("finished")', { timeout: 400_000 })
    const alone = await nameOf(page)

    const [watcher, comparer] = [await open('lab/'), await open('lab/')]
    await start(page, settings)
    await page.waitForSelector('text=Stop at a checkpoint')
    const watched = await nameOf(page)
    expect(watched).not.toBe(alone)
    await watcher.evaluate(`location.hash = "#run=${watched}"`)
    await comparer.evaluate(`location.hash = "#compare=${alone},${watched}"`)
    await comparer.waitForSelector('h2:text("2 runs compared")')
    let comparisons = 0
    let whileRunning = 0
    while ((await watcher.locator('h2 .badge:text("finished")').count()) === 0) {
      const { status } = (await (await comparer.request.get(`${served.address}api/runs/${watched}`)).json()) as {
        status: string
      }
      await comparer.selectOption('select', comparisons % 2 === 0 ? 'test/loss' : 'test/error')
      await comparer.waitForSelector('th:text("run")')
      await comparer.reload()
      await comparer.waitForSelector('h2:text("2 runs compared")')
      comparisons++
      if (status === 'running') whileRunning++
      expect(['running', 'completed']).toContain(status)
    }
    expect(whileRunning).toBeGreaterThan(0)
    const [expected, actual] = [await metricsOf(page, alone), await metricsOf(page, watched)]
    expect(expected['test/error']).toBeGreaterThan(0)
    expect(actual).toEqual(expected)
    // The charts of a page are read at one epoch, by the keyboard and by the pointer; one of them is announced.
    await watcher.locator('.chart-place').first().focus()
    for (const key of ['End', 'ArrowLeft']) await watcher.keyboard.press(key)
    expect(await epochsOf(watcher)).toEqual(['epoch 9', 'epoch 9'])
    expect(await liveOf(watcher)).toEqual(['polite', 'off'])
    for (const key of ['Tab', 'Tab', 'ArrowLeft']) await watcher.keyboard.press(key)
    expect(await epochsOf(watcher)).toEqual(['epoch 8', 'epoch 8'])
    expect(await liveOf(watcher)).toEqual(['off', 'polite'])
    await watcher.locator('h1').click()
    await expect.poll(() => epochsOf(watcher), PATIENT).toEqual(['', ''])
    await expect.poll(() => comparer.locator('.chart-place').count(), PATIENT).toBe(3)
    await comparer.locator('.chart-place').first().hover()
    const [at = '', ...others] = await epochsOf(comparer)
    expect(at).toMatch(/^epoch \d+$/)
    // Training is kept at some sixty places of ten epochs: the nearest one.
    const [, epoch = ''] = at.split(' ')
    const apart = others.map(text => Math.abs(Number(text.split(' ')[1]) - Number(epoch)))
    expect(apart.length).toBe(2)
    expect(Math.max(...apart)).toBeLessThan(0.2)
    // Both runs end in the same figure, in both browsers.
    const shown = `${(100 * (actual['test/error'] ?? NaN)).toFixed(2)} %`
    await watcher.waitForSelector(`td.figure:text("${shown}")`)
    // A finished run leads to its comparison with the other one.
    const beside = await watcher.locator('a:text("Compare with:")').getAttribute('href')
    expect(beside?.replace('#compare=', '').split(',').toSorted()).toEqual([alone, watched].toSorted())
    await comparer.reload()
    await comparer.waitForSelector('tbody tr')
    expect(await comparer.locator(`td.figure:text("${shown}")`).count()).toBe(2)
    for (const one of [watcher, comparer, page]) await one.close()
    expect(troubles).toEqual([])
  }, 600_000)

  it('says what is wrong with each setting beside its field, and what was written there', async () => {
    const page = await open('lab/')
    await start(page, { learningRate: 'fast', dropout: '2', hidden: '64, abc' })
    const said = (name: string) => page.textContent(`#wrong-${name}`)
    expect(await said('learningRate')).toBe('learningRate must be a number.')
    expect(await said('dropout')).toBe('dropout must be less than 1.')
    expect(await said('hidden')).toBe('hidden.1 must be a number.')
    expect(await page.locator('[aria-invalid=true]').count()).toBe(3)
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await page.close()
    // The browser itself notes that the lab refused.
    expect(troubles.splice(0).every(text => text.includes('400'))).toBe(true)
  })

  it('goes on from where a page was when it was hidden, with nothing fetched twice and nothing left out', async () => {
    const page = await open('lab/')
    await start(page, { epochs: '1000', hidden: '32', trainExamples: '2000' })
    await measured(page)
    const asked: string[] = []
    page.on('request', request => {
      const { pathname, searchParams } = new URL(request.url())
      if (pathname.endsWith('/events')) asked.push(searchParams.get('cursor') ?? '')
    })
    const turn = (hidden: boolean) => page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))`)
    const step = async () => Number(await page.getAttribute('[data-step]', 'data-step'))
    await turn(true)
    const before = await step()
    const points = (await page.getAttribute('figure svg .line:not(.swatch) path', 'd'))?.split(/(?=-)| /) ?? []
    await new Promise(resolve => setTimeout(resolve, 1500))
    expect(await step()).toBe(before)
    await turn(false)
    await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(before)
    expect(asked).toEqual([expect.stringMatching(/^\d+\.[0-9a-f]{16}$/)])
    // The measurements of before are still drawn, and those of the hidden time beside them.
    const drawn = async () =>
      (await page.getAttribute('figure svg .line:not(.swatch) path', 'd'))?.split(/(?=-)| /).length ?? 0
    expect(points.length).toBeGreaterThan(0)
    await expect.poll(drawn, { timeout: 60_000 }).toBeGreaterThan(points.length)
    await page.click('text=Stop at a checkpoint')
    await page.waitForSelector('h2 .badge:text("stopped")')
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)

  it('trains on a table, and shows predictions of a number beside the truth', async () => {
    const table = join(root, 'prices.csv')
    const price = (i: number) => ((i % 17) * 1.5 + (i % 3) * 10 + Math.sin(i)).toFixed(2)
    const rows = Array.from({ length: 150 }, (_, i) => `${i % 17},${'abc'[i % 3] ?? ''},${price(i)}`)
    writeFileSync(table, ['rooms,district,price', ...rows, ''].join('\n'))
    const page = await open('lab/#new=tabular')
    const visible = () => page.locator('.field:visible').count()
    await expect.poll(visible, PATIENT).toBe(9)
    await page.fill('input[name=data]', table)
    await page.fill('input[name=target]', 'price')
    await page.fill('input[name=epochs]', '15')
    await page.click('details.more summary')
    await page.selectOption('select[name=header]', 'true')
    await page.click('text=Start the run')
    await page.waitForSelector('h3:text("Predictions of price")')
    expect(await page.locator('circle.prediction').count()).toBe(30)
    expect(await page.locator('rect.residual').count()).toBeGreaterThan(3)
    expect(await page.locator('figure:has-text("Mean absolute error") .line:not(.swatch)').count()).toBe(2)
    expect(await page.locator('figure:has-text("Accuracy")').count()).toBe(0)
    const text = await page.innerText('article')
    expect(text).toContain('R²')
    expect(text).not.toContain('[object Object]')
    // No value of a setting reaches into its neighbour.
    const cells = await page.evaluate<number[]>(`[...document.querySelectorAll('.settings div')]
      .map(cell => cell.scrollWidth - cell.clientWidth)`)
    expect(Math.max(...cells)).toBeLessThanOrEqual(0)
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)

  it('trains in a memo with as many threads as were measured to be the fastest', async () => {
    const page = await open('30ddlf/mlp-on-mnist/how-well/#try:hidden=32&epochs=1&seed=1')
    await page.click('.trainer button[type=submit]')
    await page.waitForSelector('.state[data-phase=training]')
    const processors = await page.evaluate<number>('navigator.hardwareConcurrency')
    const said = await page.locator('.measured-ways').allTextContents()
    expect(said.length).toBe(processors > 1 ? 1 : 0)
    const chosen = Number(/^Trained by (\d) thread/.exec(said[0] ?? '')?.[1])
    const speeds = [...(said[0] ?? '').matchAll(/(\d) threads? ([\d,]+)/g)]
      .map(([, threads, speed = '']) => ({ threads: Number(threads), speed: Number(speed.replaceAll(',', '')) }))
    if (processors > 1) {
      expect(speeds.length).toBeGreaterThan(1)
      const most = Math.max(...speeds.map(({ speed }) => speed))
      expect(most).toBeGreaterThan(0)
      expect(speeds.find(({ threads }) => threads === chosen)?.speed).toBe(most)
    }
    await page.click('.trainer button:text("Stop")')
    await page.waitForSelector('.state[data-phase=stopped]')
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)

  it('says of what is not there what was asked for, and names what is near', async () => {
    const page = await context.newPage()
    const answer = await page.goto(`${served.address}30ddlf/mlp-on-minst/?x=1`)
    expect(answer?.status()).toBe(404)
    expect(await page.textContent('[data-address]')).toBe('/30ddlf/mlp-on-minst/')
    await page.waitForSelector('[data-near] a[href="/30ddlf/mlp-on-mnist/"]')
    await page.goto(`${served.address}lab/#run=mlp-on-mnist/20200101-000000-none`)
    await page.waitForSelector('[role=alert]:text("There is no such run")')
    await page.goto(`${served.address}lab/#new=mlp-on-minst`)
    await page.reload()
    await page.waitForSelector('[role=alert]:text("mlp-on-minst")')
    await page.close()
  }, 60_000)

  it('lets a language model write, piece by piece, until it is stopped', async () => {
    const gpt = findExperiment(experiments, 'gpt-on-shakespeare')
    const settings = parseSettings(gpt, { layers: 1, width: 16, heads: 2, blockSize: 16 })
    const { metrics } = gpt.task
    const store = startRun({
      root, experiment: gpt.name, config: { ...settings }, seed: 1, command: ['ddlf'], data: {}, metrics,
    })
    const tensors = stateDict(withSeed(1, () => gpt.model(settings)))
    store.saveCheckpoint({ tensors, loop: { epoch: 0, stepInEpoch: 0, globalStep: 0, metrics: {} } }, { best: true })
    store.finish({ status: 'completed', reason: 'made', summary: {} })
    const page = await open(`lab/#run=${store.name}`)
    const box = page.locator('.text-box')
    const written = box.locator('.written')
    const write = async (prompt: string, tokens: string) => {
      await box.locator('textarea').fill(prompt)
      await box.getByLabel('Tokens').fill(tokens)
      await box.getByText('Write', { exact: true }).click()
    }
    await write('ROMEO:', '30')
    await expect.poll(() => written.getAttribute('aria-busy'), PATIENT).toBe('false')
    const first = (await written.textContent()) ?? ''
    expect(first).toMatch(/^ROMEO:/)
    expect(first.length).toBe('ROMEO:'.length + 30)
    await write('ROMEO:', '4000')
    await expect.poll(async () => (await written.textContent())?.length ?? 0, PATIENT).toBeGreaterThan(40)
    await box.getByText('Stop', { exact: true }).click()
    await expect.poll(() => box.locator('.go [role=status]').textContent(), PATIENT).toBe('Stopped.')
    expect(await written.textContent()).toContain(first)
    await write('\u65e5', '5')
    await expect.poll(() => box.locator('.go [role=status]').textContent(), PATIENT).toMatch(/never seen/)
    await page.close()
  }, 300_000)

  it('shows a browser without the key where to find it', async () => {
    const page = await browser.newPage()
    const answers = await Promise.all(
      ['', 'lab/', 'api/runs', 'favicon.svg'].map(path => page.request.get(served.address + path)),
    )
    expect(answers.map(answer => answer.status())).toEqual([401, 401, 401, 401])
    await page.goto(`${served.address}lab/`)
    await page.waitForSelector('h1:text("The lab is locked")')
    expect(await page.textContent('body')).toContain('npm run ddlf -- lab')
    await page.close()
  }, 60_000)

  it('refuses settings that are out of range in words', async () => {
    const page = await open('lab/')
    await start(page, { epochs: '-3' })
    await page.waitForSelector('[role=alert]:text("epochs")')
    await page.close()
  }, 60_000)
})
