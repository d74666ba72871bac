// What a fresh clone installs: every package is pinned by its content and by no host, and npm has nothing to warn of.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

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
