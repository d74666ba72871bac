// The stamp of a user's data: another one after any change below the folder, the same after none.
import fs from 'node:fs'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { dataStamp } from '../../src/server/data-stamp.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

it('follows every change of content, name and place, and nothing else', async () => {
  const folder = temporaryFolder()
  const place = path.join(folder, 'pictures')
  for (const name of ['a', 'b']) {
    fs.mkdirSync(path.join(place, name), { recursive: true })
    for (let i = 0; i < 70; i++) fs.writeFileSync(path.join(place, name, `${i}.png`), `${name}${i}`)
  }
  const stamps = new Set<string>()
  const isNew = async () => {
    const stamp = await dataStamp([place])
    expect(await dataStamp([place])).toBe(stamp)
    const before = stamps.size
    return stamps.add(stamp).size > before
  }
  expect(await isNew()).toBe(true)
  expect(await isNew()).toBe(false)
  fs.writeFileSync(path.join(folder, 'beside.txt'), 'x')
  expect(await isNew()).toBe(false)
  const picture = path.join(place, 'b', '69.png')
  const { atime, mtime } = fs.statSync(picture)
  // Time passes for the file system in ticks of some milliseconds.
  await new Promise(resolve => setTimeout(resolve, 20))
  fs.writeFileSync(picture, 'c69')
  fs.utimesSync(picture, atime, mtime)
  expect(await isNew()).toBe(true)
  fs.renameSync(picture, path.join(place, 'b', '70.png'))
  expect(await isNew()).toBe(true)
  fs.mkdirSync(path.join(place, 'c'))
  expect(await isNew()).toBe(true)
  // A link that leads back is followed once.
  if (process.platform !== 'win32') fs.symlinkSync(place, path.join(place, 'c', 'again'))
  expect(await dataStamp([place])).not.toBe('')
  expect(await dataStamp([path.join(folder, 'nothing')])).not.toBe(await dataStamp([]))
})

it('looks at so many files and folders, whatever a record names', async () => {
  const folder = temporaryFolder()
  for (let i = 0; i < 40; i++) {
    fs.mkdirSync(path.join(folder, `${i}`))
    for (let j = 0; j < 5; j++) fs.writeFileSync(path.join(folder, `${i}`, `${j}`), '')
  }
  const stat = vi.spyOn(fs.promises, 'stat')
  const looks = async (most?: number) => {
    stat.mockClear()
    await dataStamp([folder], most)
    return stat.mock.calls.length
  }
  try {
    expect(await looks()).toBe(1 + 40 + 200)
    expect(await looks(100)).toBe(100)
    expect(await dataStamp([folder], 100)).toBe(await dataStamp([folder], 100))
  } finally {
    stat.mockRestore()
  }
})
