// The built pages on a plain static host below a base path, open in the browser, for the suites that look at them.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { builtSite, SITE_BASE } from './built-site.ts'
import { launchBrowser } from './browser.ts'
import type { Closers } from './closers.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface SiteInBrowser {
  readonly server: StaticServer
  readonly browser: Browser
  /** A page that notes what goes wrong in it. */
  readonly open: (
    path: string,
    options?: Parameters<Browser['newPage']>[0],
  ) => Promise<{ readonly page: Page; readonly troubles: string[] }>
}

/** Builds the pages where they are not built yet, serves them and opens the browser. */
export async function siteInBrowser(closing: Closers): Promise<SiteInBrowser> {
  const server = await serveFolder((await builtSite()).site, SITE_BASE)
  closing.add(() => server.close())
  const browser = await launchBrowser()
  closing.add(() => browser.close())
  const { origin } = new URL(server.address)
  return {
    server,
    browser,
    open: async (path, options = {}) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
      const troubles: string[] = []
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
    },
  }
}

/**
 * What axe finds serious or critical in a page.
 * @param part a selector; default the whole page
 * @param rules only these; default all
 */
export async function violationsIn(page: Page, part = 'html', rules: readonly string[] = []): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe)
  return page.evaluate(
    async ([where, only]) => {
      type Violation = { id: string; impact: string; nodes: { html: string }[] }
      type Options = { resultTypes: string[]; runOnly?: readonly string[] }
      type Checker = { axe: { run: (part: string, options: Options) => Promise<{ violations: Violation[] }> } }
      const { axe: checker } = globalThis as unknown as Checker
      const options = { resultTypes: ['violations'], ...(only.length > 0 && { runOnly: only }) }
      const { violations } = await checker.run(where, options)
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
    },
    [part, rules] as const,
  )
}
