// Every page of the course, seen once: no error, no foreign request, no serious fault that axe finds in either theme,
// its bytes and drawings within their budgets, nothing cropped down to a phone at 400 per cent.
import { readdirSync } from 'node:fs'
import { topics } from '@ddlf/course'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser } from './browser.ts'
import { closers } from './closers.ts'
import { siteInBrowser, violationsIn, type SiteInBrowser } from './site-in-browser.ts'
import type { StaticServer } from './static-server.ts'

const folders = readdirSync(new URL('../course/topics/', import.meta.url), { recursive: true, encoding: 'utf8' })
const MEMOS = topics.flatMap(({ slug, permalink }) =>
  folders.flatMap(file => {
    const [, topic, part = ''] = /^\d+-([^/]+)\/memo-?(.*)\.mdx$/.exec(file.replaceAll('\\', '/')) ?? []
    return topic === slug ? [`${permalink.replace(/^\//, '')}/${part && `${part}/`}`] : []
  }),
)
const OTHERS = [
  '',
  'blog/30-days-of-deep-learning-fundamentals/',
  'lab/',
  'search/',
  'source/course/topics/01-mlp-on-mnist/mlp.ts/',
  '404.html',
  '30ddlf/published/',
  'reference/',
  'reference/nn/',
  'reference/nn/Linear/',
]
/** Bytes on the wire of the first screen, fonts and all. */
/** A map of words comes with the vectors of a thousand words. */
const MOST_BYTES = { plan: 180_000, memo: 240_000, map: 400_000 }
const MAP = '30ddlf/words-as-vectors/company/'

interface Content {
  readonly all: number
  readonly drawn: number
  readonly largest: number
  readonly words: number
}

/** What a memo holds: letters of its HTML, of its drawings, and words. */
const contentOf = (page: Page) => page.evaluate<Content>(`(() => {
  const sizes = [...document.querySelectorAll('main svg')].map(svg => svg.outerHTML.length)
  return {
    all: document.documentElement.outerHTML.length,
    drawn: sizes.reduce((a, b) => a + b, 0), largest: Math.max(0, ...sizes),
    words: document.querySelector('article').innerText.split(/\\s+/).length,
  }
})()`)

/**
 * Texts outside their chart, figures wider than the page, verdicts beside the screen, a page that scrolls sideways,
 * bars that hide a third.
 */
const CROPPED = `(() => {
  const out = (own, frame) => own.width > 0 && (own.left < frame.left - 1 || own.right > frame.right + 1 ||
    own.top < frame.top - 1 || own.bottom > frame.bottom + 1)
  const cut = [...document.querySelectorAll('svg.chart text')]
    .filter(text => out(text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()))
  const wide = [...document.querySelectorAll('article figure')].filter(figure =>
    figure.getBoundingClientRect().right > innerWidth || figure.scrollWidth > figure.clientWidth + 1)
  const beside = [...document.querySelectorAll('.published .badge, .all-published .badge')]
    .filter(badge => badge.getBoundingClientRect().right > innerWidth)
  const all = innerWidth > 400 ? [] : [...document.querySelectorAll('body *')]
  const fixed = all.filter(one => ['fixed', 'sticky'].includes(getComputedStyle(one).position) &&
    one.getBoundingClientRect().height > innerHeight / 3)
  return [
    ...cut.map(text => 'text: ' + text.textContent),
    ...wide.map(figure => 'figure: ' + figure.className),
    ...beside.map(badge => 'verdict: ' + badge.textContent),
    ...fixed.map(one => 'covers a third: ' + one.className),
    ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
  ]
})()`
/** The shape that marks a field beside its colour. */
const SHAPE = `(() => {
  const { width, height, borderRadius } = getComputedStyle(document.querySelector('.kicker'), '::before')
  const shape = borderRadius === '50%' ? 'dot' : parseFloat(height) < parseFloat(width) / 2 ? 'bar' : 'square'
  return document.body.dataset.field + ': ' + shape
})()`
const SHAPES = ['vision: square', 'language: bar', 'generation: dot']
const SETTLED = `new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))`

describe.skipIf(!hasBrowser)('every page', () => {
  let server: StaticServer
  let open: SiteInBrowser['open']
  const closing = closers()
  beforeAll(async () => {
    ;({ server, open } = await siteInBrowser(closing))
  }, 900_000)
  afterAll(closing.closeAll)
  const linksFrom = new Map<string, string>()

  it.each([...MEMOS, ...OTHERS])('/%s', async path => {
    const isMemo = MEMOS.includes(path)
    const before = server.sent()
    const { page, troubles } = await open(path, { colorScheme: 'light' })
    await page.waitForLoadState('networkidle')
    const bytes = server.sent() - before
    const fonts = '[...document.fonts].filter(font => font.status === "loaded").length'
    expect(await page.evaluate<number>(fonts)).toBeGreaterThan(0)
    if (isMemo || path === '') {
      expect(bytes).toBeGreaterThan(50_000)
      expect(bytes).toBeLessThan(path === MAP ? MOST_BYTES.map : isMemo ? MOST_BYTES.memo : MOST_BYTES.plan)
    }
    if (isMemo) {
      const { all, drawn, largest, words } = await contentOf(page)
      expect(drawn / all).toBeLessThan(0.4)
      expect(largest).toBeLessThan(25_000)
      expect(words).toBeLessThanOrEqual(2500)
      expect(SHAPES).toContain(await page.evaluate(SHAPE))
      // Of more lines than there are colours nobody tells one from another.
      expect(await page.locator('main .chart.many').count()).toBe(0)
    }
    for (const link of await page.evaluate<string[]>('[...document.querySelectorAll("a[href]")].map(a => a.href)'))
      linksFrom.set(link, path)
    expect(await violationsIn(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await violationsIn(page, 'html', ['color-contrast'])).toEqual([])
    // The last is a window of 1280 by 1024 at 400 per cent.
    for (const [width, height] of [[1440, 900], [390, 844], [320, 256]] as const) {
      await page.setViewportSize({ width, height })
      await page.evaluate(SETTLED)
      expect(await page.evaluate<string[]>(CROPPED), `${width} by ${height}`).toEqual([])
    }
    // Numbers that are opened scroll in their own place.
    await page.setViewportSize({ width: 390, height: 844 })
    await page.evaluate('document.querySelectorAll("details.numbers").forEach(one => { one.open = true })')
    await page.evaluate(SETTLED)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(await violationsIn(page, 'html', ['target-size', 'scrollable-region-focusable'])).toEqual([])
    expect(troubles).toEqual([])
    await page.close()
  })

  it('leads to pages and headings that there are', async () => {
    const { origin } = new URL(server.address)
    const texts = new Map<string, Promise<string | undefined>>()
    const textOf = (address: string) => {
      const text = texts.get(address) ?? fetch(address).then(answer => (answer.ok ? answer.text() : undefined))
      texts.set(address, text)
      return text
    }
    const broken: string[] = []
    for (const [link, path] of linksFrom) {
      const { origin: to, hash, pathname } = new URL(link)
      if (to !== origin) continue
      const text = await textOf(origin + pathname)
      const isPlace = hash.length > 1 && !/^#(new|run|compare|try)/.test(hash)
      if (text === undefined || (isPlace && !text.includes(`id="${decodeURIComponent(hash.slice(1))}"`)))
        broken.push(`${link} on ${path}`)
    }
    expect(linksFrom.size).toBeGreaterThan(200)
    expect(broken).toEqual([])
  })
})
