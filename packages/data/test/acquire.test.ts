// How files of a set are had: the search path, the cache, the network, and what is said where none has them.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compiled } from '../../../test/compiled.ts'
import { UserError } from '@ddlf/tensor/errors'
import type { DatasetCard } from '../src/index.ts'
import { acquire, cacheFolder, loadDataset, pull, removeCached, searchFolders, verify } from '../src/node.ts'
import { withLock } from '../src/cache/lock.ts'
import { startLoopback } from './loopback.ts'
import type { Behaviour, Loopback } from './loopback.ts'

const content = Uint8Array.from({ length: 40_000 }, (_, k) => (k * k) % 251)
const sha256 = createHash('sha256').update(content).digest('hex')
let server: Loopback
let folder: string
let environment: Record<string, string>
beforeAll(async () => {
  server = await startLoopback(content)
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddlf-acquire-'))
  environment = {
    DDLF_CACHE: join(folder, 'cache'),
    DDLF_DATA_DIRS: [join(folder, 'first'), join(folder, 'second')].join(delimiter),
  }
  server.requests.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const card = (...scripts: Behaviour[][]): DatasetCard => ({
  id: 'squares',
  title: 'Squares',
  description: 'Squares modulo 251.',
  citation: 'none',
  licence: 'MIT',
  homepage: 'http://localhost',
  task: 'testing',
  splits: [{ name: 'all', examples: 1 }],
  columns: [],
  editions: [
    {
      name: 'bin',
      files: [
        {
          name: 'squares.bin',
          aliases: ['other/place.bin'],
          sha256,
          bytes: content.length,
          urls: scripts.map(script => server.url(script)),
        },
      ],
    },
  ],
})
const cached = () => join(folder, 'cache', 'data', 'squares', 'squares.bin')
const fast = { attempts: 2, backoff: 1, stallTimeout: 200 }

describe('folders', () => {
  it('follow the environment', () => {
    expect(searchFolders({ DDLF_DATA_DIRS: ['/a', '', '/b'].join(delimiter) })).toEqual(['/a', '/b'])
    expect(searchFolders({})).toEqual([])
    expect(cacheFolder({ DDLF_CACHE: '/c' })).toBe('/c')
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/ddlf')
  })
})

describe('acquire', () => {
  it('looks into the search path, then the cache, then the network', async () => {
    const squares = card(['range'])
    const places = () =>
      acquire(squares, { environment, ...fast }).then(({ files }) => files.map(({ origin, path }) => [origin, path]))
    expect(await places()).toEqual([['cache', cached()]])
    expect(server.requests.length).toBe(1)
    expect(await places()).toEqual([['cache', cached()]])
    expect(server.requests.length).toBe(1)
    await mkdir(join(folder, 'second', 'other'), { recursive: true })
    await writeFile(join(folder, 'second', 'other', 'place.bin'), content)
    expect(await places()).toEqual([['search path', join(folder, 'second', 'other', 'place.bin')]])
    await mkdir(join(folder, 'first', 'squares'), { recursive: true })
    await writeFile(join(folder, 'first', 'squares', 'squares.bin'), content)
    expect(await places()).toEqual([['search path', join(folder, 'first', 'squares', 'squares.bin')]])
  })

  it('offline, says what is missing, where to put it, and the checksum', async () => {
    const failure = acquire(card(['range']), { environment, offline: true })
    await expect(failure).rejects.toThrow(UserError)
    for (const part of ['squares', cached(), join(folder, 'first', 'squares', 'squares.bin'), sha256])
      await expect(failure).rejects.toThrow(part)
    expect(server.requests).toEqual([])
    await expect(acquire(card(['range']), { environment: { ...environment, DDLF_OFFLINE: '1' } })).rejects.toThrow(
      /offline/,
    )
  })

  it('gives the same error when no source serves it, with every reason', async () => {
    const failure = acquire(card([404], ['wrong bytes']), { environment, ...fast })
    await expect(failure).rejects.toThrow(/404/)
    await expect(failure).rejects.toThrow(/instead of/)
    await expect(failure).rejects.toThrow(sha256)
    expect(existsSync(cached())).toBe(false)
  })

  it('verifies what is there, and pull replaces a damaged file of the cache', async () => {
    const squares = card(['range'])
    await acquire(squares, { environment, ...fast })
    expect(await verify(squares, environment)).toMatchObject([{ sound: true, origin: 'cache', bytes: content.length }])
    await writeFile(cached(), content.map(byte => byte ^ 1))
    expect(await verify(squares, environment)).toMatchObject([{ sound: false }])
    await pull(squares, { environment, ...fast })
    expect(Buffer.compare(await readFile(cached()), content)).toBe(0)
    expect(await removeCached(squares, environment)).toBe(content.length)
    expect(await verify(squares, environment)).toEqual([])
  })

  it('pull refuses a damaged file that is not its own', async () => {
    await mkdir(join(folder, 'first', 'squares'), { recursive: true })
    await writeFile(join(folder, 'first', 'squares', 'squares.bin'), 'else')
    await expect(pull(card(['range']), { environment, ...fast })).rejects.toThrow(/search path/)
  })

  it('lets many processes ask at once: one fetches, all have the file', async () => {
    const squares = card(['truncated', 'range'])
    const script = `
      import { acquire } from ${JSON.stringify(compiled(new URL('../src/node.ts', import.meta.url)).href)}
      const environment = ${JSON.stringify(environment)}
      const { files } = await acquire(${JSON.stringify(squares)}, { environment, backoff: 1 })
      console.log(files[0].path)`
    const run = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
        timeout: 50_000,
      })
    const results = await Promise.all([run(), run(), run(), acquire(squares, { environment, ...fast })])
    expect(results.slice(0, 3).map(result => (result as { stdout: string }).stdout.trim())).toEqual([
      cached(),
      cached(),
      cached(),
    ])
    expect(server.requests.length).toBe(2)
    expect(await readdir(join(folder, 'cache', 'data', 'squares'))).toEqual(['squares.bin'])
  })

  it('goes on where a killed process stopped', async () => {
    const squares = card(['stall', 'range'])
    const script = `
      import { acquire } from ${JSON.stringify(compiled(new URL('../src/node.ts', import.meta.url)).href)}
      const environment = ${JSON.stringify(environment)}
      await acquire(${JSON.stringify(squares)}, { environment, onProgress: () => console.log('some') })`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
    await new Promise(resolve => child.stdout.once('data', resolve))
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    expect(await readdir(join(folder, 'cache', 'data', 'squares'))).toEqual(['fetch.lock', 'squares.bin.part'])
    await acquire(squares, { environment, ...fast })
    expect(Buffer.compare(await readFile(cached()), content)).toBe(0)
    expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]/)
  })

  it('says when the cache cannot be written', async () => {
    await writeFile(join(folder, 'cache'), 'a file where a folder is needed')
    await expect(acquire(card(['range']), { environment, ...fast })).rejects.toThrow(/must be writable/)
  })
})

