// What vectors of words are learned from and asked: text8, ratings of how alike two words are, and analogies.
import { UserError } from '@ddlf/tensor/errors'
import { unzipSync } from 'fflate'
import { badLine, decodeText, linesOf, plainTexts, textColumn } from './published.ts'
import type { PublishedSet } from './published.ts'

export const text8: PublishedSet = {
  card: {
    id: 'text8',
    title: 'text8',
    description:
      'The first 100,000,000 characters of English Wikipedia of March 2006, cleaned: 17 million words in small ' +
      'letters a to z, numbers spelled out, one blank between words.',
    citation: 'M. Mahoney, "Large text compression benchmark: about the test data", 2006',
    licence: 'GFDL (text of Wikipedia)',
    homepage: 'https://mattmahoney.net/dc/textdata.html',
    task: 'language modelling',
    splits: [{ name: 'all', examples: 1 }],
    columns: [textColumn],
    editions: [
      {
        name: 'zip',
        files: [
          {
            name: 'text8.zip',
            sha256: 'a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232',
            bytes: 31_344_016,
            urls: ['https://mattmahoney.net/dc/text8.zip', 'http://mattmahoney.net/dc/text8.zip'],
          },
        ],
      },
    ],
  },
  async read(files, split) {
    const zip = await files.read('text8.zip')
    let text: Uint8Array | undefined
    try {
      text = unzipSync(zip, { filter: ({ name }) => name === 'text8' })['text8']
    } catch (cause) {
      const received = cause instanceof Error ? cause.message : String(cause)
      throw new UserError({ rule: 'text8.zip is not a sound zip archive.', received }, { cause })
    }
    if (text === undefined) throw new UserError({ rule: 'text8.zip must contain the file text8.' })
    return plainTexts(`text8/${split}`, { text: [decodeText(text)] })
  },
}

/** What tells one set of rated pairs from another. */
interface RatedPairs {
  readonly id: string
  readonly file: string
  readonly title: string
  readonly description: string
  readonly citation: string
  readonly licence: string
  readonly homepage: string
  readonly pairs: number
  readonly sha256: string
  readonly bytes: number
}

/** Pairs of words with a rating of how alike they are, as tab-separated lines. */
function ratedPairs({ file, pairs, sha256, bytes, ...card }: RatedPairs): PublishedSet {
  return {
    card: {
      ...card,
      task: 'word similarity',
      splits: [{ name: 'all', examples: pairs }],
      columns: [
        { name: 'first', dtype: 'string', shape: [], meaning: 'a word' },
        { name: 'second', dtype: 'string', shape: [], meaning: 'another' },
        { name: 'scores', dtype: 'float32', shape: [], meaning: 'mean rating of how alike or related they are' },
      ],
      editions: [
        {
          name: 'text',
          files: [
            {
              name: file,
              aliases: [`wordsim/${file}`],
              sha256,
              bytes,
              urls: [`https://raw.githubusercontent.com/mfaruqui/eval-word-vectors/master/data/word-sim/${file}`],
            },
          ],
        },
      ],
    },
    async read(files, split) {
      const rated = linesOf(decodeText(await files.read(file))).map((line, k) => {
        const [first, second, score, ...more] = line.split('\t')
        const value = Number(score)
        if (!first || !second || !score || more.length > 0 || !Number.isFinite(value)) {
          throw badLine(`${card.id}/${file}`, k + 1, 'expected two words and a number, a tab between them', line)
        }
        return { first, second, value }
      })
      const text = { first: rated.map(({ first }) => first), second: rated.map(({ second }) => second) }
      return plainTexts(`${card.id}/${split}`, text, {
        scores: { dtype: 'float32', shape: [], data: Float32Array.from(rated, ({ value }) => value) },
      })
    },
  }
}

