// Folders that are made with those above them: the reason of a failure is the real one.
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { compiled } from '../../../test/compiled.ts'
import { makeFolder } from '@ddlf/data/make-folder'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-folder-'))
const at = (...names: readonly string[]) => path.join(root, ...names)
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

it('makes all that is missing, and leaves what is there', () => {
  makeFolder(at('a', 'b', 'c'))
  fs.writeFileSync(at('a', 'b', 'c', 'x'), 'x')
  makeFolder(at('a', 'b', 'c'))
  expect(fs.readdirSync(at('a', 'b', 'c'))).toEqual(['x'])
})

it.each([
  ['a file above', () => at('a', 'b', 'c', 'x', 'y'), 'ENOTDIR'],
  ['a link that leads to nothing', () => at('link'), 'ENOENT'],
  ['a name that is too long', () => at('n'.repeat(300), 'y'), 'ENAMETOOLONG'],
])('says the reason: %s', (_, place, code) => {
  fs.rmSync(at('link'), { force: true })
  fs.symlinkSync('nowhere', at('link'))
  makeFolder(at('a', 'b', 'c'))
  fs.writeFileSync(at('a', 'b', 'c', 'x'), 'x')
  expect(() => { makeFolder(place()) }).toThrow(expect.objectContaining({ code }) as Error)
})

/** A name space of its own, in which a file system can be mounted; not everywhere is that allowed. */
const inOwnSpace = ['-rm', 'sh', '-c']
const mayMount = spawnSync('unshare', [...inOwnSpace, `mount -t tmpfs -o ro none ${os.tmpdir()}`]).status === 0

it.runIf(mayMount)('says of a read-only file system that it is one, where Node says ENOENT', () => {
  fs.mkdirSync(at('read-only'))
  const module = compiled(new URL('../src/make-folder.ts', import.meta.url)).href
  const script = `import(${JSON.stringify(module)}).then(({ makeFolder }) => {
    try { makeFolder(${JSON.stringify(at('read-only', 'a', 'b'))}) } catch ({ code, path }) { console.log(code, path) }
  })`
  const node = `'${process.execPath}' -e '${script.replaceAll('\n', ' ')}'`
  const mounted = `mount -t tmpfs -o ro none '${at('read-only')}' && ${node}`
  const said = execFileSync('unshare', [...inOwnSpace, mounted], { encoding: 'utf8', cwd: import.meta.dirname })
  expect(said.trim()).toBe(`EROFS ${at('read-only', 'a')}`)
})
