// Firefox and WebKit for the suite that tries the pages in them: Debian's own, steered as the W3C's protocols have it.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import { webDriverSession, type WebDriverSession } from './web-driver.ts'

/** A browser that is open, with one page. */
export interface OtherBrowser extends Omit<WebDriverSession, 'close'> {
  /** Errors that its page has told, as far as the browser tells them. */
  readonly troubles: readonly string[]
  close(): Promise<void>
}

const firstOf = (...places: readonly (string | undefined)[]) =>
  places.find(place => place !== undefined && existsSync(place))
const firefox = firstOf(
  process.env['FIREFOX_PATH'],
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
)

/** WebKitGTK's small browser lies in a folder of its version. */
function miniBrowser(): string | undefined {
  const libraries = '/usr/lib'
  if (!existsSync(libraries)) return undefined
  const folders = readdirSync(libraries).filter(name => name.endsWith('-linux-gnu'))
  const versions = ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0']
  return firstOf(...folders.flatMap(name => versions.map(one => join(libraries, name, one, 'MiniBrowser'))))
}
const webkit = {
  driver: firstOf('/usr/bin/WebKitWebDriver'), browser: miniBrowser(), display: firstOf('/usr/bin/Xvfb'),
}
const hasWebkit = Object.values(webkit).every(place => place !== undefined)

const missing = [
  ...(firefox === undefined ? ['firefox-esr'] : []),
  ...(hasWebkit ? [] : ['webkit2gtk-driver', 'xvfb']),
]
if (missing.length > 0) {
  const message = `The pages are not tried in every browser. Install the others (Debian: apt-get install ` +
    `${missing.join(' ')}).`
  // In CI a missing browser is a failure: the suite must run there.
  if (process.env['CI']) throw new Error(message)
  console.warn(message)
}

/** Firefox by WebDriver BiDi. */
async function openFirefox(): Promise<OtherBrowser> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox ?? '', headless: true })
  const page = await browser.newPage()
  await page.setViewport({ width: 1280, height: 900 })
  const troubles: string[] = []
  page.on('pageerror', error => troubles.push(String(error)))
  return {
    troubles,
    goto: async address => {
      await page.goto(address, { waitUntil: 'domcontentloaded' })
    },
    evaluate: <T>(expression: string) => page.evaluate(expression) as Promise<T>,
    click: selector => page.click(selector),
    press: async (selector, key) => {
      await page.focus(selector)
      await page.keyboard.press(key === ARROW_RIGHT ? 'ArrowRight' : 'Enter')
    },
    close: () => browser.close(),
  }
}

/** The protocol's code point of the key. */
export const ARROW_RIGHT = '\uE014'

const ended = (child: ChildProcess) =>
  new Promise<void>(resolve => (child.exitCode === null ? void child.once('exit', () => resolve()) : resolve()))

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>(resolve => server.close(() => resolve()))
  return port
}

/** A screen in memory: WebKitGTK opens a window. @returns its name, and the process behind it */
async function screen(): Promise<{ readonly name: string; readonly child: ChildProcess }> {
  const child = spawn(webkit.display ?? '', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const name = await new Promise<string>((resolve, reject) => {
    child.stdio[3]?.once('data', (data: Buffer) => resolve(`:${data.toString().trim()}`))
    child.once('exit', code => reject(new Error(`Xvfb ended with ${String(code)}.`)))
  })
  return { name, child }
}

/** Asks until the driver listens. */
async function answering(driver: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${driver}/status`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** WebKit by WebDriver. */
async function openWebkit(): Promise<OtherBrowser> {
  const { name, child: display } = await screen()
  const home = mkdtempSync(join(tmpdir(), 'ddlf-webkit-'))
  const port = await freePort()
  const driver = spawn(webkit.driver ?? '', [`--port=${port}`], {
    env: { ...process.env, DISPLAY: name, GDK_BACKEND: 'x11', HOME: home, XDG_RUNTIME_DIR: home },
    stdio: 'ignore',
  })
  const address = `http://127.0.0.1:${port}`
  const end = async () => {
    for (const child of [driver, display]) child.kill()
    await Promise.all([driver, display].map(ended))
    rmSync(home, { recursive: true, force: true })
  }
  try {
    await answering(address)
    const session = await webDriverSession(address, {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: webkit.browser, args: ['--automation'] },
    })
    return {
      ...session,
      troubles: [],
      close: async () => {
        await session.close().catch(() => undefined)
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** The browsers that are here, by name. */
export const otherBrowsers: readonly (readonly [name: string, open: () => Promise<OtherBrowser>])[] = [
  ...(firefox === undefined ? [] : [['Firefox', openFirefox] as const]),
  ...(hasWebkit ? [['WebKit', openWebkit] as const] : []),
]