export const wordsim353 = ratedPairs({
  id: 'wordsim353',
  file: 'EN-WS-353-ALL.txt',
  title: 'WordSim-353',
  description: '353 pairs of words, rated by people from 0 to 10 by how related they are: cup and coffee are.',
  citation: 'L. Finkelstein et al., "Placing search in context: the concept revisited", ACM TOIS 2002',
  licence: 'CC BY 4.0',
  homepage: 'https://gabrilovich.com/resources/data/wordsim353/wordsim353.html',
  pairs: 353,
  sha256: 'ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c',
  bytes: 7405,
})

export const simlex999 = ratedPairs({
  id: 'simlex999',
  file: 'EN-SIMLEX-999.txt',
  title: 'SimLex-999',
  description: '999 pairs of words, rated by people from 0 to 10 by how alike they are in what they mean: cup and ' +
    'coffee are not.',
  citation: 'F. Hill, R. Reichart and A. Korhonen, "SimLex-999: evaluating semantic models with (genuine) similarity ' +
    'estimation", Computational Linguistics 2015',
  licence: 'free for research',
  homepage: 'https://fh295.github.io/simlex.html',
  pairs: 999,
  sha256: '405394ffb7d25f6d0e3c041f87c9f27d29dc6b047506769953e85c4523b11685',
  bytes: 18_024,
})

export const men3000 = ratedPairs({
  id: 'men',
  file: 'EN-MEN-TR-3k.txt',
  title: 'MEN',
  description: '3,000 pairs of words that stand beside pictures, rated by people from 0 to 50 by how related they are.',
  citation: 'E. Bruni, N. K. Tran and M. Baroni, "Multimodal distributional semantics", JAIR 2014',
  licence: 'CC BY 2.0',
  homepage: 'https://staff.fnwi.uva.nl/e.bruni/MEN',
  pairs: 3000,
  sha256: '888b13580faa362c7b11da0a670258cf1b1eb4bf0ecbcd418918729a3bd3f43a',
  bytes: 53_593,
})

export const analogies: PublishedSet = {
  card: {
    id: 'analogies',
    title: 'Analogies of word2vec',
    description:
      '19,544 questions of 14 groups, 5 of meaning and 9 of grammar: Athens is to Greece as Baghdad to which word?',
    citation: 'T. Mikolov et al., "Efficient estimation of word representations in vector space", 2013',
    licence: 'Apache-2.0',
    homepage: 'https://github.com/tmikolov/word2vec',
    task: 'word analogies',
    splits: [{ name: 'all', examples: 19_544 }],
    columns: [
      { name: 'first', dtype: 'string', shape: [], meaning: 'Athens' },
      { name: 'second', dtype: 'string', shape: [], meaning: 'Greece' },
      { name: 'third', dtype: 'string', shape: [], meaning: 'Baghdad' },
      { name: 'fourth', dtype: 'string', shape: [], meaning: 'Iraq, the answer' },
      { name: 'group', dtype: 'string', shape: [], meaning: 'group of questions; those of grammar begin with gram' },
    ],
    editions: [
      {
        name: 'text',
        files: [
          {
            name: 'questions-words.txt',
            aliases: ['analogies/questions-words.txt'],
            sha256: '8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36',
            bytes: 603_955,
            urls: ['https://raw.githubusercontent.com/tmikolov/word2vec/master/questions-words.txt'],
          },
        ],
      },
    ],
  },
  async read(files, split) {
    let group = ''
    const questions: string[][] = []
    for (const [k, line] of linesOf(decodeText(await files.read('questions-words.txt'))).entries()) {
      if (line.startsWith(': ')) {
        group = line.slice(2).trim()
        continue
      }
      const words = line.trim().split(/\s+/)
      if (words.length !== 4 || group === '') {
        throw badLine('analogies/questions-words.txt', k + 1, 'expected four words below the name of a group', line)
      }
      questions.push([...words, group])
    }
    const column = (k: number) => questions.map(question => question[k] as string)
    return plainTexts(`analogies/${split}`, {
      first: column(0), second: column(1), third: column(2), fourth: column(3), group: column(4),
    })
  },
}
