// What a fresh clone installs: every package is pinned by its content and by no host, and npm has nothing to warn of.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isInstalledByNpm } from '../scripts/installed-by-npm.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Locked {
  readonly link?: boolean
  readonly integrity?: string
  readonly resolved?: string
}

const locked = Object.entries(
  (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }).packages,
)
const installed = locked.filter(([place, { link }]) => /(^|\/)node_modules\//.test(place) && !link)

it('every locked package has the checksum of its content', () => {
  expect(installed.length).toBeGreaterThan(100)
  expect(
    installed
      .filter(([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity))
      .map(([place]) => place),
  ).toEqual([])
})

it('no locked package is bound to a host', () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([place]) => place)).toEqual([])
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "[a-z+]+:/)
})

it("install scripts are left out, and npm knows every setting of the project's .npmrc", () => {
  expect(readFileSync(join(root, '.npmrc'), 'utf8')).toContain('ignore-scripts=true')
  const npm = process.env['npm_execpath']
  const [program, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const { status, stdout, stderr } = spawnSync(program, [...before, 'pkg', 'get', 'name'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect({ status, stdout: stdout.trim(), stderr }).toEqual({ status: 0, stdout: '"30ddlf"', stderr: '' })
})

it('what npm ci has installed is not installed again, anything else is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ddlf-installed-'))
  try {
    const linux = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const
    const one = { integrity: 'sha512-a' }
    const native = { integrity: 'sha512-b', optional: true, os: ['linux'], cpu: ['x64'] }
    const write = (file: string, packages: object) => {
      writeFileSync(join(folder, file), JSON.stringify({ packages }))
    }
    const isInstalled = (there: object, system: Parameters<typeof isInstalledByNpm>[1] = linux) => {
      write('node_modules/.package-lock.json', there)
      return isInstalledByNpm(folder, system)
    }
    write('package-lock.json', { '': {}, 'node_modules/one': one, 'node_modules/native': native })
    expect(isInstalledByNpm(folder, linux)).toBe(false)
    mkdirSync(join(folder, 'node_modules'))
    expect(isInstalled({ 'node_modules/one': one, 'node_modules/native': native })).toBe(true)
    // As `npm ci --omit=optional` leaves it: without what computes.
    expect(isInstalled({ 'node_modules/one': one })).toBe(false)
    expect(isInstalled({ 'node_modules/one': one }, { platform: 'linux', arch: 'arm64', libc: 'glibc' })).toBe(true)
    expect(isInstalled({ 'node_modules/native': native })).toBe(false)
    expect(isInstalled({ 'node_modules/one': { integrity: 'sha512-c' } })).toBe(false)
    expect(isInstalled({ 'node_modules/one': one, 'node_modules/two': one })).toBe(false)
    const musl = { ...native, libc: ['musl'] }
    const both = { 'node_modules/one': one, 'node_modules/native': native }
    const withMusl = { ...both, 'node_modules/musl': musl }
    // What names no system may be part of what another system is given.
    write('package-lock.json', { ...withMusl, 'node_modules/of-another': { ...one, optional: true } })
    expect(isInstalled(both)).toBe(true)
    expect(isInstalled(withMusl)).toBe(false)
    expect(isInstalled(both, { ...linux, libc: 'musl' })).toBe(false)
    expect(isInstalled(withMusl, { ...linux, libc: 'musl' })).toBe(true)
    const folderOfAnother = { 'node_modules/one': one, 'node_modules/native': native }
    expect(isInstalled(folderOfAnother, { platform: 'darwin', arch: 'arm64' })).toBe(false)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('the first command installs everything, also where npm is set to leave parts out, and the next one nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ddlf-first-'))
  try {
    for (const name of ['with-dependencies.mjs', 'installed-by-npm.mjs'])
      cpSync(join(root, 'scripts', name), join(folder, 'scripts', name))
    writeFileSync(join(folder, 'package-lock.json'), '{ "packages": {} }')
    writeFileSync(join(folder, 'scripts/work.mjs'), 'console.log("works")')
    const npm = join(folder, 'npm.cjs')
    writeFileSync(npm, `require('fs').mkdirSync('node_modules'); console.error(process.argv.slice(2).join(' '))`)
    const run = () => {
      const words = [join(folder, 'scripts/with-dependencies.mjs'), 'scripts/work.mjs']
      const env = { ...process.env, npm_execpath: npm, NODE_ENV: 'production' }
      const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env })
      return [stdout.trim(), stderr]
    }
    expect(run()).toEqual(['works', expect.stringMatching(/^ci .*--include=optional --include=dev/m) as string])
    expect(run()).toEqual(['works', ''])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
