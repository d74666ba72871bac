// The course's pages in a browser, from a plain static host below a base path: pages, links, accessibility, training,
// drawing, search.
import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { experiments } from '@ddlf/course'
import { findExperiment, memoryRunStore, parseSettings, train } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { buildSite } from '../packages/cli/src/site/build-site.ts'
import { hasBrowser, launchBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

const BASE = '/some/course/'
const PAGES = [
  '',
  'blog/30-days-of-deep-learning-fundamentals/',
  '30ddlf/mlp-on-mnist/',
  ...['how-well', 'start-and-shape', 'by-heart', 'claims', 'published'].map(part => `30ddlf/mlp-on-mnist/${part}/`),
  '30ddlf/intro-level-CNN/',
  '30ddlf/intro-level-CNN/in-colour/',
  '30ddlf/lets-go-deeper-in-CNN/',
  'lab/',
  'search/',
  'source/course/topics/01-mlp-on-mnist/mlp.ts/',
  '404.html',
  'reference/',
  'reference/nn/',
  'reference/nn/Linear/',
]
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describe.skipIf(!hasBrowser)('the site', () => {
  let folder = ''
  let server: StaticServer
  let browser: Browser
  const closing = closers()
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ddlf-site-'))
    closing.add(() => rmSync(folder, { recursive: true }))
    await buildSite({ base: BASE, out: folder, quiet: true })
    server = await serveFolder(folder, BASE)
    closing.add(() => server.close())
    browser = await launchBrowser()
    closing.add(() => browser.close())
  }, 900_000)
  afterAll(closing.closeAll)

  /** A page that notes what goes wrong in it. */
  async function open(
    path: string,
    options: Parameters<Browser['newPage']>[0] = {},
  ): Promise<{ page: Page; troubles: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
    const troubles: string[] = []
    const { origin } = new URL(server.address)
    page.on('console', message => {
      // Without the lab behind it, the lab's page is told so by a 404.
      if (message.type() === 'error' && !message.location().url.includes('/api/')) troubles.push(message.text())
    })
    page.on('pageerror', error => troubles.push(error.message))
    page.on('request', request => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
        troubles.push(`a foreign request: ${request.url()}`)
    })
    await page.goto(server.address + path)
    return { page, troubles }
  }

  it.each(PAGES)(
    '/%s loads without errors or foreign requests, and is accessible in light, in dark and on a phone',
    async path => {
      for (const options of [
        { colorScheme: 'light' },
        { colorScheme: 'dark' },
        { viewport: { width: 360, height: 740 } },
      ] as const) {
        const { page, troubles } = await open(path, options)
        await page.evaluate(axe)
        const violations = await page.evaluate(async () => {
          const { axe: checker } = globalThis as unknown as {
            axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
          }
          const found = await checker.run()
          return found.violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
        })
        expect(violations).toEqual([])
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
        expect(overflow).toBeLessThanOrEqual(0)
        expect(troubles).toEqual([])
        await page.close()
      }
    },
  )

  it('has no broken link and no broken anchor', async () => {
    const { page } = await open('')
    const broken: string[] = []
    for (const path of PAGES) {
      await page.goto(server.address + path)
      const links = await page.evaluate<string[]>(
        '[...document.querySelectorAll("a[href]")].map(anchor => anchor.href)',
      )
      for (const link of new Set(links)) {
        const { origin, hash, pathname } = new URL(link)
        if (origin !== new URL(server.address).origin) continue
        const response = await page.request.get(origin + pathname)
        if (!response.ok()) broken.push(link)
        else if (
          hash.length > 1 &&
          !/^#(new|run|compare|try)/.test(hash) &&
          !(await response.text()).includes(`id="${decodeURIComponent(hash.slice(1))}"`)
        )
          broken.push(link)
      }
    }
    expect(broken).toEqual([])
    await page.close()
  })

  /** Bytes on the wire until a page is quiet. */
  async function bytesOf(path: string, act: (page: Page) => Promise<void> = async () => {}): Promise<number> {
    const page = await browser.newPage()
    const before = server.sent()
    await page.goto(server.address + path, { waitUntil: 'networkidle' })
    await act(page)
    expect(
      await page.evaluate<number>('[...document.fonts].filter(font => font.status === "loaded").length'),
    ).toBeGreaterThan(0)
    await page.close()
    return server.sent() - before
  }

  it('shows a memo and the plan within their budgets of bytes on the wire, fonts and all', async () => {
    for (const [path, most] of [
      ['', 180_000],
      ...PAGES.filter(page => page.startsWith('30ddlf')).map(page => [page, 240_000] as const),
    ] as const) {
      const bytes = await bytesOf(path)
      expect(bytes, path).toBeGreaterThan(50_000)
      expect(bytes, path).toBeLessThan(most)
    }
  }, 120_000)

  it('keeps drawings below two fifths of every memo, and its parts short enough to read', async () => {
    const page = await browser.newPage()
    for (const path of PAGES.filter(one => one.startsWith('30ddlf'))) {
      await page.goto(server.address + path)
      const { all, drawn, largest, words } = await page.evaluate<{
        all: number
        drawn: number
        largest: number
        words: number
      }>(`(() => {
        const sizes = [...document.querySelectorAll('main svg')].map(svg => svg.outerHTML.length)
        return {
          all: document.documentElement.outerHTML.length,
          drawn: sizes.reduce((a, b) => a + b, 0), largest: Math.max(0, ...sizes),
          words: document.querySelector('article').innerText.split(/\\s+/).length,
        }
      })()`)
      expect(drawn / all, path).toBeLessThan(0.4)
      expect(largest, path).toBeLessThan(25_000)
      expect(words, path).toBeLessThanOrEqual(2500)
    }
    await page.close()
  }, 60_000)

  it('trains a network at a click within 0.7 MB, and reads a digit with it', async () => {
    const bytes = await bytesOf('', async page => {
      await page.click('[data-train-button]')
      await page.waitForFunction('Number(document.querySelector("[data-train-now]").dataset.error) < 0.5', undefined, {
        timeout: 60_000,
      })
      await page.waitForSelector('[data-take]:visible', { timeout: 60_000 })
      await page.click('[data-train-button]')
      await page.waitForSelector('[data-train-now][data-phase=done]', { timeout: 60_000 })
      await page.click('[data-take]')
      await page.waitForSelector('[data-answer][data-digit]')
      expect(await page.textContent('[data-answer]')).toMatch(
        /It reads \d, [\d.]+ % sure(, and is right|; it is a \d)\./,
      )
    })
    // Its worker's bytes are among them.
    expect(bytes).toBeGreaterThan(400_000)
    expect(bytes).toBeLessThan(700_000)
  }, 120_000)

  it('reads the values of a chart by the keyboard, and shows them as a table', async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/how-well/')
    await page.focus('.chart-place')
    for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    expect(await page.textContent('.reading >> nth=0')).toMatch(/^epoch 2: training \(5 seeds\) [\d.]+, test/)
    await page.click('.numbers summary >> nth=0')
    expect(await page.locator('.numbers table >> nth=0').isVisible()).toBe(true)
    expect(troubles).toEqual([])
    await page.close()
  }, 60_000)

  it.each([1440, 390, 320])('draws every text of a figure within it, %i pixels wide', async width => {
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    for (const path of PAGES.filter(one => one.startsWith('30ddlf'))) {
      await page.goto(server.address + path)
      await page.evaluate('document.fonts.ready')
      const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('svg.chart text')].filter(text => {
        const [own, frame] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()]
        return own.width > 0 && (own.left < frame.left - 1 || own.right > frame.right + 1 ||
          own.top < frame.top - 1 || own.bottom > frame.bottom + 1)
      }).map(text => text.textContent)`)
      expect(cut, path).toEqual([])
      const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('article figure')].filter(figure =>
        figure.getBoundingClientRect().right > innerWidth ||
        figure.scrollWidth > figure.clientWidth + 1).map(figure => figure.className)`)
      expect(wide, path).toEqual([])
    }
    await page.close()
  }, 120_000)

  it('finds a heading that moved to another part, and marks the place in the contents', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/#do-large-batches-generalise-worse')
    await page.waitForURL(/start-and-shape\/#do-large-batches/)
    await page.waitForSelector('.contents a[aria-current=location]')
    expect(await page.textContent('.contents a[aria-current=location]')).toBe('Do large batches generalise worse?')
    await page.close()
  }, 60_000)

  const violationsIn = async (page: Page, part: string) => {
    await page.evaluate(axe)
    return page.evaluate(async where => {
      type Violation = { id: string; impact: string; nodes: { html: string }[] }
      type Checker = { axe: { run: (part: string) => Promise<{ violations: Violation[] }> } }
      const { axe: checker } = globalThis as unknown as Checker
      const { violations } = await checker.run(where)
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
    }, part)
  }

  it.each(['light', 'dark'] as const)('lets figures be moved by the keyboard (%s)', async colorScheme => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/', { colorScheme, reducedMotion: 'reduce' })
    const digit = page.locator('.digit-under-weights')
    await digit.scrollIntoViewIfNeeded()
    await page.waitForSelector('.digit-under-weights[data-ready]')
    const said = (figure = '.digit-under-weights') => page.textContent(`${figure} [data-part=said]`)
    expect(await said()).toContain('The classifier says 7')
    await page.focus('.digit-under-weights [data-part=surface]')
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight')
    expect(await said()).toContain('moved by 4 and 0')
    expect(page.url()).toContain('#fig:digit-under-weights:digit=7&unit=7&right=4&down=0')
    // Still under reduced motion: the last frame at once, single steps by the button.
    await page.click('.digit-under-weights [data-part=play]')
    expect(await said()).toContain('moved by 8 and 0')
    await page.click('.digit-under-weights [data-part=reset]')
    await page.click('.digit-under-weights [data-part=step]')
    expect(await said()).toContain('moved by 1 and 0')
    await page.check('.guess input >> nth=0')
    expect(await page.textContent('.guess .verdict')).toMatch(/^Not quite: about one in four/)
    expect(await page.locator('.guess .answer').isVisible()).toBe(true)
    await page.focus('.listing pre')
    for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown')
    expect(await page.textContent('[data-line-said]')).toMatch(/^line 2: x: a picture becomes a list/)
    expect(await page.locator('.code-theory .lit').count()).toBeGreaterThanOrEqual(2)
    await page.locator('.backward').scrollIntoViewIfNeeded()
    await page.waitForSelector('.backward[data-ready]')
    for (let i = 0; i < 5; i++) await page.click('.backward [data-part=step]')
    expect(await said('.backward')).toContain('ReLU was open')
    for (const part of ['.digit-under-weights', '.backward', '.guess', '.code-theory'])
      expect(await violationsIn(page, part)).toEqual([])
    const state = 'rate=2.2&momentum=0&step=20&x=-9&y=3'
    await page.goto(`${server.address}30ddlf/mlp-on-mnist/start-and-shape/#fig:valley:${state}`)
    await page.waitForSelector('.explain[data-ready]')
    expect(await said('.valley')).toContain('it never arrives')
    await page.focus('.explain [data-part=rate]')
    await page.keyboard.press('Home')
    expect(await page.getAttribute('.explain [data-part=rate]', 'aria-valuetext')).toBe('0.02')
    expect(await violationsIn(page, '.explain')).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('shows the recorded frame of a figure without scripts', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/start-and-shape/', { javaScriptEnabled: false })
    expect(await page.locator('.explain .trail').isVisible()).toBe(true)
    expect(await page.textContent('.explain [data-part=said]')).toMatch(/^Step 12: the loss is/)
    await page.close()
  }, 60_000)

  it('solves an exercise in the page, tells what is wrong with a try, and keeps the tick', async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/')
    const box = '.exercise[data-name=softmax-cross-entropy]'
    const attempt = async (body: string) => {
      const head = 'export function softmaxCrossEntropy(logits: number[], label: number) {'
      await page.locator(`${box} textarea`).fill(`${head}\n${body}\n}`)
      await page.keyboard.press('Control+Enter')
      await page.waitForSelector(`${box} [data-run]:not([disabled])`, { timeout: 60_000 })
      return (await page.textContent(`${box} [data-told]`)) ?? ''
    }
    await page.click(`${box} [data-solve]`)
    await page.waitForSelector(`${box} textarea`)
    // Tab leaves the box until something is typed.
    await page.focus(`${box} textarea`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.tagName')).not.toBe('TEXTAREA')
    expect(await attempt('return { loss: 0, gradient: logits }')).toContain('expected')
    expect(await attempt('throw new Error("not yet")')).toBe('Line 2: Error: not yet')
    expect(await attempt('while (true) {}')).toContain('Line 2: This loop had not ended after 4 seconds.')
    expect(await violationsIn(page, box)).toEqual([])
    const answers = new URL('../course/topics/01-mlp-on-mnist/exercises/answers/', import.meta.url)
    const answer = readFileSync(new URL('softmax-cross-entropy.ts', answers), 'utf8')
    await page.locator(`${box} textarea`).fill(answer)
    await page.click(`${box} [data-run]`)
    await page.waitForSelector(`${box}[data-solved]`, { timeout: 60_000 })
    await page.reload()
    await page.waitForSelector(`${box}[data-solved]`)
    await page.click(`${box} [data-solve]`)
    expect(await page.inputValue(`${box} textarea`)).toBe(answer)
    expect(troubles).toEqual([])
    await page.close()
  }, 180_000)

  it("keeps the reader's progress on the plan", async () => {
    const { page } = await open('30ddlf/lets-go-deeper-in-CNN/')
    await page.locator('.onwards').scrollIntoViewIfNeeded()
    await page.waitForFunction('localStorage.getItem("ddlf-progress-1")?.includes("deeper-in-cnn/1")')
    await page.goto(server.address)
    await page.waitForSelector('.card:has-text("Deeper in CNN") [data-done]:text("read")')
    expect(await page.textContent('[data-continue]')).toContain('Continue: ')
    await page.close()
  }, 60_000)

  it('draws the step of the recorded net, and prints it', async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/')
    await page.locator('figure.graph[data-part=step] .drawing').scrollIntoViewIfNeeded()
    const drawing = page.locator('figure.graph[data-part=step] svg').first()
    await drawing.waitFor()
    expect(await drawing.isVisible()).toBe(true)
    const words = (await drawing.textContent()) ?? ''
    for (const word of ['logits.weight', 'labelCrossEntropy', 'backward pass', '= loss', '= accuracy', '[128, 784]'])
      expect(words).toContain(word)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.top').isVisible()).toBe(false)
    expect(await drawing.isVisible()).toBe(true)
    expect(await page.evaluate<number>('Math.max(...[...document.querySelectorAll("main svg")].map(svg => ' +
      'svg.getBoundingClientRect().right)) - innerWidth')).toBeLessThanOrEqual(0)
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(50_000)
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('leads from a memo to the lines that define its experiments', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/')
    expect(await page.locator('a[href$="/mlp.ts/"]').count()).toBeGreaterThan(0)
    await page.goto(`${server.address}30ddlf/mlp-on-mnist/how-well/`)
    await page.click('.question summary')
    await page.locator('.question a[href*="/source/"]').first().click()
    await page.waitForURL(/experiments\.ts\/#L\d+$/)
    expect(await page.textContent('.line:target')).toContain("name: 'mlp-on-mnist'")
    await page.close()
  })

  it('trains in the page on one thread, shows what it mistakes, and reads a drawn digit', async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/how-well/#try:hidden=128&epochs=2&seed=1')
    expect(await page.evaluate('crossOriginIsolated')).toBe(false)
    const controls = await page.locator('.trainer .slider > span').allTextContents()
    for (const control of ['Units in a layer', 'Hidden layers', 'Learning rate', 'Batch size', 'Dropout', 'Epochs'])
      expect(
        controls.some(text => text.startsWith(control)),
        control,
      ).toBe(true)
    expect(controls.some(text => text.startsWith('Processor'))).toBe(false)
    await page.click('.trainer button[type=submit]')
    // The first pictures of the weights, which training then changes.
    await page.waitForSelector('.filters figcaption:text("of 32 units")', { timeout: 120_000 })
    const filters = () => page.evaluate<string>('document.querySelector(".filters canvas").toDataURL()')
    const firstFilters = await filters()
    await page.waitForSelector('.state[data-phase=done]', { timeout: 180_000 })
    const status = (await page.textContent('.state p')) ?? ''
    expect(Number(/([\d.]+) % of the test digits/.exec(status)?.[1])).toBeGreaterThan(95)
    // Three settings are seen first.
    expect(await page.locator('.trainer .slider:visible').count()).toBe(3)
    expect(await page.evaluate<number>('[...document.querySelectorAll(".confusion td.right")].reduce((sum, cell) => ' +
      'sum + Number(cell.textContent), 0)')).toBeGreaterThan(9500)
    expect(await filters()).not.toBe(firstFilters)
    for (const chart of [0, 1])
      expect(await page.locator('.curves svg').nth(chart).locator('.line:not(.swatch)').count()).toBe(2)
    expect(await page.evaluate('caches.open("mnist-1").then(kept => kept.keys()).then(files => files.length)')).toBe(4)
    await page.locator('.pad').scrollIntoViewIfNeeded()
    const pad = (await page.locator('.pad').boundingBox())!
    const middle = pad.x + pad.width / 2
    await page.mouse.move(middle, pad.y + 40)
    await page.mouse.down()
    for (let y = 40; y <= pad.height - 40; y += 8) await page.mouse.move(middle + 1, pad.y + y)
    await page.mouse.up()
    await page.waitForSelector('[data-answer="1"]', { timeout: 30_000 })
    // The saliency, right of the digit, is in colour where the answer hangs on a pixel.
    expect(await page.evaluate<boolean>(`[...document.querySelector(".seen").getContext("2d").getImageData(28, 0, ` +
      `28, 28).data].some((value, i) => i % 4 === 2 && value < 128)`)).toBe(true)
    expect(troubles).toEqual([])
    await page.close()
  }, 300_000)

  it("draws the step of the net that the reader has chosen, again when a slider moves", async () => {
    const { page, troubles } = await open('30ddlf/mlp-on-mnist/how-well/#try:hidden=64&dropout=0.2')
    await page.click('.trainer details.graph > summary')
    const drawing = page.locator('.trainer .graph svg')
    await drawing.waitFor()
    expect(await drawing.textContent()).toContain('random mask')
    expect(await drawing.textContent()).not.toContain('hidden.2')
    await page.focus('.slider:has-text("Hidden layers") input')
    for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    await page.waitForSelector('.trainer .graph svg:has-text("hidden.2.0.weight")')
    await page.evaluate(axe)
    const violations = await page.evaluate(async () => {
      const { axe: checker } = globalThis as unknown as {
        axe: { run: (part: string) => Promise<{ violations: { id: string; impact: string }[] }> }
      }
      return (await checker.run('.trainer')).violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id }) => id)
    })
    expect(violations).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('trains on WebGPU as on WebAssembly, where there is an adapter', async context => {
    const withAdapter = await launchBrowser({ webgpu: true })
    try {
      const page = await withAdapter.newPage()
      await page.goto(
        `${server.address}30ddlf/mlp-on-mnist/how-well/#try:hidden=32&trainExamples=1280&epochs=1&seed=2&dropout=0.2`,
      )
      const hasAdapter = await page.evaluate<boolean>(
        'navigator.gpu ? navigator.gpu.requestAdapter().then(Boolean) : false',
      )
      if (!hasAdapter) return context.skip('no WebGPU adapter in this browser')
      const lossesOn = async (provider: string) => {
        await page.evaluate('document.querySelector(".trainer .more").open = true')
        await page.selectOption('.slider:has-text("Processor") select', provider)
        await page.click('.trainer button[type=submit]')
        await page.waitForSelector('.state[data-phase=training]', { timeout: 120_000 })
        await page.waitForSelector('.state[data-phase=done], .state[data-phase=failed]', { timeout: 240_000 })
        expect(await page.getAttribute('.state', 'data-phase'), (await page.textContent('.state')) ?? '').toBe('done')
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.click('text=Download the measurements'),
        ])
        const lines = readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as { step: number; name: string; value: number })
        return lines.filter(({ name }) => name === 'train/loss')
      }
      const expected = await lossesOn('wasm')
      const actual = await lossesOn('webgpu')
      expect(expected.at(-1)?.step).toBe(20)
      expect(actual.map(({ step }) => step)).toEqual(expected.map(({ step }) => step))
      actual.forEach(({ value, step }, i) =>
        expect(Math.abs(value / (expected[i]?.value ?? NaN) - 1), `step ${step}`).toBeLessThan(1e-3),
      )
    } finally {
      await withAdapter.close()
    }
  }, 500_000)

  it('gives the same loss curve as the terminal for the same seed', async () => {
    const given = [
      'hidden=128,32',
      'trainExamples=3200',
      'epochs=2',
      'seed=3',
      'learningRate=0.05',
      'batchSize=64',
      'dropout=0',
    ]
    const { page } = await open(`30ddlf/mlp-on-mnist/how-well/#try:${given.join('&')}`)
    await page.click('.trainer button[type=submit]')
    await page.waitForSelector('.state[data-phase=done]', { timeout: 180_000 })
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download the measurements')])
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { step: number; name: string; value: number })
    await page.close()

    const experiment = findExperiment(experiments, 'mlp-on-mnist')
    const settings = parseSettings(experiment, given)
    const store = memoryRunStore('terminal')
    const [trainData, test] = [
      await loadDataset('mnist', { split: 'train' }),
      await loadDataset('mnist', { split: 'test' }),
    ]
    for await (const event of train({
      experiment,
      settings,
      train: trainData,
      test,
      runtime: onnxNodeRuntime({ threads: 1 }),
      store,
      createLoader,
    }))
      expect(event.kind).not.toBe('failed')
    const expected = store.metrics.filter(({ name }) => name === 'train/loss')
    const actual = lines.filter(({ name }) => name === 'train/loss')
    expect(expected.map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(actual.map(({ step }) => step)).toEqual(expected.map(({ step }) => step))
    actual.forEach(({ value, step }, i) =>
      expect(Math.abs(value / expected[i]!.value - 1), `step ${step}`).toBeLessThan(1e-3),
    )
  }, 300_000)

  it('says of a page that is not there what was asked for, and leads to the one of nearly that name', async () => {
    const page = await browser.newPage()
    const answer = await page.goto(`${server.address}30ddlf/intro-level-CNNs/`)
    expect(answer?.status()).toBe(404)
    await page.waitForSelector(`[data-near] a[href="${BASE}30ddlf/intro-level-CNN/"]`)
    expect(await page.textContent('[data-address]')).toBe(`${BASE}30ddlf/intro-level-CNNs/`)
    await page.click('[data-search-link]')
    expect(await page.inputValue('#words')).toBe('intro level cnns')
    await page.close()
  }, 60_000)

  it('has a reference of what the packages export, from their docstrings, which a search finds', async () => {
    const { page, troubles } = await open('reference/')
    await page.click('a:has-text("@ddlf/lab")')
    await page.click('.exports a:has(code:text-is("fit"))')
    expect(await page.textContent('h1')).toBe('fit')
    expect(await page.textContent('article')).toContain("import { fit } from '@ddlf/lab'")
    // The signature as it is declared, with the types that have pages as links; the example in colours; what it throws.
    expect(await page.textContent('.signature')).toContain('function fit<M extends Module>(')
    await page.waitForSelector(`.signature a[href="${BASE}reference/nn/Module/"]`)
    expect(await page.textContent('article .astro-code')).toContain('new Sequential(new Linear(4, 32)')
    expect(await page.textContent('article')).toMatch(/Throws\s*UserError where the numbers and the model do not fit/)
    await page.click('.signature a:text-is("FitOptions")')
    expect(await page.textContent('.members')).toContain('readonly runtime: Runtime')
    await page.goto(`${server.address}search/?q=onnxNodeRuntime`)
    await page.waitForSelector(`[data-results] a[href^="${BASE}reference/tensor/onnxNodeRuntime/"]`)
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('can be used with the keyboard, remembers the chosen theme, and finds words', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).toBe('skip')
    await page.focus('[data-theme-button]')
    await page.keyboard.press('Enter')
    await page.reload()
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark')
    await page.goto(`${server.address}30ddlf/mlp-on-mnist/how-well/`)
    await page.focus('[data-open]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.trainer')
    await page.goto(`${server.address}search/`)
    await page.fill('#words', 'Keskar')
    await page.waitForSelector('[data-results] li a')
    expect(await page.getAttribute('[data-results] li a', 'href')).toContain(`${BASE}30ddlf/mlp-on-mnist/`)
    // The words are in the address, from which the same is found again.
    expect(new URL(page.url()).searchParams.get('q')).toBe('Keskar')
    await page.goto(`${server.address}search/?q=Srivastava`)
    await page.waitForSelector('[data-results] li a')
    expect(await page.inputValue('#words')).toBe('Srivastava')
    await page.close()
  }, 120_000)
})
