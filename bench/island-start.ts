// From the click on an island of Days 11-20 to what it first shows, one thread, in a page whose cache is empty; the
// page itself has been loaded. Budget: five seconds.
// Run: npm run bench island-start
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../test/browser.ts'
import { builtSite, SITE_BASE } from '../test/built-site.ts'
import { serveFolder } from '../test/static-server.ts'
import { machine, median } from './alternate.ts'

const BUDGET = 5000
const rounds = Number(process.env['ROUNDS'] ?? 5)

interface Island {
  readonly shows: string
  readonly memo: string
  readonly button: string
  /** An expression in the page that is true once something is shown. */
  readonly shown: string
}

const textOf = (selector: string) => `(document.querySelector('${selector}')?.textContent ?? '')`
const ISLANDS: readonly Island[] = [
  {
    shows: 'words: its first loss', memo: 'words-as-vectors', button: '.words-trainer [data-part=train]',
    shown: `document.querySelector('.words-trainer [data-part=lines] li') !== null`,
  },
  {
    shows: 'own words: the answer to a sentence, counted', memo: 'text-classification',
    button: '.try-words [data-way=count]', shown: `${textOf('.try-words [data-votes]')}.length > 0`,
  },
  {
    shows: 'own words: the loss of a step', memo: 'text-classification', button: '.try-words [data-way=train]',
    shown: `/Step|Learned/.test(${textOf('.try-words [data-told]')})`,
  },
  {
    shows: 'names: its first loss', memo: 'recurrent-language-models', button: '.names-trainer [data-part=train]',
    shown: `document.querySelector('.names-trainer [data-part=lines] li') !== null`,
  },
  {
    shows: 'sounds: a word pronounced', memo: 'seq2seq-and-attention', button: '.spell-sounds [data-part=spell]',
    shown: `document.querySelector('.spell-sounds').dataset.spelled !== undefined`,
  },
  {
    shows: 'GPT: its first letter', memo: 'transformer-and-gpt', button: '.gpt-box [data-part=write]',
    shown: `document.querySelector('.gpt-box').dataset.phase === 'writing' && ` +
      `${textOf('.gpt-box [data-part=written]')}.length > 0`,
  },
]

/** @returns milliseconds between the click and what is shown, both read in the page */
async function start(browser: Browser, address: string, { memo, button, shown }: Island): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  await page.goto(`${address}30ddlf/${memo}/`)
  const pressed = page.locator(button)
  await pressed.scrollIntoViewIfNeeded()
  await page.waitForSelector(`${button}:enabled`)
  const taken = await page.evaluate<number>(`new Promise(resolve => {
    const from = performance.now()
    const look = () => (${shown}) ? resolve(performance.now() - from) : setTimeout(look, 2)
    document.querySelector('${button}').click()
    look()
  })`)
  await context.close()
  return taken
}

const { site } = await builtSite()
const server = await serveFolder(site, SITE_BASE)
const browser = await launchBrowser()
console.log(`${machine()}; Chromium ${browser.version()}; ${rounds} rounds`)
try {
  const taken = new Map(ISLANDS.map(island => [island, [] as number[]]))
  for (let round = 0; round < rounds; round++)
    for (const island of ISLANDS) taken.get(island)?.push(await start(browser, server.address, island))
  console.log('\n| from the click, milliseconds | median | fastest | slowest |\n| --- | --- | --- | --- |')
  for (const [{ shows }, all] of taken) {
    const [middle, least, most] = [median([...all]), Math.min(...all), Math.max(...all)].map(one => one.toFixed(0))
    console.log(`| ${shows} | ${middle} | ${least} | ${most} |`)
  }
  const slowest = Math.max(...[...taken.values()].flat())
  console.log(`\nSlowest of all: ${slowest.toFixed(0)} ms, budget ${BUDGET}.`)
} finally {
  await browser.close()
  await server.close()
}
