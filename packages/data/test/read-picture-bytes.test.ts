// A picture of the user's is read from a plain file within a bound: no pipe, device, folder or circle of links holds
// anything up.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openDataset, readPictureBytes, readPlainFile } from '../src/node.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'ddlf-picture-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => path.join(folder, name)

it('reads a file, also through a link', async () => {
  writeFileSync(at('a.png'), Uint8Array.of(1, 2, 3))
  symlinkSync('a.png', at('link.png'))
  expect([...await readPictureBytes(at('link.png'))]).toEqual([1, 2, 3])
})

it.skipIf(process.platform === 'win32')('refuses what is no plain file, and one that is too large', async () => {
  execFileSync('mkfifo', [at('pipe.png')])
  symlinkSync('loop.png', at('loop.png'))
  writeFileSync(at('large.png'), '')
  truncateSync(at('large.png'), 2 ** 28 + 1)
  await expect(readPictureBytes(at('pipe.png'))).rejects.toThrow(/must be the file of a picture[^]*a pipe or a device/)
  await expect(readPictureBytes('/dev/zero')).rejects.toThrow(/a pipe or a device/)
  await expect(readPictureBytes(folder)).rejects.toThrow(/a folder/)
  await expect(readPictureBytes(at('loop.png'))).rejects.toThrow(/ELOOP/)
  await expect(readPictureBytes(at('large.png'))).rejects.toThrow(/a file of 268435457 bytes/)
  await expect(readPictureBytes(at('none.png'))).rejects.toThrow(/ENOENT/)
})

it.skipIf(process.platform === 'win32')(
  'tables, texts and weights neither: a pipe or a device holds nothing up',
  async () => {
    execFileSync('mkfifo', [at('pipe.csv'), at('pipe.txt')])
    await expect(openDataset(at('pipe.csv'), { table: { text: 'text', label: 'label' } })).rejects.toThrow(
      /must be a file that can be read[^]*a pipe or a device/,
    )
    await expect(openDataset(at('pipe.txt'))).rejects.toThrow(/a pipe or a device/)
    await expect(readPlainFile('/dev/zero', { what: 'a file of weights' })).rejects.toThrow(
      /must be a file of weights[^]*a pipe or a device/,
    )
    await expect(readPlainFile(folder, { what: 'a file of weights' })).rejects.toThrow(/a folder/)
    // Without a byte on the disk.
    writeFileSync(at('weights'), '')
    truncateSync(at('weights'), 2 ** 31)
    await expect(readPlainFile(at('weights'), { what: 'a file of weights' })).rejects.toThrow(
      /must be a file of weights of at most 2 GiB less a byte \(2147483647 bytes\)[^]*2147483648 bytes[^]*smaller file/,
    )
  },
)
