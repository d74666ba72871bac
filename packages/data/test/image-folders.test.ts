// Folders of pictures as people have them: nested, linked, divided, littered, damaged; everything is read, or said.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { classCounts, intakeLine, splitDataset, type Dataset } from '../src/index.ts'
import { loadImageFolder, loadImageParts, openDataset } from '../src/node.ts'
import golden from './golden/pictures.json' with { type: 'json' }
import { makePng } from './made-png.ts'

const root = mkdtempSync(join(tmpdir(), 'ddlf-folders-'))
afterAll(() => rmSync(root, { recursive: true }))
const at = (...parts: string[]) => join(root, ...parts)
const put = (path: string, content: Uint8Array | string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
const picture = (level: number) => makePng({ width: 4, height: 4, colourType: 0, depth: 8, sample: () => level })
/** Makes `count` pictures of each class. */
const folder = (path: string, classes: readonly string[], count: number) => {
  for (const [label, name] of classes.entries())
    for (let k = 0; k < count; k++) put(at(path, name, `${k}.png`), picture(100 * label + k))
  return at(path)
}
const size = { size: [4, 4], channels: 1 } as const
const counts = (set: Dataset) => Object.fromEntries((set.classes ?? []).map((name, k) => [name, classCounts(set)[k]]))
const said = (set: Dataset) => intakeLine(set.intake!)
const division = { fractions: { train: 0.8, test: 0.2 }, seed: 0 }
const countsOfParts = async (path: string) =>
  Object.fromEntries(
    Object.entries(await loadImageParts(path, division, size)).map(([part, set]) => [part, counts(set)]),
  )

describe('links and folders within folders', () => {
  it('a class folder that is a link, and pictures that are links', async () => {
    folder('elsewhere', ['dog'], 10)
    folder('linkdir', ['cat'], 10)
    symlinkSync(at('elsewhere/dog'), at('linkdir/dog'))
    const set = await loadImageFolder(at('linkdir'), size)
    expect([counts(set), said(set)]).toEqual([{ cat: 10, dog: 10 }, '20 pictures used, none left out'])
    mkdirSync(at('linkfiles/dog'), { recursive: true })
    folder('linkfiles', ['cat'], 10)
    for (let k = 0; k < 10; k++) symlinkSync(at(`elsewhere/dog/${k}.png`), at(`linkfiles/dog/${k}.png`))
    expect(counts(await loadImageFolder(at('linkfiles'), size))).toEqual({ cat: 10, dog: 10 })
  })
  it('nested and partly nested', async () => {
    folder('nested/cat', ['indoor', 'outdoor'], 5)
    folder('nested/dog', ['indoor', 'outdoor'], 5)
    const nested = await loadImageFolder(at('nested'), size)
    expect([counts(nested), nested.text?.['file']?.[0]]).toEqual([{ cat: 10, dog: 10 }, 'cat/indoor/0.png'])
    folder('partly', ['cat'], 10)
    folder('partly', ['dog'], 4)
    folder('partly/dog', ['more'], 6)
    expect(counts(await loadImageFolder(at('partly'), size))).toEqual({ cat: 10, dog: 10 })
  })
  it('circles of links end, and what leads nowhere is said', async () => {
    folder('circle', ['cat', 'dog'], 3)
    symlinkSync(at('circle/cat'), at('circle/cat/again'))
    symlinkSync(at('nowhere.png'), at('circle/dog/lost.png'))
    const set = await loadImageFolder(at('circle'), size)
    expect(counts(set)).toEqual({ cat: 3, dog: 3 })
    expect(said(set)).toBe(
      '6 pictures used, 2 left out: 1 link to a folder that is read already (cat/again), 1 broken link (dog/lost.png)',
    )
  })
  it('no link leads from one class into another, nor to what holds them', async () => {
    folder('up', ['cat', 'dog'], 3)
    folder('up/dog', ['inner'], 2)
    symlinkSync('..', at('up/cat/up'))
    symlinkSync('../dog', at('up/cat/sibling'))
    symlinkSync('../dog/inner', at('up/cat/within'))
    const set = await loadImageFolder(at('up'), size)
    const names = set.text!['file']!
    expect(names.filter(name => name.startsWith('cat/'))).toEqual(['cat/0.png', 'cat/1.png', 'cat/2.png'])
    expect(set.intake!.leftOut).toEqual(expect.arrayContaining([
      { reason: 'link to a folder that holds the classes', count: 1, first: ['cat/up'] },
      { reason: 'link into the folder of another class', count: 2, first: ['cat/sibling', 'cat/within'] },
    ]))
  })
  it('a picture that a link leads to is one example, of the class that it lies in', async () => {
    folder('elsewhere-too', ['cat'], 1)
    folder('files', ['cat', 'dog'], 3)
    symlinkSync('../dog/1.png', at('files/cat/from-dog.png'))
    symlinkSync('2.png', at('files/cat/again.png'))
    for (const link of ['cat/first.png', 'dog/second.png'])
      symlinkSync(at('elsewhere-too/cat/0.png'), at('files', link))
    // What is not read for itself is read through its link.
    put(at('files/cat/.store/x.png'), picture(1))
    symlinkSync('.store/x.png', at('files/cat/stored.png'))
    const set = await loadImageFolder(at('files'), size)
    expect(counts(set)).toEqual({ cat: 5, dog: 3 })
    expect(set.intake!.leftOut).toEqual(expect.arrayContaining([
      { reason: 'link to a picture in another class folder', count: 1, first: ['cat/from-dog.png'] },
      { reason: 'link to a picture that is read already', count: 2, first: ['cat/again.png', 'dog/second.png'] },
    ]))
    folder('leak/train', ['cat', 'dog'], 3)
    folder('leak/test', ['cat', 'dog'], 2)
    symlinkSync('../../train/cat/0.png', at('leak/test/cat/trained.png'))
    const parts = await loadImageParts(at('leak'), division, size)
    expect([counts(parts['test']!), said(parts['test']!)]).toEqual([
      { cat: 2, dog: 2 },
      expect.stringContaining('1 link to a picture in another class folder (test/cat/trained.png)') as string,
    ])
  })
  it('pictures that two parts link to are trained on and not tested on', async () => {
    folder('shared', ['cat', 'dog'], 3)
    folder('parts/test', ['dog'], 2)
    mkdirSync(at('parts/train'), { recursive: true })
    for (const link of ['train/cat', 'train/dog', 'test/cat'])
      symlinkSync(at('shared', link.slice(-3)), at('parts', link))
    const parts = await loadImageParts(at('parts'), division, size)
    expect(Object.fromEntries(Object.entries(parts).map(([part, set]) => [part, counts(set)]))).toEqual({
      train: { cat: 3, dog: 3 },
      test: { cat: 0, dog: 2 },
    })
    expect(said(parts['train']!)).toContain('1 link to a folder that is read already (test/cat)')
  })
  it('what lies within and beside a folder that wraps the classes is said', async () => {
    folder('wrap/inner', ['cat', 'dog'], 2)
    put(at('wrap/inner/.hidden.png'), 'x')
    put(at('wrap/notes.txt'), 'x')
    symlinkSync(at('nowhere'), at('wrap/inner/lost'))
    const text = said(await loadImageFolder(at('wrap'), size))
    for (const part of ['1 hidden (inner/.hidden.png)', '1 broken link (inner/lost)', '1 no picture (notes.txt)'])
      expect(text).toContain(part)
  })
  it('a folder that only wraps the classes is gone through', async () => {
    folder('wrapped/my pictures (2)', ['big cat', 'dög'], 2)
    put(at('wrapped/__MACOSX/big cat/._0.png'), 'x')
    const set = await loadImageFolder(at('wrapped'), size)
    expect([counts(set), said(set)]).toEqual([
      { 'big cat': 2, dög: 2 },
      '4 pictures used, none left out; the classes are the folders of my pictures (2)',
    ])
  })
})

describe('what lies beside the pictures', () => {
  it('leavings of systems are nothing; hidden and other files and empty folders are said', async () => {
    folder('mac', ['cat', 'dog'], 10)
    for (const litter of ['__MACOSX/cat/._0.png', 'cat/.DS_Store', 'cat/._1.png', 'dog/Thumbs.db'])
      put(at('mac', litter), 'x')
    expect([counts(await loadImageFolder(at('mac'), size)), said(await loadImageFolder(at('mac'), size))]).toEqual([
      { cat: 10, dog: 10 },
      '20 pictures used, none left out',
    ])
    mkdirSync(at('mac/bird'))
    put(at('mac/notes.txt'), 'words')
    put(at('mac/top.png'), picture(1))
    put(at('mac/cat/photo.HEIC'), 'x')
    put(at('mac/cat/.draft.png'), picture(1))
    const set = await loadImageFolder(at('mac'), size)
    expect(set.classes).toEqual(['cat', 'dog'])
    expect(said(set)).toMatch(/^20 pictures used, 5 left out: /)
    for (const reason of [
      '1 folder without pictures (bird)',
      '1 no picture (notes.txt)',
      '1 beside the class folders (top.png)',
      '1 of a format that is not read (cat/photo.HEIC)',
      '1 hidden (cat/.draft.png)',
    ]) {
      expect(said(set)).toContain(reason)
    }
    await expect(loadImageFolder(at('mac'), { ...size, strict: true })).rejects.toThrow(
      /with --strict[^]*5 that would be left out/,
    )
  })
  it('BMP, GIF, WebP and JPEG are pictures, whatever they are called', async () => {
    folder('othertypes', ['cat'], 10)
    folder('othertypes', ['dog'], 3)
    const fileOf = (name: string) => Buffer.from(golden.files.find(file => file.name === name)!.file, 'base64')
    put(at('othertypes/dog/a.bmp'), fileOf('24 bits.bmp'))
    put(at('othertypes/dog/b.gif'), fileOf('palette.gif'))
    put(at('othertypes/dog/c.webp'), fileOf('lossy.webp'))
    put(at('othertypes/dog/d.JPEG'), fileOf('grey.jpg'))
    put(at('othertypes/dog/e.png'), fileOf('grey.jpg'))
    expect(counts(await loadImageFolder(at('othertypes'), size))).toEqual({ cat: 10, dog: 8 })
  })
})

describe('parts', () => {
  it.each([
    [
      'valnames',
      ['train', 'val'],
      { train: { cat: 8, dog: 8 }, validation: { cat: 3, dog: 3 }, test: { cat: 2, dog: 2 } },
    ],
    [
      'validnames',
      ['train', 'valid', 'test'],
      { train: { cat: 10, dog: 10 }, validation: { cat: 3, dog: 3 }, test: { cat: 3, dog: 3 } },
    ],
    ['Capital', ['Train', 'Test'], { train: { cat: 10, dog: 10 }, test: { cat: 3, dog: 3 } }],
    ['onlytrain', ['train'], { train: { cat: 8, dog: 8 }, test: { cat: 2, dog: 2 } }],
    [
      'evaluated',
      ['TRAINING', 'Eval', 'testing'],
      { train: { cat: 10, dog: 10 }, validation: { cat: 3, dog: 3 }, test: { cat: 3, dog: 3 } },
    ],
  ])('%s', async (name, parts, expected) => {
    for (const [k, part] of parts.entries()) folder(`${name}/${part}`, ['cat', 'dog'], k === 0 ? 10 : 3)
    expect(await countsOfParts(at(name))).toEqual(expected)
  })
  it('a held-out test part is said', async () => {
    const { train } = await loadImageParts(at('valnames'), division, size)
    expect(said(train!)).toBe(
      '26 pictures used, none left out; no test folder: 20 % of the training pictures are held out as test',
    )
    expect((await openDataset(at('validnames'), { ...size, split: 'dev' })).name).toBe('validnames/validation')
    expect((await openDataset(at('validnames'), { ...size, split: 'all' })).length).toBe(32)
    await expect(openDataset(at('valnames'), { ...size, split: 'test' })).rejects.toThrow(
      /no part named 'test'[^]*all, train, validation/,
    )
  })
  it('a class that is missing in a part', async () => {
    folder('missingtest/train', ['bird', 'cat', 'dog'], 8)
    folder('missingtest/test', ['cat', 'dog'], 4)
    expect(await countsOfParts(at('missingtest'))).toEqual({
      train: { bird: 8, cat: 8, dog: 8 },
      test: { bird: 0, cat: 4, dog: 4 },
    })
    expect(said((await loadImageParts(at('missingtest'), division, size))['test']!)).toBe(
      '32 pictures used, none left out; no pictures of bird in test',
    )
    folder('missingtrain/train', ['cat', 'dog'], 8)
    folder('missingtrain/test', ['bird', 'cat', 'dog'], 4)
    expect(await countsOfParts(at('missingtrain'))).toEqual({ train: { cat: 8, dog: 8 }, test: { cat: 4, dog: 4 } })
    expect(said((await loadImageParts(at('missingtrain'), division, size))['test']!)).toMatch(
      /24 pictures used, 4 left out: 4 of a class that the training part lacks \(test\/bird\/0\.png/,
    )
  })
  it('names are equal in NFC', async () => {
    folder('uni/train', ['café'.normalize('NFC'), 'thé'], 8)
    folder('uni/test', ['café'.normalize('NFD'), 'thé'], 4)
    expect(await countsOfParts(at('uni'))).toEqual({ train: { café: 8, thé: 8 }, test: { café: 4, thé: 4 } })
    folder('twice', ['café'.normalize('NFC'), 'café'.normalize('NFD'), 'thé'], 4)
    expect(counts(await loadImageFolder(at('twice'), size))).toEqual({ café: 8, thé: 4 })
  })
  it('a class that is called train is a class', async () => {
    folder('vehicles', ['bus', 'train'], 4)
    expect(counts(await loadImageFolder(at('vehicles'), size))).toEqual({ bus: 4, train: 4 })
  })
  it('are divided by the seed as the whole set would be', async () => {
    folder('plain', ['cat', 'dog'], 20)
    const whole = splitDataset(await loadImageFolder(at('plain'), size), { ...division, stratifyBy: 'labels' })
    const parts = await loadImageParts(at('plain'), division, size)
    for (const part of ['train', 'test'] as const) {
      expect(parts[part]!.text).toEqual(whole[part].text)
      expect(parts[part]!.columns).toEqual(whole[part].columns)
    }
    expect((await openDataset(at('plain'), { ...size, ...division, split: 'test' })).text).toEqual(whole.test.text)
  })
  it('are counted as the whole set is, whichever is read', async () => {
    folder('counted', ['cat', 'dog'], 20)
    put(at('counted/cat/bad.png'), 'x')
    const read = (split: string) => openDataset(at('counted'), { ...size, ...division, split, skipDamaged: true })
    const [train, test, all] = [await read('train'), await read('test'), await read('all')]
    expect([train.length + test.length, all.length]).toEqual([40, 40])
    const lines = [
      train,
      test,
      all,
      ...Object.values(await loadImageParts(at('counted'), division, { ...size, skipDamaged: true })),
    ].map(said)
    expect(new Set(lines)).toEqual(new Set(['40 pictures used, 1 left out: 1 damaged (cat/bad.png)']))
    for (const split of ['train', 'test'])
      await expect(openDataset(at('counted'), { ...size, ...division, split })).rejects.toThrow(
        /1 damaged\n {4}cat\/bad\.png/,
      )
  })
  it('with shared memory: the training part alone', async () => {
    const parts = await loadImageParts(at('validnames'), division, { ...size, shared: true })
    const isShared = (set: Dataset) =>
      Object.values(set.columns).map(({ data }) => data.buffer instanceof SharedArrayBuffer)
    expect(Object.fromEntries(Object.entries(parts).map(([part, set]) => [part, isShared(set)]))).toEqual({
      train: [true, true],
      validation: [false, false],
      test: [false, false],
    })
    const plain = await loadImageParts(at('validnames'), division, size)
    expect([...parts['train']!.columns['images']!.data]).toEqual([...plain['train']!.columns['images']!.data])
  })
  it('classes are those asked for', async () => {
    const set = await loadImageFolder(at('plain'), { ...size, classes: ['dog'] })
    expect([counts(set), said(set)]).toEqual([
      { dog: 20 },
      expect.stringMatching(/20 left out: 20 of a class that was not asked for \(cat\/0\.png/) as string,
    ])
    await expect(loadImageFolder(at('plain'), { ...size, classes: ['dgo'] })).rejects.toThrow(
      /no pictures of the class 'dgo'[^]*did you mean 'dog'/,
    )
  })
})

describe('damaged pictures', () => {
  it('are all named at once, or left out and said', async () => {
    folder('corrupt', ['cat', 'dog'], 10)
    cpSync(at('corrupt'), at('zero'), { recursive: true })
    put(at('corrupt/dog/5.png'), picture(5).subarray(0, 50))
    put(at('corrupt/dog/7.png'), 'no picture at all')
    put(at('corrupt/cat/2.png'), '')
    await expect(loadImageFolder(at('corrupt'), size)).rejects.toThrow(
      /every picture must be sound[^]*3 damaged\n {4}cat\/2\.png: an empty file\n {4}dog\/5\.png: cut off[^\n]*\n {4}dog\/7\.png: no PNG[^]*--skip-damaged/,
    )
    const set = await loadImageFolder(at('corrupt'), { ...size, skipDamaged: true })
    expect([counts(set), said(set)]).toEqual([
      { cat: 9, dog: 8 },
      '17 pictures used, 3 left out: 3 damaged (cat/2.png, dog/5.png, dog/7.png)',
    ])
    const levels = (name: string) => set.columns['images']!.data[16 * set.text!['file']!.indexOf(name)]
    expect(['cat/3.png', 'dog/4.png', 'dog/6.png', 'dog/9.png'].map(levels)).toEqual([3, 104, 106, 109])
    await expect(loadImageFolder(at('corrupt'), { ...size, skipDamaged: true, strict: true })).rejects.toThrow(
      /with --strict[^]*3 damaged/,
    )
    // In all parts, whichever is read first.
    await expect(loadImageParts(at('corrupt'), division, size)).rejects.toThrow(/3 damaged/)
  })
  it('progress is told to the end', async () => {
    const heard: number[] = []
    await loadImageFolder(at('zero'), {
      ...size,
      onItems: ({ done, total, items }) => {
        heard.push(done)
        expect([total, items]).toEqual([20, 'pictures'])
      },
    })
    expect(heard).toEqual(Array.from({ length: 20 }, (_, k) => k + 1))
  })
})

it('classes that differ only in case or in the writing of a number are named', async () => {
  const set = await loadImageFolder(folder('alike', ['1', '1.0'], 1), size)
  expect(set.classes).toEqual(['1', '1.0'])
  expect(said(set)).toMatch(/the folder has classes that differ only in case, .*: '1' and '1\.0'; write them alike/)
})
