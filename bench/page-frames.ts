// Frames while a reader moves each explaining figure, the processor slowed four times, in Chromium: frames a second
// (the mean, and of the slowest half second), and the milliseconds from opening a memo until its figure answers. Of a
// figure that is moved in several ways (dragged, by its sliders, by its letters) the slowest counts.
// Budget: 60 frames a second, never under 30; two seconds.
//   npm run bench page-frames                  all figures of all topics
//   npm run bench page-frames attend window    these two
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { explained } from '../packages/site/src/build/explained.ts'
import { launchBrowser } from '../test/browser.ts'
import { builtSite, SITE_BASE } from '../test/built-site.ts'
import { serveFolder } from '../test/static-server.ts'

const SLOWED = 4
const BUDGET = { frames: 30, milliseconds: 2000 }
/** Milliseconds that each way of moving a figure is watched. */
const WATCHED = 2500
/** The figure that pronounces words is a component of its own. */
const SPELLS = 'spell-sounds'
/** Notes when each frame was shown, from now on, until another watch begins. */
const WATCH =
  '(() => { const own = window.frames = []; const note = at => { if (window.frames !== own) return; own.push(at); ' +
  'requestAnimationFrame(note) }; note(performance.now()) })()'
/** Frames a second: the mean, and over the slowest half second. */
const SPEED = `(() => {
  const [first, last] = [frames[0], frames.at(-1)]
  const halves = frames.map(at => frames.filter(other => other >= at && other < at + 500).length * 2)
  const whole = halves.filter((_, i) => frames[i] + 500 <= last)
  return { mean: ((frames.length - 1) / (last - first)) * 1000, least: Math.min(...whole) }
})()`

interface Moved {
  readonly how: string
  readonly mean: number
  readonly least: number
}

interface Measured extends Moved {
  readonly place: string
  readonly figure: string
  readonly answers: number
}

/** Drags to and fro around the middle of what is dragged. @param reach share of its width */
async function drag(page: Page, moving: Locator, reach: number): Promise<void> {
  const { x, y, width, height } = (await moving.boundingBox()) ?? { x: 0, y: 0, width: 1, height: 1 }
  const move = (i: number) =>
    page.mouse.move(x + width * (0.5 + reach * Math.sin(i / 6)), y + height * (0.5 + (reach / 2) * Math.cos(i / 9)))
  await move(0)
  await page.mouse.down()
  await page.evaluate(WATCH)
  const until = performance.now() + WATCHED
  for (let i = 0; performance.now() < until; i++) await move(i)
  await page.mouse.up()
}

/** Presses one button after the other. */
async function press(page: Page, buttons: Locator): Promise<void> {
  await page.evaluate(WATCH)
  const until = performance.now() + WATCHED
  for (let i = 0; performance.now() < until; i++) await buttons.nth(i % Math.max(1, await buttons.count())).click()
}

/** Moves a figure in every way that it has. */
async function moveAll(page: Page, figure: Locator): Promise<readonly Moved[]> {
  const moved: Moved[] = []
  const measure = async (how: string, what: Locator, move: () => Promise<void>) => {
    await what.first().scrollIntoViewIfNeeded()
    await move()
    moved.push({ how, ...(await page.evaluate<Pick<Moved, 'mean' | 'least'>>(SPEED)) })
  }
  const surface = figure.locator('[role=application]').first()
  if (await surface.count()) await measure('dragged', surface, () => drag(page, surface, 0.2))
  for (const slider of await figure.locator('input[type=range]').all()) {
    const name = (await slider.getAttribute('aria-label')) ?? 'slider'
    if (await slider.isVisible()) await measure(name, slider, () => drag(page, slider, 0.4))
  }
  const words = figure.locator('svg [role=button], [data-part=surface] button')
  if (await words.count()) await measure('its words', words, () => press(page, words))
  return moved
}

/** Every explaining figure of the pages: the place of its memo, and its name. */
function figuresOf(site: string): (readonly [place: string, figure: string])[] {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('index.html'))
  return pages.sort().flatMap(page => {
    const names = readFileSync(join(site, page), 'utf8').matchAll(/data-explain="([\w-]+)"|data-spells=/g)
    return [...names].map(([, name = SPELLS]) => [page.replace(/index\.html$/, ''), name] as const)
  })
}

async function measureFigure(browser: Browser, address: string, place: string, figure: string): Promise<Measured> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const client = await page.context().newCDPSession(page)
  await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWED })
  const opened = performance.now()
  await page.goto(address + place, { waitUntil: 'commit' })
  const found = page.locator(figure === SPELLS ? `.${SPELLS}` : `.explain.${figure}`)
  await found.scrollIntoViewIfNeeded()
  await found.locator(':is(button, input):enabled').first().waitFor()
  const answers = performance.now() - opened
  if (figure === SPELLS) {
    // Its letters can be struck once it has said a word.
    await found.locator('[data-part=spell]').click()
    await found.locator('[data-part=surface] button').first().waitFor()
  }
  const moved = await moveAll(page, found)
  await page.close()
  const slowest = moved.toSorted((a, b) => a.least - b.least)[0]
  if (!slowest) throw new Error(`Nothing of the figure ${figure} can be moved.`)
  return { place, figure, answers, ...slowest }
}

function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ place, figure, how, mean, least, answers }) =>
    [figure, place.replace(/^30ddlf\//, ''), how, mean.toFixed(0), String(least), answers.toFixed(0)])
  const all = [['figure', 'memo', 'slowest when moved by', 'mean', 'least', 'answers, ms'], ...rows]
  const widths = (all[0] ?? []).map((_, i) => Math.max(...all.map(row => (row[i] ?? '').length)))
  return all.map(row => row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    .join('  ')).join('\n')
}

const asked = process.argv.slice(3)
const { site } = await builtSite()
const all = figuresOf(site)
const absent = [...Object.keys(explained), ...asked].filter(name => !all.some(([, figure]) => figure === name))
if (absent.length > 0) throw new Error(`No page has these figures: ${absent.join(', ')}.`)
const figures = all.filter(([, figure]) => asked.length === 0 || asked.includes(figure))
const server = await serveFolder(site, SITE_BASE)
const browser = await launchBrowser()
try {
  const measured: Measured[] = []
  for (const [place, figure] of figures) {
    console.log(`${measured.length + 1} of ${figures.length}: ${figure} ...`)
    measured.push(await measureFigure(browser, server.address, place, figure))
  }
  const sorted = measured.toSorted((a, b) => a.least - b.least)
  console.log(`\n${table(sorted)}\n`)
  const [least] = sorted
  const slow = measured.toSorted((a, b) => b.answers - a.answers)[0]
  console.log(
    `${measured.length} of ${all.length} figures. Least: ${least?.least} frames a second (${least?.figure}, ` +
      `${least?.how}), budget ${BUDGET.frames}. Latest: ${slow?.answers.toFixed(0)} ms (${slow?.figure}), budget ` +
      `${BUDGET.milliseconds}.`,
  )
} finally {
  await browser.close()
  await server.close()
}
