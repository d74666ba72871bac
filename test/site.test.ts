// The course's pages in a browser, from a plain static host below a base path: what a reader does in them.
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITE_BASE as BASE } from './built-site.ts'
import { hasBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { siteInBrowser, violationsIn, type SiteInBrowser } from './site-in-browser.ts'
import type { StaticServer } from './static-server.ts'

describe.skipIf(!hasBrowser)('the site', () => {
  let server: StaticServer
  let browser: Browser
  let open: SiteInBrowser['open']
  const closing = closers()
  beforeAll(async () => {
    ;({ server, browser, open } = await siteInBrowser(closing))
  }, 900_000)
  afterAll(closing.closeAll)

  /** Bytes on the wire until a page is quiet. */
  async function bytesOf(path: string, act: (page: Page) => Promise<void>): Promise<number> {
    const page = await browser.newPage()
    const before = server.sent()
    await page.goto(server.address + path, { waitUntil: 'networkidle' })
    await act(page)
    await page.close()
    return server.sent() - before
  }

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
    expect(await page.textContent('.reading >> nth=0')).toMatch(/^epoch 2: training \(5 seeds\) [\d.]+(\snats)?, test/)
    await page.click('.numbers summary >> nth=0')
    expect(await page.locator('.numbers table >> nth=0').isVisible()).toBe(true)
    expect(troubles).toEqual([])
    await page.close()
  }, 60_000)

  it('finds a heading that moved to another part, and marks the place in the contents', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/#do-large-batches-generalise-worse')
    await page.waitForURL(/start-and-shape\/#do-large-batches/)
    await page.waitForSelector('.contents a[aria-current=location]')
    expect(await page.textContent('.contents a[aria-current=location]')).toBe('Do large batches generalise worse?')
    await page.close()
  }, 60_000)

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

  const WITH_FIGURES = ['mlp-on-mnist/', 'mlp-on-mnist/start-and-shape/', 'intro-level-CNN/', 'lets-go-deeper-in-CNN/']
  it.each(WITH_FIGURES)('walks by the keyboard through every figure of %s and out again', async place => {
    const { page, troubles } = await open(`30ddlf/${place}`, { reducedMotion: 'reduce' })
    const names = await page.evaluate<string[]>(
      '[...document.querySelectorAll(".explain")].map(one => one.dataset.explain)',
    )
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const figure = `.explain[data-explain=${name}]`
      const ask = <T>(expression: string) =>
        page.evaluate<T>(`(one => ${expression})(document.querySelector('${figure}'))`)
      await page.locator(figure).scrollIntoViewIfNeeded()
      await page.waitForSelector(`${figure}[data-ready]`)
      const said = () => page.textContent(`${figure} [data-part=said]`)
      const before = await said()
      await page.focus(`${figure} [data-part=scrub]`)
      // Along its steps: to the first, and one further.
      for (const key of ['Home', 'ArrowRight']) await page.keyboard.press(key)
      expect(await said()).not.toBe(before)
      // From the last of them a step begins anew, and Start over leads to where there are steps to take.
      const along = () => page.inputValue(`${figure} [data-part=scrub]`)
      await page.keyboard.press('End')
      await page.click(`${figure} [data-part=step]`)
      expect(await along()).toBe('0')
      await page.click(`${figure} [data-part=reset]`)
      expect(Number(await along())).toBeLessThan(Number(await page.getAttribute(`${figure} [data-part=scrub]`, 'max')))
      await page.focus(`${figure} [data-part=scrub]`)
      // Its controls have names, and Tab goes through them to what follows.
      expect(await ask('[...one.querySelectorAll("input")].filter(input => ' +
        '!input.labels?.[0]?.textContent.trim() && !input.getAttribute("aria-label")).length')).toBe(0)
      const isWithin = () => ask<boolean>('one.contains(document.activeElement)')
      for (let presses = 0; presses < 20 && (await isWithin()); presses++) await page.keyboard.press('Tab')
      expect(await isWithin()).toBe(false)
      expect(await ask<number>('one.scrollWidth - one.clientWidth')).toBeLessThanOrEqual(1)
    }
    expect(await violationsIn(page, '.explain')).toEqual([])
    await page.emulateMedia({ forcedColors: 'active' })
    expect(await violationsIn(page, 'article', ['color-contrast'])).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)

  it('says a word of the glossary on focus, in a card that Escape closes', async () => {
    const { page } = await open('30ddlf/mlp-on-mnist/published/')
    const term = page.locator('a.term').first()
    await term.focus()
    const card = page.locator('.glossary-card')
    expect(await card.textContent()).toContain(await term.getAttribute('data-meaning'))
    expect(await term.getAttribute('aria-describedby')).toBe(await card.getAttribute('id'))
    expect(await violationsIn(page, '.glossary-card')).toEqual([])
    const { x, width } = (await card.boundingBox())!
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x + width).toBeLessThanOrEqual(1280)
    await page.keyboard.press('Escape')
    expect(await card.count()).toBe(0)
    await page.close()
  }, 60_000)

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
    // It finds no way to answer in the place of the check.
    expect(await attempt('self.postMessage(null)')).toMatch(/^Line 2: TypeError: .*postMessage/)
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
