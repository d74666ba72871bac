// The page of all published values: whole without JavaScript, filtered by topic, verdict and words, kept in the
// address, worked by keyboard; its commands are copied.
import { topics } from '@ddlf/course'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { siteInBrowser, type SiteInBrowser } from './site-in-browser.ts'

const ROWS = 'document.querySelectorAll("table.values tr[data-verdict]:not([hidden])").length'
const compared = new Set(topics.flatMap(({ comparisons }) => (comparisons ?? []).map(({ id }) => id)))

describe.skipIf(!hasBrowser)('the page of all published values', () => {
  let open: SiteInBrowser['open']
  const closing = closers()
  beforeAll(async () => {
    ;({ open } = await siteInBrowser(closing))
  }, 900_000)
  afterAll(closing.closeAll)

  it('shows every value without JavaScript, and no filter that would do nothing', async () => {
    const { page } = await open('30ddlf/published/', { javaScriptEnabled: false })
    const rows = await page.locator('table.values tr[data-verdict]').count()
    expect(rows).toBeGreaterThanOrEqual(compared.size)
    expect(await page.locator('.counts tbody tr:last-child td:last-child').innerText()).toBe(String(rows))
    expect(await page.locator('[data-published-filter]').isVisible()).toBe(false)
    expect(await page.locator('.again button').count()).toBe(0)
    // What was not run says why not, what it would cost, or how to run it.
    const bare = `[...document.querySelectorAll('table.values tr[data-verdict="not run"]')].filter(row => {
      const note = [...row.querySelector('td .small').childNodes].filter(one => one.nodeType === 3)
      return !note.map(one => one.textContent).join('').trim() && !row.querySelector('.again :is(code, p)')
    }).map(row => row.querySelector('td').textContent)`
    expect(await page.evaluate<string[]>(bare)).toEqual([])
    // What was run and missed says why, or where the reason was looked for.
    const unexplained = `[...document.querySelectorAll('table.values tr[data-verdict="not reproduced"]')].filter(row =>
      !row.querySelector('[data-reason]')).map(row => row.querySelector('td').textContent)`
    expect(await page.evaluate<string[]>(unexplained)).toEqual([])
    // A median has the range of the seeds beside it: Student's interval is one of a mean.
    const besideMedians = await page.locator('td[data-label$=", median"] + td p').allTextContents()
    expect(besideMedians.length).toBeGreaterThan(0)
    for (const text of besideMedians) expect(text).toMatch(/^\S.* to \S.*, median of \d+ seeds$/)
    await page.close()
  })
  it('is filtered by the keyboard, says how many rows are left, and keeps it in the address', async () => {
    const { page, troubles } = await open('30ddlf/published/?topic=deeper-in-cnn')
    const of = await page.evaluate<number>(ROWS)
    expect(of).toBe(topics.find(({ slug }) => slug === 'deeper-in-cnn')?.comparisons?.length)
    await page.locator('select[name=verdict]').focus()
    await page.keyboard.type('not run')
    const left = await page.evaluate<number>(ROWS)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(of)
    expect(await page.locator('[data-shown]').innerText()).toMatch(new RegExp(`^${left} of \\d+ rows$`))
    expect(new URL(page.url()).search).toBe('?topic=deeper-in-cnn&verdict=not+run')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForFunction('location.search === ""')
    expect(await page.evaluate<number>(ROWS)).toBeGreaterThan(of)
    expect(troubles).toEqual([])
    await page.close()
  })
  it('is searched for words, in any order and with the topic, and found again by the address', async () => {
    const { page, troubles } = await open('30ddlf/published/')
    const all = await page.evaluate<number>(ROWS)
    const row = 'table.values tr[data-verdict]:not([hidden])'
    await page.locator('input[name=text]').focus()
    await page.keyboard.type('Word2Vec kim')
    const left = await page.evaluate<number>(ROWS)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(all)
    for (const text of await page.locator(row).allTextContents()) {
      expect(text).toMatch(/kim/i)
      expect(text).toMatch(/word2vec/i)
    }
    await page.keyboard.press('Enter')
    expect(new URL(page.url()).searchParams.get('text')).toBe('Word2Vec kim')
    await page.reload()
    expect(await page.evaluate<number>(ROWS)).toBe(left)
    await page.locator('input[name=text]').fill('nobody published this')
    expect(await page.locator('[data-shown]').innerText()).toBe(`0 of ${all} rows`)
    // What stands on a button is said by no row; a source is found by its whole citation.
    await page.locator('input[name=text]').fill('copy')
    const onButtonsAlone = `[...document.querySelectorAll('${row}')].filter(one => {
      const cells = [...one.querySelectorAll(':is(td, code, p, span)')].flatMap(cell => [...cell.childNodes])
      return !cells.some(node => node.nodeType === 3 && /copy/i.test(node.data)) &&
        ![...one.querySelectorAll('a')].some(({ title, textContent }) => /copy/i.test(title + textContent))
    }).map(one => one.textContent)`
    expect(await page.evaluate<string[]>(onButtonsAlone)).toEqual([])
    await page.locator('input[name=text]').fill('nanoGPT readme')
    expect(await page.evaluate<number>(ROWS)).toBeGreaterThanOrEqual(2)
    // What a topic is called is found in all of its rows.
    const { title, comparisons, slug } = topics.find(one => one.comparisons)!
    await page.locator('input[name=text]').fill(title)
    const ofTopic = await page.locator(`tbody[data-topic=${slug}] tr[data-verdict]:not([hidden])`).count()
    expect(ofTopic).toBeGreaterThanOrEqual(comparisons!.length)
    expect(troubles).toEqual([])
    await page.close()
  })
  it('copies the command of a row', async () => {
    const { page, troubles } = await open('30ddlf/published/')
    await page.evaluate(
      "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => { window.copied = text } } })",
    )
    const button = page.locator('.again button').first()
    const command = (await page.locator('.again:has(button) code').first().innerText()).replace(/\s+/g, ' ').trim()
    expect(command).toMatch(/^npm run ddlf -- (record|reproduce) \S+/)
    expect(await button.getAttribute('aria-label')).toBe(`Copy ${command}`)
    await button.focus()
    // It says so for a moment, which a look may miss.
    await page.evaluate(
      'new MutationObserver(() => { window.said ??= document.activeElement.textContent })' +
      '.observe(document.activeElement, { childList: true })',
    )
    await page.keyboard.press('Enter')
    await page.waitForFunction("window.said === 'Copied'")
    expect(await page.evaluate('window.copied')).toBe(command)
    expect(await page.locator('.again button').count()).toBe(await page.locator('.again code').count())
    expect(troubles).toEqual([])
    await page.close()
  })
})
