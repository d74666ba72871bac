// Readers of what vectors of words are learned from and asked: rated pairs, analogies, text8,
// the Brown corpus; and what they refuse.
import { zipSync, strToU8 } from 'fflate'
import { describe, expect, it } from 'vitest'
import { brown } from '../src/datasets/corpora.ts'
import { analogies, simlex999, text8, wordsim353 } from '../src/datasets/word-sets.ts'
import type { SetFiles } from '../src/datasets/published.ts'

const files = (content: Uint8Array): SetFiles => ({
  edition: 'text', shared: false, read: () => Promise.resolve(content), members: () => Promise.resolve([]),
})
const lines = (...all: string[]) => files(strToU8(`${all.join('\n')}\n`))

describe('rated pairs', () => {
  it('reads two words and a rating a line', async () => {
    const set = await wordsim353.read(lines('love\tsex\t6.77', 'tiger\ttiger\t10.00'), 'all')
    expect(set.text).toEqual({ first: ['love', 'tiger'], second: ['sex', 'tiger'] })
    expect(set.columns['scores']?.data).toEqual(Float32Array.of(6.77, 10))
  })
  it.each(['old\tnew', 'old new 1.58', 'old\tnew\tmuch', 'old\t\t1', 'a\tb\t1\t2'])('refuses %j', async line => {
    await expect(simlex999.read(lines('a\tb\t1', line), 'all')).rejects.toThrow(/simlex999.*line 2/)
  })
})

describe('analogies', () => {
  it('reads four words a line below the names of groups', async () => {
    const set = await analogies.read(lines(': capitals', 'Athens Greece Oslo Norway', ': gram1-x', 'a b c d'), 'all')
    expect(set.length).toBe(2)
    expect(set.text).toMatchObject({ first: ['Athens', 'a'], fourth: ['Norway', 'd'], group: ['capitals', 'gram1-x'] })
  })
  it('refuses lines without a group, and of another length', async () => {
    await expect(analogies.read(lines('a b c d'), 'all')).rejects.toThrow(/line 1/)
    await expect(analogies.read(lines(': g', 'a b c'), 'all')).rejects.toThrow(/line 2/)
  })
})

describe('text8', () => {
  it('reads the one text of the archive', async () => {
    const set = await text8.read(files(zipSync({ text8: strToU8(' anarchism originated as') })), 'all')
    expect(set.text).toEqual({ text: [' anarchism originated as'] })
  })
  it('refuses what is no archive, and one without the text', async () => {
    await expect(text8.read(files(strToU8('text')), 'all')).rejects.toThrow(/text8.zip/)
    await expect(text8.read(files(zipSync({ other: strToU8('x') })), 'all')).rejects.toThrow(/text8/)
  })
})

describe('the Brown corpus', () => {
  it('reads its pieces in order, words as they stand there and without their parts of speech', async () => {
    const piece = (name: string, text: string) => ({ path: `package/${name}`, content: strToU8(text) })
    const all = [
      piece('cb01', '\n\tof/in 1\\/2/cd ``/``'), piece('README', 'not/read'),
      piece('ca01', '\n\n\tThe/at Jury/nn-tl\n\n\tsaid/vbd ,/, Atlanta\'s/np$ ./.\n'),
    ]
    const set = await brown.read({
      ...files(strToU8('')), members: (_, wanted) => Promise.resolve(all.filter(({ path }) => wanted(path))),
    }, 'all')
    expect(set.text).toEqual({
      text: ["The Jury said , Atlanta's .", 'of 1\\/2 ``'], part: ['ca01', 'cb01'],
    })
  })
})
