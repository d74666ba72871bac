// The lab over runs that were made long ago: ten thousand in a list, and lines of a comparison that open their runs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { createLab, serveLab, type ServedLab } from '@ddlf/lab/server'
import { builtSite } from './built-site.ts'
import { hasBrowser, launchBrowser } from './browser.ts'
import { closers } from './closers.ts'

const MANY = 10_000
const EPOCHS = [1, 2, 3, 4, 5]
const METRICS = [
  { name: 'error', title: 'error', unit: '', better: 'lower', format: 'percent' },
  { name: 'loss', title: 'loss', unit: '', better: 'lower', format: 'number' },
]
const idOf = (i: number) => `20200101-${String(i).padStart(6, '0')}-made`

/** Writes a run as a training leaves it. */
function made(root: string, experiment: string, i: number, config: object, errors: readonly number[]): string {
  const folder = join(root, experiment, idOf(i))
  mkdirSync(folder, { recursive: true })
  const record = {
    format: 1, experiment, id: idOf(i), status: 'completed', createdAt: '2020-01-01T00:00:00.000Z', config, seed: 1,
    metrics: METRICS, command: [], git: null, lockFile: null, data: {}, machine: null, versions: {}, attempts: [],
  }
  writeFileSync(join(folder, 'run.json'), JSON.stringify(record))
  const error = errors.at(-1)
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ metrics: { test: { error } }, seconds: 2 }))
  const lines = errors.map((value, at) =>
    JSON.stringify({ step: at + 1, epoch: at + 1, wallTime: 0, name: 'test/error', value }))
  if (lines.length > 1) writeFileSync(join(folder, 'metrics.jsonl'), `${lines.join('\n')}\n`)
  return `${experiment}/${idOf(i)}`
}

