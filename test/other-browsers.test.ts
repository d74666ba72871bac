// The pages in Firefox and in WebKit: the plan trains a network, a figure moves, an exercise is solved, a trainer
// trains.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtSite, SITE_BASE } from './built-site.ts'
import { closers } from './closers.ts'
import { ARROW_RIGHT, otherBrowsers, type OtherBrowser } from './other-browsers.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

/** Bounds against hanging only. */
const PATIENCE = 120_000

// Where there is no other browser the suite says above how to install them.
describe.skipIf(otherBrowsers.length === 0)('the pages', () => {
  let server: StaticServer
  const closing = closers()
  beforeAll(async () => {
    server = await serveFolder((await builtSite()).site, SITE_BASE)
    closing.add(() => server.close())
  }, 900_000)
  afterAll(closing.closeAll)

  /** Until an expression holds in the page. */
  const until = (browser: OtherBrowser, expression: string) =>
    expect
      .poll(() => browser.evaluate<boolean>(`Boolean(${expression})`), { timeout: PATIENCE, message: expression })
      .toBe(true)
  const text = (browser: OtherBrowser, selector: string) =>
    browser.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`)
  const show = (browser: OtherBrowser, selector: string) =>
    browser.evaluate(`(document.querySelector(${JSON.stringify(selector)}).scrollIntoView({ block: 'center' }), 0)`)

  /** Clicks, again where a page that is drawn still has moved what was clicked, until an expression holds. */
  const clickUntil = (browser: OtherBrowser, selector: string, expression: string) => {
    const holds = () => browser.evaluate<boolean>(`Boolean(${expression})`)
    const click = async () => {
      if (await holds()) return true
      await show(browser, selector)
      await browser.click(selector)
      return holds()
    }
    return expect.poll(click, { timeout: PATIENCE, interval: 3000, message: expression }).toBe(true)
  }

  async function solveExercise(browser: OtherBrowser): Promise<void> {
    const box = '.exercise[data-name=softmax-cross-entropy]'
    const place = '../course/topics/01-mlp-on-mnist/exercises/answers/softmax-cross-entropy.ts'
    const answer = readFileSync(new URL(place, import.meta.url), 'utf8')
    await show(browser, box)
    await until(browser, `document.querySelector('${box} [data-solve]:not([disabled])')`)
    await clickUntil(browser, `${box} [data-solve]`, `document.querySelector('${box} textarea')`)
    const attempt = async (code: string) => {
      await browser.evaluate(`((box, code) => {
        box.value = code
        box.dispatchEvent(new Event('input', { bubbles: true }))
        return 0
      })(document.querySelector('${box} textarea'), ${JSON.stringify(code)})`)
      const run = `${box} [data-run]`
      await until(browser, `(one => !one.disabled && one.offsetHeight > 0)(document.querySelector('${run}'))`)
      await show(browser, run)
      await browser.click(run)
      await until(browser, `document.querySelector('${box} [data-run]:not([disabled])')`)
      return text(browser, `${box} [data-told]`)
    }
    const head = 'export function softmaxCrossEntropy(logits: number[], label: number) {\n'
    expect(await attempt(`${head}throw new Error("not yet")\n}`)).toBe('Line 2: Error: not yet')
    await attempt(answer)
    await until(browser, `document.querySelector('${box}[data-solved]')`)
  }

  it.each(otherBrowsers)('work in %s', async (_, open) => {
    const browser = await open()
    try {
      await browser.goto(server.address)
      await until(browser, `document.querySelector('[data-train-button]:not([disabled])')`)
      await browser.click('[data-train-button]')
      await until(browser, `Number(document.querySelector('[data-train-now]').dataset.error) < 0.5`)

      await browser.goto(`${server.address}30ddlf/mlp-on-mnist/`)
      await show(browser, '.digit-under-weights')
      await until(browser, `document.querySelector('.digit-under-weights[data-ready]')`)
      await browser.press('.digit-under-weights [data-part=surface]', ARROW_RIGHT)
      expect(await text(browser, '.digit-under-weights [data-part=said]')).toContain('moved by 1 and 0')
      await solveExercise(browser)

      const settings = 'hidden=16&trainExamples=1280&epochs=1&seed=2'
      await browser.goto(`${server.address}30ddlf/mlp-on-mnist/how-well/#try:${settings}`)
      await until(browser, `document.querySelector('.trainer button[type=submit]')`)
      await show(browser, '.trainer button[type=submit]')
      await browser.click('.trainer button[type=submit]')
      await until(browser, `document.querySelector('.state[data-phase=done], .state[data-phase=failed]')`)
      expect(await text(browser, '.state p')).toMatch(/[\d.]+ % of the test digits/)
      expect(browser.troubles).toEqual([])
    } finally {
      await browser.close()
    }
  }, 4 * PATIENCE)
})
