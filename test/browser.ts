// The system's Chromium for the browser suites.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const found = PLACES.find(place => place !== undefined && existsSync(place))
const isCi = Boolean(process.env['CI'])

if (found === undefined) {
  const message = 'No Chromium was found, so the pages are not tested in a browser. Install it (Debian: apt-get ' +
    'install chromium) or set CHROMIUM_PATH.'
  // In CI a missing browser is a failure: the suites must run there.
  if (isCi) throw new Error(message)
  console.warn(message)
}

/** Whether the browser suites can run here. */
export const hasBrowser = found !== undefined

/** Opens the browser. @param options `webgpu`: offer its software adapter, where it brings one */
export const launchBrowser = ({ webgpu = false }: { readonly webgpu?: boolean } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: found ?? '',
    args: ['--no-sandbox', ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : [])],
  })
