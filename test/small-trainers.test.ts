// The small trainers of the memos in a browser: each fetches what it learns from, learns, and says so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { siteInBrowser, type SiteInBrowser } from './site-in-browser.ts'

describe.skipIf(!hasBrowser)('a small trainer', () => {
  const closing = closers()
  let open: SiteInBrowser['open']
  beforeAll(async () => {
    ;({ open } = await siteInBrowser(closing))
  }, 900_000)
  afterAll(closing.closeAll)

  it.each([
    ['of deep nets', 'lets-go-deeper-in-CNN', '.depth-trainer', '[data-part=curves] svg'],
    ['of words', 'words-as-vectors', '.words-trainer', '[data-part=lines] li'],
    ['of names', 'recurrent-language-models', '.names-trainer', '[data-part=lines] li'],
  ])('%s learns to its end', async (_, memo, box, drawn) => {
    const { page, troubles } = await open(`30ddlf/${memo}/`)
    await page.click(`${box} [data-part=train]`)
    await page.waitForSelector(`${box} ${drawn}`, { timeout: 60_000 })
    await page.waitForSelector(`${box}[data-phase=done]`, { timeout: 120_000 })
    expect(await page.textContent(`${box} [data-part=said]`)).toMatch(/\d/)
    expect(troubles).toEqual([])
    await page.close()
  }, 240_000)

  it('that is recorded already spells a word of the reader', async () => {
    const { page, troubles } = await open('30ddlf/seq2seq-and-attention/')
    const box = '.spell-sounds'
    await page.locator(box).scrollIntoViewIfNeeded()
    await page.waitForSelector(`${box}[data-ready]`)
    const before = await page.textContent(`${box} [data-part=said]`)
    await page.fill(`${box} [data-part=word]`, 'learning')
    await page.click(`${box} [data-part=spell]`)
    await page.waitForFunction(`document.querySelector('${box} [data-part=said]').textContent.includes('learning')`)
    expect(await page.textContent(`${box} [data-part=said]`)).not.toBe(before)
    expect(troubles).toEqual([])
    await page.close()
  }, 120_000)
})
