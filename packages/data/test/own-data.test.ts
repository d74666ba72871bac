// A user's own pictures, tables and texts, opened by their path.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from 'fast-png'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { classCounts, columnOf, contactSheet, contactSheetPng } from '../src/index.ts'
import { loadImageFolder, openDataset } from '../src/node.ts'

let folder: string
const pictures = () => join(folder, 'pictures')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddlf-own-'))
  for (const [label, name] of ['dark', 'light'].entries()) {
    await mkdir(join(pictures(), name), { recursive: true })
    for (let k = 0; k < 10; k++) {
      const level = label * 200 + k
      const png = encode({ width: 8, height: 6, channels: 3, depth: 8, data: new Uint8Array(8 * 6 * 3).fill(level) })
      await writeFile(join(pictures(), name, `${k}.png`), png)
    }
    const jpeg = await sharp(new Uint8Array(16 * 16 * 3).fill(label * 200), {
      raw: { width: 16, height: 16, channels: 3 },
    })
      .jpeg()
      .toBuffer()
    await writeFile(join(pictures(), name, 'last.jpeg'), jpeg)
    await writeFile(join(pictures(), name, 'notes.txt'), 'no image')
  }
  await writeFile(join(pictures(), '.hidden'), '')
  const rows = Array.from({ length: 40 }, (_, k) => `text ${k},${k % 4 === 0 ? 'yes' : 'no'},${k}`)
  await writeFile(join(folder, 'rows.csv'), ['words,answer,number', ...rows].join('\n'))
  await writeFile(join(folder, 'story.txt'), 'abcdefghij'.repeat(10))
})
afterAll(() => rm(folder, { recursive: true }))

it('names that every object has are no splits, no columns and no parts', async () => {
  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    for (const of of [pictures(), join(folder, 'rows.csv'), join(folder, 'story.txt')]) {
      const table = { text: 'words', label: 'answer' }
      await expect(openDataset(of, { split: name, table }), `${of} ${name}`).rejects.toThrow(
        new RegExp(`has no (part|split) named '${name}'[^]*Use one of: all, train`),
      )
    }
    const whole = await openDataset(join(folder, 'story.txt'), { split: 'all' })
    expect(() => columnOf(whole, name)).toThrow(`has no column of numbers named '${name}'`)
  }
})

describe('a folder of images by class', () => {
  it('becomes images of one size with labels', async () => {
    const dataset = await loadImageFolder(pictures(), { size: [4, 5], channels: 1 })
    expect(dataset.length).toBe(22)
    expect(dataset.classes).toEqual(['dark', 'light'])
    expect(dataset.columns['images']).toMatchObject({ dtype: 'uint8', shape: [1, 4, 5] })
    expect(classCounts(dataset)).toEqual([11, 11])
    expect(dataset.text?.file?.[0]).toBe('dark/0.png')
    expect(dataset.columns['images']?.data.subarray(11 * 20, 12 * 20)).toEqual(new Uint8Array(20).fill(200))
  })
  it('is split by the seed with the share of each class kept', async () => {
    const fractions = { train: 9 / 11, test: 2 / 11 }
    const [train, test, other] = await Promise.all(
      [
        { split: 'train', seed: 1 },
        { split: 'test', seed: 1 },
        { split: 'test', seed: 2 },
      ].map(options => openDataset(pictures(), { ...options, fractions })),
    )
    expect([classCounts(train!), classCounts(test!)]).toEqual([[9, 9], [2, 2]])
    expect(new Set([...train!.text!.file!, ...test!.text!.file!]).size).toBe(22)
    expect(other!.text!.file).not.toEqual(test!.text!.file)
  })
  it('is split as it lies when its folders are splits', async () => {
    const lying = join(folder, 'lying')
    for (const part of ['train/a', 'train/b', 'test/b']) {
      await mkdir(join(lying, part), { recursive: true })
      await writeFile(
        join(lying, part, '1.png'),
        encode({ width: 2, height: 2, channels: 1, depth: 8, data: new Uint8Array(4) }),
      )
    }
    expect((await openDataset(lying)).length).toBe(2)
    const test = await openDataset(lying, { split: 'test' })
    expect([test.name, test.classes, [...test.columns['labels']!.data]]).toEqual(['lying/test', ['a', 'b'], [1]])
    await expect(openDataset(lying, { split: 'dev' })).rejects.toThrow(/test, train/)
  })
  it('refuses empty folders and damaged images, naming the file', async () => {
    await expect(loadImageFolder(join(folder, 'nowhere'))).rejects.toThrow(UserError)
    await mkdir(join(folder, 'empty', 'a'), { recursive: true })
    await expect(loadImageFolder(join(folder, 'empty'))).rejects.toThrow(/without images: a/)
    await writeFile(join(folder, 'empty', 'a', 'bad.png'), 'nothing')
    await expect(loadImageFolder(join(folder, 'empty'))).rejects.toThrow(/bad\.png/)
  })
})

describe('tables and texts', () => {
  it('open by their path', async () => {
    const table = { text: 'words', label: 'answer' }
    const train = await openDataset(join(folder, 'rows.csv'), { table })
    expect(train.classes).toEqual(['no', 'yes'])
    expect(classCounts(train)).toEqual([24, 8])
    expect((await openDataset(join(folder, 'rows.csv'), { table, split: 'all' })).length).toBe(40)
    expect((await openDataset(join(folder, 'story.txt'), { split: 'validation' })).text?.text).toEqual(['abcdefghij'])
    const lines = join(folder, 'lines.txt')
    await writeFile(lines, '\ufeffone\rtwo\r\n\r\nthree\nfour')
    const each = await openDataset(lines, { lines: true, split: 'all' })
    expect(each.text?.text).toEqual(['one', 'two', 'three', 'four'])
    await writeFile(lines, ' \n')
    await expect(openDataset(lines)).rejects.toThrow(/must hold text[^]*nothing but blanks[^]*Name a file/)
    await expect(openDataset(join(folder, 'rows.csv'), { table, split: 'dev' })).rejects.toThrow(
      /all, train, validation, test/,
    )
    await expect(openDataset(join(folder, 'absent.csv'))).rejects.toThrow(/no data set and no file/)
    await expect(openDataset('mnits')).rejects.toThrow(/did you mean 'mnist'/)
  })
})

describe('the contact sheet', () => {
  it('shows a row for each class', async () => {
    const dataset = await loadImageFolder(pictures(), { size: [4, 4] })
    const png = decode(contactSheetPng(dataset, { perClass: 3 }))
    expect([png.width, png.height, png.channels]).toEqual([16, 11, 3])
    expect([...png.data.subarray((1 * 16 + 1) * 3, (1 * 16 + 1) * 3 + 3)].every(value => value < 10)).toBe(true)
    const svg = contactSheet({ ...dataset, name: '<own>' }, { perClass: 3 })
    expect(svg.replaceAll(/base64,[^"]*/g, 'base64,...')).toMatchSnapshot()
    expect(() => contactSheet({ name: 'text', length: 1, columns: {}, text: { text: ['a'] } })).toThrow(UserError)
  })
})
