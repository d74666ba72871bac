// Names of files that are no UTF-8: Node cannot open them by what it shows, so they are said, and never stop a command.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bytesBelow, filesBelow, namesNotText } from '@ddlf/data/files-below'
import { loadImageFolder, openDataset, readTexts } from '@ddlf/data/node'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-names-'))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

/** A path whose last part is Latin-1: `caf` and the byte E9. */
const latin = (folder: string, before: string, after = '') =>
  Buffer.concat([Buffer.from(path.join(folder, before)), Buffer.from([0xe9]), Buffer.from(after)])

const picture = (grey: number) =>
  encode({ width: 2, height: 2, channels: 1, depth: 8, data: Uint8Array.of(grey, grey, grey, grey) })

/** Whether the file system takes names of any bytes; those of macOS and Windows do not. */
const takesBytes = process.platform === 'linux'

beforeAll(() => {
  if (!takesBytes) return
  for (const name of ['cat', 'dog']) {
    fs.mkdirSync(path.join(root, 'pictures', name), { recursive: true })
    fs.writeFileSync(path.join(root, 'pictures', name, '1.png'), picture(name === 'cat' ? 10 : 200))
  }
  // Under the name that Node shows lies a file of its own.
  fs.writeFileSync(path.join(root, 'pictures', 'dog', '2\ufffd.png'), picture(100))
  fs.writeFileSync(latin(path.join(root, 'pictures', 'cat'), 'caf', '.png'), picture(20))
  fs.mkdirSync(latin(path.join(root, 'pictures'), 'v'))
  fs.mkdirSync(path.join(root, 'texts'))
  fs.writeFileSync(path.join(root, 'texts', 'a.txt'), 'some text')
  fs.writeFileSync(latin(path.join(root, 'texts'), 'b', '.txt'), 'other text')
})

it.runIf(takesBytes)('names their bytes, and leaves names alone that hold U+FFFD themselves', () => {
  const names = (folder: string) => fs.readdirSync(path.join(root, 'pictures', folder))
  const found = (folder: string) => [...namesNotText(path.join(root, 'pictures', folder), names(folder)).values()]
  expect([found('cat'), found('dog'), found('.')]).toEqual([['caf\\xe9.png'], [], ['v\\xe9']])
})

it.runIf(takesBytes)('a folder of pictures says what it leaves out for its name', async () => {
  const { intake, length, classes } = await loadImageFolder(path.join(root, 'pictures'))
  expect({ length, classes, leftOut: intake?.leftOut }).toEqual({
    length: 3,
    classes: ['cat', 'dog'],
    leftOut: expect.arrayContaining([
      { reason: 'with a name that is not UTF-8', count: 1, first: ['cat/caf\\xe9.png'] },
      { reason: 'folder whose name is not UTF-8', count: 1, first: ['v\\xe9'] },
    ]) as unknown,
  })
  await expect(openDataset(path.join(root, 'pictures'), { strict: true })).rejects.toThrow(/not UTF-8/)
})

it.runIf(takesBytes)('a folder of texts names the file', async () => {
  const read = async () => {
    for await (const text of readTexts(path.join(root, 'texts'))) expect(text).not.toBe('')
  }
  await expect(read()).rejects.toThrow(/names of texts are UTF-8[^]*b\\xe9\.txt/)
})

it.runIf(takesBytes)('documents of a folder are read beside it, and it is said', async () => {
  const { intake, length } = await openDataset(path.join(root, 'texts'), { split: 'all' })
  expect({ length, leftOut: intake?.leftOut }).toEqual({
    length: 1, leftOut: [{ reason: 'with a name that is not UTF-8', count: 1, first: ['b\\xe9.txt'] }],
  })
})

it.runIf(takesBytes)('they are not listed, and their bytes count', () => {
  const said: string[] = []
  expect(filesBelow(path.join(root, 'texts'), name => said.push(name))).toEqual(['a.txt'])
  expect(said).toEqual(['b\\xe9.txt'])
  expect(bytesBelow(path.join(root, 'texts'))).toBe('some text'.length + 'other text'.length)
})
