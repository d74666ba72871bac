// The lock of a run: held, refused, taken over, and through death at every operation.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test, vi } from 'vitest'
import { compiled } from '../../../../test/compiled.ts'
import { acquireRunLock, runLockOwner, thisProcess, type LockOwner } from '../../src/runs/run-lock.ts'
import { faultyFiles, filesBelow, temporaryFolder } from './temporary-folder.ts'

const here = thisProcess()
const hold = (folder: string, owner: Partial<LockOwner>, silentSeconds = 0) => {
  const file = path.join(folder, 'lock-000001.json')
  fs.writeFileSync(file, JSON.stringify({ ...here, ...owner }))
  const time = Date.now() / 1000 - silentSeconds
  fs.utimesSync(file, time, time)
}

test('held, refused, released, taken again', () => {
  const folder = temporaryFolder()
  const first = acquireRunLock(folder)
  expect([first.generation, first.isHeld(), runLockOwner(folder)]).toEqual([
    1,
    true,
    expect.objectContaining({ pid: process.pid }),
  ])
  expect(() => acquireRunLock(folder)).toThrow(new RegExp(`held by process ${process.pid} on `))
  first.release()
  expect([first.isHeld(), runLockOwner(folder)]).toEqual([false, undefined])
  expect(() => first.assertHeld()).toThrow(UserError)
  const second = acquireRunLock(folder)
  first.release()
  expect([second.generation, second.isHeld()]).toEqual([2, true])
  second.release()
  expect(filesBelow(folder)).toEqual(['lock-000002.released.json'])
})

test.each(['EACCES', 'EIO'])('a lock that the system refuses to read (%s) is an error at once, and stays', code => {
  const folder = temporaryFolder()
  hold(folder, { pid: 2 ** 22 + 1 })
  const open = fs.openSync
  const refused = vi.spyOn(fs, 'openSync').mockImplementation((file, flags, mode) => {
    if (String(file).endsWith('lock-000001.json'))
      throw Object.assign(new Error(`${code}: refused`), { code, syscall: 'open' })
    return open(file, flags, mode)
  })
  try {
    for (const use of [() => runLockOwner(folder), () => acquireRunLock(folder)]) {
      expect(use).toThrow(UserError)
      expect(use).toThrow(new RegExp(`cannot be read[^]*${code} at .*lock-000001\\.json[^]*remove it`))
    }
  } finally {
    refused.mockRestore()
  }
  expect(filesBelow(folder)).toEqual(['lock-000001.json'])
  expect(acquireRunLock(folder).generation).toBe(2)
})

describe('whose lock is taken over', () => {
  test.each<[string, Partial<LockOwner>, number, boolean]>([
    ['this very process', {}, 0, false],
    ['this process, long silent (it may be suspended)', {}, 9999, false],
    ['a pid that does not run', { pid: 2 ** 22 + 1 }, 0, true],
    ['an earlier process with the same pid', { processStart: 'earlier' }, 0, here.processStart !== null],
    ['a process before the last boot', { boot: 'earlier', machine: 'this' }, 0, true],
    ['another machine of this name, lately', { boot: 'other', machine: 'other' }, 5, false],
    ['another machine of this name, long silent', { boot: 'other', machine: 'other' }, 600, true],
    ['a machine of this name that is not known, lately', { boot: 'other', machine: null }, 5, false],
    ['another host, lately', { host: 'elsewhere' }, 5, false],
    ['another host, long silent', { host: 'elsewhere' }, 600, true],
    ['another host, a little ahead of this clock', { host: 'elsewhere' }, -5, false],
    ['another host, dated in the future', { host: 'elsewhere' }, -86_400, true],
    ['another container, lately', { pidSpace: 'elsewhere', pid: 2 ** 22 + 1 }, 5, false],
    ['another container, long silent', { pidSpace: 'elsewhere' }, 600, true],
  ])('%s', (_who, owner, silence, takenOver) => {
    const folder = temporaryFolder()
    hold(folder, owner, silence)
    const owned = { owner: { ...here, machine: 'this' } }
    expect(runLockOwner(folder, owned.owner) === undefined).toBe(takenOver)
    if (takenOver) expect(acquireRunLock(folder, owned).generation).toBe(2)
    else expect(() => acquireRunLock(folder, owned)).toThrow(UserError)
  })

  test('a lock without a readable owner counts as held until it has been silent', () => {
    const folder = temporaryFolder()
    hold(folder, {}, 0)
    fs.writeFileSync(path.join(folder, 'lock-000001.json'), '')
    expect(() => acquireRunLock(folder)).toThrow(/unknown process/)
    fs.utimesSync(path.join(folder, 'lock-000001.json'), 1, 1)
    acquireRunLock(folder).release()
  })
})

test('a name beyond any generation is no lock', () => {
  const folder = temporaryFolder()
  fs.writeFileSync(path.join(folder, 'lock-9007199254740992.released.json'), '{}')
  const lock = acquireRunLock(folder)
  expect(filesBelow(folder)).toContain('lock-000001.json')
  lock.release()
})

test('an owner whose lock was taken over is fenced off', () => {
  const folder = temporaryFolder()
  const first = acquireRunLock(folder)
  // Another host found this one silent.
  hold(folder, {}, 600)
  const second = acquireRunLock(folder, { owner: { ...here, host: 'elsewhere' } })
  expect([first.isHeld(), second.isHeld()]).toEqual([false, true])
  expect(() => first.assertHeld()).toThrow(/no longer holds the lock/)
  first.release()
  expect(second.isHeld()).toBe(true)
})

test('death at every operation of taking the lock leaves it free for the next', () => {
  for (let at = 0; ; at++) {
    const folder = temporaryFolder()
    const dead = { ...here, pid: 2 ** 22 + 1 }
    const files = faultyFiles(at, 'death')
    let lock: ReturnType<typeof acquireRunLock> | undefined
    try {
      lock = acquireRunLock(folder, { files, owner: dead })
    } catch {
      // Died on the way.
    }
    const next = acquireRunLock(folder)
    expect(next.isHeld()).toBe(true)
    next.release()
    lock?.release()
    if (files.count <= at) break
  }
})

test('of many processes that find a dead owner at once, one at a time gets the lock', async () => {
  const folder = temporaryFolder()
  hold(folder, { pid: 2 ** 22 + 1 })
  const module = fileURLToPath(new URL('../../src/runs/run-lock.ts', import.meta.url))
  // Each takes the lock as often as it can; while holding it, it alone may create the file `inside`.
  const code = `
    import fs from 'node:fs'
    const { acquireRunLock } = await import(${JSON.stringify(compiled(module))})
    const inside = ${JSON.stringify(path.join(folder, 'inside'))}
    let won = 0
    for (const end = Date.now() + 1500; Date.now() < end; ) {
      let lock
      try { lock = acquireRunLock(${JSON.stringify(folder)}) } catch (error) {
        if (error.name !== 'UserError') throw error
        continue
      }
      fs.closeSync(fs.openSync(inside, 'wx'))
      fs.rmSync(inside)
      lock.release()
      won++
    }
    console.log(won)`
  const results = await Promise.all(
    Array.from({ length: 4 }, () => new Promise<{ code: number | null; won: number }>(resolve => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let out = ''
      child.stdout.on('data', (data: Buffer) => (out += data.toString()))
      child.on('close', code => resolve({ code, won: Number(out) }))
    })),
  )
  expect(results.map(result => result.code)).toEqual([0, 0, 0, 0])
  expect(results.reduce((sum, result) => sum + result.won, 0)).toBeGreaterThan(0)
})
