// Runs on their way through Redis: what is beside them stays, what lay in their place goes to the trash, and a run that
// a process works on keeps its place.
import fs from 'node:fs'
import path from 'node:path'
import type { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { fetchRuns } from '../../src/jobs/redis/run-transfer.ts'
import { acquireRunLock } from '../../src/runs/run-lock.ts'
import { removedRuns } from '../../src/runs/run-trash.ts'
import { filesBelow, temporaryFolder } from '../runs/temporary-folder.ts'

/** The two commands that a fetch gives to Redis, over these fields. */
const holding = (fields: Readonly<Record<string, string>>): Redis =>
  ({
    hkeys: () => Promise.resolve(Object.keys(fields)),
    hgetBuffer: (_: string, field: string) => Promise.resolve(Buffer.from(fields[field] ?? '')),
  }) as unknown as Redis

const SENT = {
  'mlp/B/run.json#0': 'new',
  'mlp/B/checkpoints/last.safetensors#0': 'we',
  'mlp/B/checkpoints/last.safetensors#1': 'ights',
}
const fetch = (root: string, fields: Readonly<Record<string, string>> = SENT) =>
  fetchRuns(holding(fields), 'id', root, ['mlp/B'], { patience: 0 })

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    fs.writeFileSync(path.join(root, name), text)
  }
}
const read = (root: string, name: string) => fs.readFileSync(path.join(root, name), 'utf8')

describe('a run that comes from elsewhere', () => {
  test('touches nothing of the runs beside it, and takes what lay in its place to the trash', async () => {
    const root = temporaryFolder()
    const beside = {
      'mlp/A/checkpoints/.last.safetensors.7-a-0.tmp': 'being written',
      'mlp/.C.7-b-0.tmp/run.json': 'being fetched',
    }
    write(root, { ...beside, 'mlp/B/run.json': 'old', 'mlp/B/.mine.tmp': 'mine', 'mlp/B/notes.txt': 'notes' })
    expect(await fetch(root)).toEqual(['mlp/B'])
    for (const [name, text] of Object.entries(beside)) expect(read(root, name)).toBe(text)
    expect(read(root, 'mlp/B/run.json')).toBe('new')
    expect(read(root, 'mlp/B/checkpoints/last.safetensors')).toBe('weights')
    expect(filesBelow(path.join(root, '.trash'))).toEqual(['mlp/B/.mine.tmp', 'mlp/B/notes.txt', 'mlp/B/run.json'])
    // Again: the trash keeps both.
    await fetch(root, { ...SENT, 'mlp/B/run.json#0': 'newest' })
    expect(removedRuns(root).map(({ id, folder }) => [id, read(folder, 'run.json')])).toEqual([
      ['B.1', 'new'],
      ['B', 'old'],
    ])
    expect(read(root, 'mlp/B/run.json')).toBe('newest')
    expect(fs.readdirSync(path.join(root, 'mlp')).sort()).toEqual(['.C.7-b-0.tmp', 'A', 'B'])
  })

  test('does not replace one that a process works on', async () => {
    const root = temporaryFolder()
    write(root, { 'mlp/B/run.json': 'old' })
    const lock = acquireRunLock(path.join(root, 'mlp/B'))
    await expect(fetch(root)).rejects.toThrow(/being worked on[^]*mlp\/B/)
    expect(read(root, 'mlp/B/run.json')).toBe('old')
    expect(fs.readdirSync(path.join(root, 'mlp'))).toEqual(['B'])
    lock.release()
    await fetch(root)
    expect(read(root, 'mlp/B/run.json')).toBe('new')
  })

  test('that a kill kept from its place reaches it with the next fetch, though nothing came', async () => {
    const root = temporaryFolder()
    write(root, { 'mlp/.B.fetched.tmp/run.json': 'whole', '.trash/mlp/B/run.json': 'old' })
    expect(await fetch(root, {})).toEqual([])
    expect(read(root, 'mlp/B/run.json')).toBe('whole')
    expect(read(root, '.trash/mlp/B/run.json')).toBe('old')
  })

  test('is refused where it is no name of a run, or a link lies in its place', async () => {
    const root = temporaryFolder()
    for (const name of ['mlp/../B', '../B', 'mlp/B/C'])
      await expect(fetchRuns(holding({ [`${name}/run.json#0`]: 'x' }), 'id', root, [name])).rejects.toThrow(
        /by its name/,
      )
    write(root, { 'elsewhere/run.json': 'other', 'mlp/A/run.json': 'a' })
    fs.symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'mlp/B'))
    await expect(fetch(root)).rejects.toThrow(/no run/)
    expect(read(root, 'elsewhere/run.json')).toBe('other')
  })
})
