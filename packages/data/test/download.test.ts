// Downloads: sizes, checksums, interruptions, and servers that do not behave.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { download } from '../src/cache/download.ts'
import type { DownloadOptions } from '../src/cache/download.ts'
import { datasetCards } from '../src/index.ts'
import { startLoopback } from './loopback.ts'
import type { Behaviour, Loopback } from './loopback.ts'

const content = Uint8Array.from(uniforms(randomKey(1, 'content'), 90_001, 0, 256))
const sha256 = createHash('sha256').update(content).digest('hex')
const fast: DownloadOptions = { attempts: 4, backoff: 1, stallTimeout: 300 }
let server: Loopback
let folder: string
let path: string

beforeAll(async () => {
  server = await startLoopback(content)
})
afterAll(() => server.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddlf-download-'))
  path = join(folder, 'set', 'file.bin')
  server.requests.length = 0
})
afterEach(() => rm(folder, { recursive: true }))

const fetchFrom = (scripts: readonly (readonly Behaviour[])[], options: DownloadOptions = {}, sized = true) =>
  download(
    {
      name: 'file.bin',
      sha256,
      ...(sized && { bytes: content.length }),
      urls: scripts.map(script => server.url(script)),
    },
    path,
    { ...fast, ...options },
  )
const expectRight = async () => {
  expect(Buffer.compare(await readFile(path), content)).toBe(0)
  expect(existsSync(`${path}.part`)).toBe(false)
}

describe('the size of a download', () => {
  it('is pinned for every file of every set', () => {
    const files = datasetCards.flatMap(({ id, editions }) =>
      editions.flatMap(edition => edition.files.map(file => ({ id, name: file.name, bytes: file.bytes }))),
    )
    expect(files.filter(({ bytes }) => bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 1)).toEqual([])
  })

  it('is bounded where it is not pinned, and nothing is left', async () => {
    await expect(fetchFrom([['whole']], { mostBytes: 90_000 }, false)).rejects.toThrow(/sent more than the 90000 bytes/)
    expect(existsSync(path)).toBe(false)
    expect(existsSync(`${path}.part`)).toBe(false)
    await fetchFrom([['whole']], { mostBytes: 90_001 }, false)
    await expectRight()
  })
})

describe('download', () => {
  it.each<[string, Behaviour[][]]>([
    ['a plain server', [['whole']]],
    ['a server that truncates, then honours Range', [['truncated', 'range']]],
    ['a server that truncates every time but honours Range', [['truncated']]],
    ['a server that truncates, then ignores Range', [['truncated', 'whole']]],
    ['a server that ends early without saying how long the file is', [['truncated chunked', 'range']]],
    ['a server that stalls, then works', [['stall', 'range']]],
    ['a server that never answers at first', [['silent', 'range']]],
    ['a server that resets the connection, then works', [['reset', 'reset', 'whole']]],
    ['a server that fails for a while', [[500, 503, 429, 'range']]],
    ['a server that cannot resume (416)', [['truncated', 416, 'whole']]],
    ['a server that sends another range', [['truncated', 'wrong range', 'whole']]],
    ['a redirect', [['redirect']]],
    ['a mirror after 403', [[403], ['whole']]],
    ['a mirror after 404', [[404], ['whole']]],
    ['a mirror after wrong bytes', [['wrong bytes'], ['whole']]],
    ['a mirror after too many bytes', [['too long'], ['range']]],
    ['a mirror that goes on where the first one stopped', [['truncated', 404], ['range']]],
  ])('gets the right file from %s', async (_, scripts) => {
    // Many tries, so that a busy machine that loses a part on the way still gets there.
    await fetchFrom(scripts, { attempts: 10 })
    await expectRight()
  })

  it.each<[string, Behaviour[], RegExp]>([
    ['403', [403], /403/],
    ['404', [404], /404/],
    ['500', [500], /500/],
    ['416', [416], /416/],
    ['wrong bytes', ['wrong bytes'], /SHA-256/],
    ['too many bytes', ['too long'], /more than the 90001 bytes/],
    ['a connection that is reset', ['reset'], /fetch failed/],
    ['silence', ['silent'], /silent for 0.3 s/],
    ['a stall', ['stall'], /silent for 0.3 s/],
    ['an early end', ['truncated chunked'], /stopped after/],
  ])('says what is wrong when there is only %s, and leaves no file', async (_, script, message) => {
    const failure = fetchFrom([script])
    await expect(failure).rejects.toThrow(UserError)
    await expect(failure).rejects.toThrow(message)
    expect(existsSync(path)).toBe(false)
  })

  it('refuses a wrong file of unknown size', async () => {
    await expect(fetchFrom([['too long']], {}, false)).rejects.toThrow(/SHA-256/)
    await expect(fetchFrom([['truncated chunked']], {}, false)).rejects.toThrow(/SHA-256/)
    expect(existsSync(path)).toBe(false)
  })

  it('asks only for what is missing', async () => {
    await fetchFrom([['truncated', 'range']])
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)])
  })

  it('starts again in one piece when the parts do not fit together', async () => {
    await fetchFrom([['whole']])
    await rm(path)
    await writeFile(`${path}.part`, content.map(byte => byte ^ 1).subarray(0, 500))
    await fetchFrom([['range']])
    await expectRight()
  })

  it('does not ask when everything had arrived before', async () => {
    await fetchFrom([['whole']])
    server.requests.length = 0
    await rm(path)
    await writeFile(`${path}.part`, content)
    await fetchFrom([['range']])
    expect(server.requests).toEqual([])
    await expectRight()
  })

  it('keeps what arrived when it is stopped', async () => {
    const controller = new AbortController()
    const stopped = fetchFrom([['stall']], {
      signal: controller.signal,
      stallTimeout: 60_000,
      onProgress: () => controller.abort(),
    })
    await expect(stopped).rejects.toThrow(/abort/i)
    expect(existsSync(path)).toBe(false)
    await fetchFrom([['range']])
    await expectRight()
    expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]/)
  })

  it('tells the progress', async () => {
    const seen: number[] = []
    await fetchFrom([['truncated', 'range']], {
      onProgress: ({ bytes, total }) => (expect(total).toBe(content.length), seen.push(bytes)),
    })
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(content.length)
  })

  it('says when the folder cannot be written', async () => {
    await writeFile(join(folder, 'set'), 'a file where a folder is needed')
    await expect(fetchFrom([['whole']])).rejects.toThrow(/cannot be written/)
  })

  it('ends in the right file or an error, whatever a server does', async () => {
    const behaviour = fc.constantFrom<Behaviour>(
      'whole',
      'range',
      'truncated',
      'truncated chunked',
      'reset',
      'wrong bytes',
      'too long',
      'wrong range',
      'redirect',
      403,
      404,
      416,
      429,
      500,
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(behaviour, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        async (scripts, sized) => {
          await rm(path, { force: true })
          try {
            await fetchFrom(scripts, {}, sized)
            await expectRight()
          } catch (error) {
            expect(error).toBeInstanceOf(UserError)
            expect(existsSync(path)).toBe(false)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
