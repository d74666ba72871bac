// Installs the dependencies when they are missing or stale, then runs a script: so that `npm start` and `npm test` work
// as the very first command after a clone. Plain Node, because nothing is installed yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalledByNpm } from './installed-by-npm.mjs'

// The native runtime's telemetry is off in this process and all that it starts.
process.env.ORT_DISABLE_TELEMETRY = '1'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [script, ...rest] = process.argv.slice(2)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`30ddlf needs Node 20.19 or newer.\n  Received: ${process.version}\n  Next: install a newer Node ` +
    `from your system or https://nodejs.org`)
  process.exit(1)
}

/** Changes whenever another tree of packages would be installed. */
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform} ${process.arch} ${process.versions.modules}`)
  .digest('hex')
const stamp = join(root, 'node_modules', '.installed-for')
const isFresh = () => (existsSync(stamp) ? readFileSync(stamp, 'utf8') === wanted : isInstalledByNpm(root))

if (!isFresh()) {
  console.error('Installing dependencies (once; about half a minute) ...')
  const npm = process.env.npm_execpath
  // Also where NODE_ENV or a user's own settings leave some out: the native parts are optional to npm, not to us.
  const whole = ['--include=optional', '--include=dev']
  const args = ['ci', ...whole, '--no-audit', '--no-fund', '--loglevel=error']
  // .npmrc leaves out all install scripts: native parts come inside the packages, and scripts would only fetch GPU
  // builds.
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (result.status !== 0) {
    console.error('Installing the dependencies failed.\n  Next: see the messages of npm above; check the connection ' +
      'to the package registry and run the command again.')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

// In this process, so that signals reach the script once.
process.argv = [process.argv[0], join(root, script), ...rest]
await import(new URL(`../${script}`, import.meta.url))
