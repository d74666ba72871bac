// Small files that claim or inflate to gigabytes, and large ones side by side: a picture or an error, in memory within
// bounds.
import { execFile } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { constants, deflateRawSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { compiled } from '../../../test/compiled.ts'
import { makePng, pngChunk, type MadePng } from './made-png.ts'

const folder = mkdtempSync(join(tmpdir(), 'ddlf-bombs-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A zlib stream that inflates to `parts` times `bytes` zeros, made without holding them. */
function zeros(bytes: number, parts: number): Buffer {
  const part = deflateRawSync(Buffer.alloc(bytes), { finishFlush: constants.Z_FULL_FLUSH })
  const sum = Buffer.alloc(4)
  // Adler-32 of n zeros: 1 in the lower half, n in the upper.
  sum.writeUInt32BE(((bytes * parts) % 65_521) * 65_536 + 1)
  return Buffer.concat([
    Uint8Array.of(0x78, 0x9c),
    ...Array.from({ length: parts }, () => part),
    deflateRawSync(Buffer.alloc(0)),
    sum,
  ])
}

const plain: MadePng = { width: 8, height: 8, colourType: 2, depth: 8, sample: () => 7 }
const profile = Buffer.concat([Buffer.from('profile\0\0', 'latin1'), zeros(2 ** 26, 48)])
const bombs: readonly [string, Buffer, RegExp, number][] = [
  ['pixels that inflate to 3 GiB', makePng({ ...plain, pixels: zeros(2 ** 26, 48) }), /decoded 32/, 64],
  ['a colour profile that does', makePng({ ...plain, chunks: [pngChunk('iCCP', profile)] }), /decoded 32/, 64],
  ['a comment that does', makePng({ ...plain, chunks: [pngChunk('zTXt', profile)] }), /decoded 32/, 64],
  // 294 MB of pixels, read row by row.
  [
    '7000 x 7000 pixels of 16 bits',
    makePng({ ...plain, width: 7000, height: 7000, depth: 16, pixels: zeros(100 * (1 + 6 * 7000), 70) }),
    /decoded 32/,
    160,
  ],
  // Interlaced, a decoder needs them all.
  [
    'the same, interlaced',
    makePng({ ...plain, width: 7000, height: 7000, depth: 16, interlaced: true, pixels: zeros(2 ** 26, 6) }),
    /decoded 32/,
    640,
  ],
]

describe('memory', () => {
  it.each(bombs)('%s', async (_, file, outcome, most) => {
    expect(file.length).toBeLessThan(8 * 2 ** 20)
    const path = join(folder, 'bomb.png')
    writeFileSync(path, file)
    const { stdout } = await promisify(execFile)(process.execPath, [
      fileURLToPath(compiled(new URL('./peak-memory.ts', import.meta.url))),
      path,
    ])
    const said = JSON.parse(stdout) as { outcome: string; mebibytes: number }
    expect(said.outcome).toMatch(outcome)
    expect(said.mebibytes).toBeLessThan(most)
  }, 120_000)
  it('eight files of 200 MB are not held at once', async () => {
    const small = makePng(plain)
    // A chunk that readers may leave out, with nothing in it: the file takes no room on the disk.
    const head = Buffer.alloc(8)
    head.writeUInt32BE(200_000_000)
    head.write('teSt', 4, 'latin1')
    for (let k = 0; k < 8; k++) {
      const file = join(folder, 'large', k % 2 ? 'a' : 'b', `${k}.png`)
      mkdirSync(join(file, '..'), { recursive: true })
      const handle = openSync(file, 'w')
      writeSync(handle, small, 0, 33, 0)
      writeSync(handle, head, 0, 8, 33)
      writeSync(handle, small, 33, small.length - 33, 33 + 8 + 200_000_000 + 4)
      closeSync(handle)
    }
    const { stdout } = await promisify(execFile)(process.execPath, [
      fileURLToPath(compiled(new URL('./peak-memory-of-folder.ts', import.meta.url))),
      join(folder, 'large'),
    ])
    const said = JSON.parse(stdout) as { length: number; mebibytes: number }
    expect(said.length).toBe(8)
    // Two of them, of which one is no longer needed.
    expect(said.mebibytes).toBeLessThan(700)
  }, 120_000)
})
