// Frames while a reader drags each explaining figure, the processor slowed four times, in Chromium: frames a second
// (the mean, and of the slowest half second), and the milliseconds from opening a memo until its figure answers.
// Budget: 60 frames a second, never under 30; two seconds.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../test/browser.ts'
import { builtSite, SITE_BASE } from '../test/built-site.ts'
import { serveFolder } from '../test/static-server.ts'

const SLOWED = 4
/** Notes when each frame was shown, from now on. */
const WATCH =
  'window.frames = []; (function note(at) { frames.push(at); requestAnimationFrame(note) })(performance.now())'
/** Frames a second: the mean, and over the slowest half second. */
const SPEED = `(() => {
  const [first, last] = [frames[0], frames.at(-1)]
  const halves = frames.map(at => frames.filter(other => other >= at && other < at + 500).length * 2)
  const whole = halves.filter((_, i) => frames[i] + 500 <= last)
  return { mean: ((frames.length - 1) / (last - first)) * 1000, least: Math.min(...whole) }
})()`

/** Drags what can be dragged, else the first slider, to and fro for two seconds. */
async function drag(page: Page, figure: string): Promise<void> {
  const moving = page.locator(`.explain.${figure} .moving, .explain.${figure} input[type=range]`).first()
  await moving.scrollIntoViewIfNeeded()
  const box = (await moving.boundingBox()) ?? { x: 0, y: 0, width: 1, height: 1 }
  const at = (share: number) => [box.x + box.width * share, box.y + box.height / 2] as const
  await page.mouse.move(...at(0.3))
  await page.mouse.down()
  await page.evaluate(WATCH)
  const until = performance.now() + 2500
  for (let i = 0; performance.now() < until; i++) await page.mouse.move(...at(0.3 + 0.1 * Math.sin(i / 6)))
  await page.mouse.up()
}

/** Every explaining figure of the pages: the place of its memo, and its name. */
function figuresOf(site: string): (readonly [place: string, figure: string])[] {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('index.html'))
  return pages.sort().flatMap(page => {
    const names = readFileSync(join(site, page), 'utf8').matchAll(/data-explain="([\w-]+)"/g)
    return [...names].map(([, name = '']) => [page.replace(/index\.html$/, ''), name] as const)
  })
}

const { site } = await builtSite()
const server = await serveFolder(site, SITE_BASE)
const browser = await launchBrowser()
try {
  for (const [place, figure] of figuresOf(site)) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const client = await page.context().newCDPSession(page)
    await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWED })
    const opened = performance.now()
    await page.goto(server.address + place, { waitUntil: 'commit' })
    await page.locator(`.explain.${figure}`).scrollIntoViewIfNeeded()
    await page.waitForSelector(`.explain.${figure}[data-ready]`)
    const ready = performance.now() - opened
    await drag(page, figure)
    const { mean, least } = await page.evaluate<{ mean: number; least: number }>(SPEED)
    const frames = `${mean.toFixed(0)} frames a second, least ${least}`
    console.log(`${place} ${figure}: ${frames}; answers after ${ready.toFixed(0)} ms`)
    await page.close()
  }
} finally {
  await browser.close()
  await server.close()
}
