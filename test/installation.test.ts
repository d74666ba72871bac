// What a fresh clone installs: every package is pinned by its content and by no host, and npm has nothing to warn of.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
    const linux = { platform: 'linux', arch: 'x64' } as const
    const one = { integrity: 'sha512-a' }
    const native = { integrity: 'sha512-b', optional: true, os: ['linux'], cpu: ['x64'] }
    const write = (file: string, packages: object) => {
      writeFileSync(join(folder, file), JSON.stringify({ packages }))
    }
    const isInstalled = (there: object, system: { platform: string; arch: string } = linux) => {
      write('node_modules/.package-lock.json', there)
      return isInstalledByNpm(folder, system)
    }
    write('package-lock.json', { '': {}, 'node_modules/one': one, 'node_modules/native': native })
    expect(isInstalledByNpm(folder, linux)).toBe(false)
    mkdirSync(join(folder, 'node_modules'))
    expect(isInstalled({ 'node_modules/one': one, 'node_modules/native': native })).toBe(true)
    expect(isInstalled({ 'node_modules/one': one })).toBe(true)
    expect(isInstalled({ 'node_modules/native': native })).toBe(false)
    expect(isInstalled({ 'node_modules/one': { integrity: 'sha512-c' } })).toBe(false)
    expect(isInstalled({ 'node_modules/one': one, 'node_modules/two': one })).toBe(false)
    const folderOfAnother = { 'node_modules/one': one, 'node_modules/native': native }
    expect(isInstalled(folderOfAnother, { platform: 'darwin', arch: 'arm64' })).toBe(false)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