describe.skipIf(!hasBrowser)('the lab over many runs', () => {
  let served: ServedLab
  let browser: Browser
  let compared: string[]
  const closing = closers()
  const troubles: string[] = []
  beforeAll(async () => {
    const root = mkdtempSync(join(tmpdir(), 'ddlf-many-runs-'))
    closing.add(() => rmSync(root, { recursive: true, force: true }))
    for (let i = 0; i < MANY; i++) made(root, 'made-long-ago', i, { rate: i, epochs: 1 }, [0.1])
    compared = [0.01, 0.05, 0.2].map((rate, i) =>
      made(root, 'compared', i, { learningRate: rate, epochs: 5 }, EPOCHS.map(epoch => 0.3 / (1 + 9 * rate * epoch))))
    const lab = createLab({
      root, studies: join(root, '.studies'), experiments, experimentsModule: import.meta.resolve('@ddlf/course'),
      site: (await builtSite()).atRoot,
    })
    served = await serveLab(lab, { port: 0 })
    closing.add(() => served.close())
    browser = await launchBrowser()
    closing.add(() => browser.close())
  }, 900_000)
  afterAll(closing.closeAll)

  async function open(place: string, options: BrowserContextOptions = {}): Promise<{ page: Page; asked: URL[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
    page.setDefaultTimeout(120_000)
    const asked: URL[] = []
    page.on('request', request => {
      if (request.url().includes('/api/')) asked.push(new URL(request.url()))
    })
    page.on('pageerror', error => troubles.push(error.message))
    await page.goto(served.entrance('lab/'))
    if (place !== '') await page.goto(`${served.address}lab/${place}`)
    return { page, asked }
  }

  it('lists ten thousand with few rows in the page and few questions, and reaches the last', async () => {
    const { page, asked } = await open('')
    await page.waitForSelector(`.runs a:text-is("rate ${MANY - 1}; epochs 1")`)
    await page.waitForSelector(`[role=status]:text-is("10,003 runs")`)
    expect(await page.locator('.runs tbody tr').count()).toBeLessThan(60)
    expect(await page.getAttribute('.runs', 'aria-rowcount')).toBe(String(MANY + 4))
    const { name, title } = experiments[0]!
    expect(await page.locator(`.filters option[value="${name}"]`).textContent()).toBe(`${name}: ${title}`)
    const isList = ({ pathname }: URL) => pathname.endsWith('/api/runs')
    asked.length = 0
    // Through the list in two hundred steps, and on to its end.
    await page.evaluate(`(async () => {
      for (let step = 0; step < 200; step++) {
        scrollTo(0, step * 0.005 * document.documentElement.scrollHeight)
        await new Promise(requestAnimationFrame)
      }
      scrollTo(0, document.documentElement.scrollHeight)
    })()`)
    await page.waitForSelector('.runs a:text-is("learningRate 0.01; epochs 5")')
    expect(await page.locator('.runs tbody tr').count()).toBeLessThan(60)
    // A step stays for a frame; what only scrolls by is not asked for, or the list would ask two hundred times.
    expect(asked.filter(isList).length).toBeLessThan(60)
    for (const { searchParams } of asked.filter(isList)) expect(Number(searchParams.get('limit'))).toBeLessThan(301)
    // A word is searched for when it has been typed.
    asked.length = 0
    await page.locator('[data-search]').pressSequentially('"rate":1234')
    await page.waitForSelector('[role=status]:text-is("1 run")')
    expect(new Set(asked.filter(isList).map(({ searchParams }) => searchParams.get('text'))).size).toBeLessThan(11)
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)

  /** The middle of a line of the first chart, on the screen. */
  const middleOf = async (page: Page, line: number) => {
    const [x = 0, y = 0] = await page.evaluate<number[]>(`(() => {
      const path = document.querySelector('.chart-place svg').querySelectorAll('.line:not(.swatch) path')[${line}]
      const { x, y } = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM())
      return [x, y]
    })()`)
    return [x, y] as const
  }
  const picked = (page: Page) => page.locator('.picked-line').first().textContent()
  const place = (page: Page) => page.evaluate<string>('location.hash')
  /** Moves to the middle of a line, wherever the page has put it by then, until it is the one that is named. */
  const pointAt = async (page: Page, line: number, name: string) => {
    await expect.poll(async () => {
      await page.mouse.move(...(await middleOf(page, line)))
      return picked(page)
    }, { timeout: 20_000 }).toBe(`Open ${name}`)
  }

  /** Aims at the middle of a line, again where the page has moved it by then, until something holds. */
  const aimUntil = (
    page: Page, line: number, act: (x: number, y: number) => Promise<void>, holds: () => Promise<boolean>,
  ) => expect.poll(async () => {
    if (await holds()) return true
    await act(...(await middleOf(page, line)))
    return holds()
  }, { timeout: 60_000, interval: 500 }).toBe(true)

  it('opens the run of a line by the pointer and by keys, its name first', async () => {
    const { page } = await open(`#compare=${compared.join(',')}`)
    const here = await place(page)
    await page.waitForSelector('.chart-place svg .line path')
    expect(await picked(page)).toContain('A line opens its run: click it')
    await pointAt(page, 2, 'C: learningRate 0.2')
    expect(await page.locator('.chart-place svg.picking').first().locator('.picked').count()).toBe(1)
    // Between the lines there is nothing to open.
    const [x, y] = await middleOf(page, 0)
    await page.mouse.click(x, y - 40)
    expect(await place(page)).toBe(here)
    await pointAt(page, 0, 'A: learningRate 0.01')
    await aimUntil(page, 0, (lineX, lineY) => page.mouse.click(lineX, lineY + 4), async () =>
      (await place(page)) === `#run=${compared[0]}`)
    await page.waitForSelector('h2:has-text("learningRate 0.01")')
    await page.goBack()
    await page.waitForSelector('.chart-place svg .line path')
    await page.focus('.chart-place')
    for (const key of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
    await expect.poll(() => picked(page)).toBe('Open B: learningRate 0.05')
    expect(await page.getAttribute('.picked-line a', 'href')).toBe(`#run=${compared[1]}`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    expect(await place(page)).toBe(here)
    for (const key of ['ArrowUp', 'Enter']) await page.keyboard.press(key)
    await expect.poll(() => place(page)).toBe(`#run=${compared[2]}`)
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)

  it('names a line by a tap and opens it by another', async () => {
    const { page } = await open(`#compare=${compared.join(',')}`, {
      viewport: { width: 390, height: 900 }, hasTouch: true, isMobile: true,
    })
    const here = await place(page)
    await page.waitForSelector('.chart-place svg .line path')
    expect(await picked(page)).toBe('A tap on a line names it, a second one opens its run.')
    const tap = (atX: number, atY: number) => page.touchscreen.tap(atX, atY)
    await aimUntil(page, 1, tap, async () => (await picked(page)) === 'Open B: learningRate 0.05')
    expect(await place(page)).toBe(here)
    await aimUntil(page, 0, tap, async () => (await picked(page)) === 'Open A: learningRate 0.01')
    expect(await place(page)).toBe(here)
    await aimUntil(page, 0, tap, async () => (await place(page)) === `#run=${compared[0]}`)
    await page.close()
    expect(troubles).toEqual([])
  }, 240_000)
})