describe('withLock', () => {
  it('takes over from a holder that died or fell silent, and waits for one that lives', async () => {
    const path = join(folder, 'thing')
    const hold = (pid: number, host: string) => writeFile(`${path}.lock`, JSON.stringify({ pid, host, token: 'x' }))
    const { pid } = spawn('true')
    await new Promise(resolve => setTimeout(resolve, 200))
    await hold(pid ?? 1, hostname())
    expect(await withLock(path, () => Promise.resolve('dead'))).toBe('dead')
    await hold(process.pid, 'elsewhere')
    await utimes(`${path}.lock`, new Date(0), new Date(0))
    expect(await withLock(path, () => Promise.resolve('silent'))).toBe('silent')
    expect(existsSync(`${path}.lock`)).toBe(false)
    await hold(process.pid, 'elsewhere')
    const ahead = new Date(Date.now() + 3_600_000)
    await utimes(`${path}.lock`, ahead, ahead)
    expect(await withLock(path, () => Promise.resolve('dated in the future'))).toBe('dated in the future')

    const order: string[] = []
    const first = withLock(path, async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      order.push('first')
    })
    await new Promise(resolve => setTimeout(resolve, 50))
    let holder = ''
    await withLock(path, () => Promise.resolve(order.push('second')), { onWait: name => (holder = name) })
    await first
    expect(order).toEqual(['first', 'second'])
    expect(holder).toContain(String(process.pid))
  })
})

describe('a damaged file', () => {
  it('is refused when it is read, with its checksum', async () => {
    await mkdir(join(folder, 'first', 'names'), { recursive: true })
    await writeFile(join(folder, 'first', 'names', 'names.txt'), 'a'.repeat(228_145))
    await expect(loadDataset('names', { environment })).rejects.toThrow(/0a30b5557f192f32/)
    await writeFile(join(folder, 'first', 'names', 'names.txt'), 'short')
    await expect(loadDataset('names', { environment })).rejects.toThrow(/5 bytes instead of 228145/)
  })
})
