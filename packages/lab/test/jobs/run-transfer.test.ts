// Runs on their way through Redis: what is beside them stays, what lay in their place goes to the trash, and a run that
// a process works on keeps its place.
import fs from 'node:fs'
import path from 'node:path'
import type { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { fetchRuns, forgetRuns, sendRuns } from '../../src/jobs/redis/run-transfer.ts'
import { acquireRunLock } from '../../src/runs/run-lock.ts'
import { removedRuns } from '../../src/runs/run-trash.ts'
import { filesBelow, temporaryFolder } from '../runs/temporary-folder.ts'

/** The commands that transfers give to Redis, over a memory; the `failAt`-th piece from 0 does not reach it. */
class MadeRedis {
  readonly values = new Map<string, string>()
  readonly hashes = new Map<string, Map<string, Buffer>>()
  failAt = Infinity
  #pieces = 0
  get = (key: string) => Promise.resolve(this.values.get(key) ?? null)
  set = (key: string, value: string) => Promise.resolve(this.values.set(key, value))
  expire = () => Promise.resolve(1)
  hgetBuffer = (key: string, field: string) => Promise.resolve(this.hashes.get(key)?.get(field) ?? null)
  del = (...keys: string[]) => Promise.resolve(keys.map(key => [this.values.delete(key), this.hashes.delete(key)]))
  hset = (key: string, field: string, bytes: Buffer) => {
    if (this.#pieces++ >= this.failAt) return Promise.reject(new Error('cut off'))
    const hash = this.hashes.get(key) ?? new Map<string, Buffer>()
    this.hashes.set(key, hash.set(field, Buffer.from(bytes)))
    return Promise.resolve(1)
  }
}

const SENT = { 'run.json': 'new', 'checkpoints/last.safetensors': 'weights' }

/** A memory into which this run was sent. */
async function sending(files: Readonly<Record<string, string>> = SENT, redis = new MadeRedis()): Promise<MadeRedis> {
  const root = temporaryFolder()
  write(root, Object.fromEntries(Object.entries(files).map(([name, text]) => [`mlp/B/${name}`, text])))
  await sendRuns(redis as unknown as Redis, 'id', root, ['mlp/B'])
  return redis
}
const fetchFrom = (redis: MadeRedis, root: string, runs: readonly string[] = ['mlp/B']) =>
  fetchRuns(redis as unknown as Redis, 'id', root, runs, { patience: 0 })
const fetch = async (root: string, files?: Readonly<Record<string, string>>) => fetchFrom(await sending(files), root)

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
    await fetch(root, { ...SENT, 'run.json': 'newest' })
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
    expect(await fetchFrom(new MadeRedis(), root)).toEqual([])
    expect(read(root, 'mlp/B/run.json')).toBe('whole')
    expect(read(root, '.trash/mlp/B/run.json')).toBe('old')
  })

  test('is refused where it is no name of a run, or a link lies in its place', async () => {
    const root = temporaryFolder()
    for (const name of ['mlp/../B', '../B', 'mlp/B/C'])
      await expect(fetchFrom(new MadeRedis(), root, [name])).rejects.toThrow(/by its name/)
    write(root, { 'elsewhere/run.json': 'other', 'mlp/A/run.json': 'a' })
    fs.symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'mlp/B'))
    await expect(fetch(root)).rejects.toThrow(/no run/)
    expect(read(root, 'elsewhere/run.json')).toBe('other')
  })

  test('half a sending replaces nothing: what was sent whole before is what comes, also of many pieces', async () => {
    const redis = await sending({ ...SENT, 'checkpoints/best.safetensors': 'x'.repeat(9 * 2 ** 20), 'empty': '' })
    for (const failAt of [3, 4, 5]) {
      redis.failAt = failAt + 2
      await expect(sending({ 'run.json': 'half', 'metrics.jsonl': 'a', 'a': '' }, redis)).rejects.toThrow(/cut off/)
      const root = temporaryFolder()
      expect(await fetchFrom(redis, root)).toEqual(['mlp/B'])
      expect(read(root, 'mlp/B/run.json')).toBe('new')
      expect(read(root, 'mlp/B/checkpoints/best.safetensors')).toHaveLength(9 * 2 ** 20)
      expect(read(root, 'mlp/B/empty')).toBe('')
    }
    await forgetRuns(redis as unknown as Redis, 'id')
    expect(redis.values.size).toBe(0)
    expect(await fetchFrom(redis, temporaryFolder())).toEqual([])
  })

  test('whose pieces are not what was sent does not come, and what lies here stays', async () => {
    const redis = await sending()
    const [pieces] = redis.hashes.values()
    pieces!.set('mlp/B/checkpoints/last.safetensors#0', Buffer.from('we'))
    const root = temporaryFolder()
    write(root, { 'mlp/B/run.json': 'old' })
    await expect(fetchFrom(redis, root)).rejects.toThrow(/as it was sent, or not at all[^]*2 of 7 bytes/)
    expect(filesBelow(root)).toEqual(['mlp/B/run.json'])
  })
})
