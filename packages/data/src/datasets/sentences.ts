// Sentence and document classification: SST-2, movie-review sentences (MR), TREC questions, IMDB reviews, AG News.
import { UserError } from '@ddlf/tensor/errors'
import { badLine, decodeText, labelColumn, labelledTexts, linesOf, textColumn } from './published.ts'
import type { PublishedSet } from './published.ts'
import { parseTable } from '../own/table.ts'

const feelings = ['negative', 'positive'] as const

/** Files of SST-2 by split. */
const sst2Files = { train: 'train.tsv', validation: 'dev.tsv', test: 'test.tsv' } as const
const sst2File = (name: string, sha256: string, bytes: number) => ({
  name,
  sha256,
  bytes,
  urls: [`https://raw.githubusercontent.com/clairett/pytorch-sentiment-classification/master/data/SST2/${name}`],
})

export const sst2: PublishedSet = {
  card: {
    id: 'sst2',
    title: 'Stanford Sentiment Treebank, two classes',
    description: 'Sentences of film reviews, negative or positive; whole sentences only, neutral ones left out.',
    citation:
      'R. Socher et al., "Recursive deep models for semantic compositionality over a sentiment treebank", EMNLP 2013',
    licence: 'free for research',
    homepage: 'https://nlp.stanford.edu/sentiment/',
    task: 'text classification',
    splits: [
      { name: 'train', examples: 6920, perClass: [3310, 3610] },
      { name: 'validation', examples: 872, perClass: [428, 444] },
      { name: 'test', examples: 1821, perClass: [912, 909] },
    ],
    columns: [textColumn, labelColumn],
    classes: feelings,
    editions: [
      {
        name: 'tsv',
        files: [
          sst2File('train.tsv', 'ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920', 720_259),
          sst2File('dev.tsv', 'eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359', 92_057),
          sst2File('test.tsv', '831169c7e2e429d6026e1bdbb542f33b636e3e596caad9602ebc953c205928b7', 188_749),
        ],
      },
    ],
  },
  async read(files, split) {
    const name = sst2Files[split as keyof typeof sst2Files]
    const examples = linesOf(decodeText(await files.read(name))).map((line, k) => {
      const match = /^(.*)\t([01])$/.exec(line)
      if (match === null) throw badLine(`sst2/${name}`, k + 1, 'expected a sentence, a tab, and 0 or 1', line)
      return { text: match[1] as string, label: Number(match[2]) }
    })
    return labelledTexts(`sst2/${split}`, examples, feelings)
  },
}

const reviewFile = (name: string, sha256: string, bytes: number) => ({
  name,
  aliases: [`mr_polarity/${name}`],
  sha256,
  bytes,
  urls: [`https://raw.githubusercontent.com/dennybritz/cnn-text-classification-tf/master/data/rt-polaritydata/${name}`],
})

export const mr: PublishedSet = {
  card: {
    id: 'mr',
    title: 'Movie-review sentences',
    description: '5,331 negative and 5,331 positive sentences of film reviews. There is no official split: ten-fold ' +
      'cross-validation is usual.',
    citation: 'B. Pang and L. Lee, "Seeing stars: exploiting class relationships for sentiment categorization with ' +
      'respect to rating scales", ACL 2005',
    licence: 'free for research',
    homepage: 'https://www.cs.cornell.edu/people/pabo/movie-review-data/',
    task: 'text classification',
    splits: [{ name: 'all', examples: 10_662, perClass: [5331, 5331] }],
    columns: [textColumn, labelColumn],
    classes: feelings,
    editions: [
      {
        name: 'text',
        files: [
          reviewFile('rt-polarity.neg', '2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd', 612_506),
          reviewFile('rt-polarity.pos', '4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58', 626_395),
        ],
      },
    ],
  },
  async read(files, split) {
    const examples: { text: string; label: number }[] = []
    for (const [label, name] of ['rt-polarity.neg', 'rt-polarity.pos'].entries()) {
      for (const line of linesOf(decodeText(await files.read(name)))) examples.push({ text: line.trim(), label })
    }
    return labelledTexts(`mr/${split}`, examples, feelings)
  },
}

const questionKinds = ['ABBR', 'DESC', 'ENTY', 'HUM', 'LOC', 'NUM'] as const
const questionFile = (name: string, sha256: string, bytes: number) => ({
  name,
  sha256,
  bytes,
  urls: [`https://cogcomp.seas.upenn.edu/Data/QA/QC/${name}`, `http://cogcomp.org/Data/QA/QC/${name}`],
})

export const trec: PublishedSet = {
  card: {
    id: 'trec',
    title: 'TREC questions',
    description:
      'Questions by what they ask for: abbreviation, description, entity, human, location, number; `fine` names one ' +
      'of 50 finer kinds.',
    citation: 'X. Li and D. Roth, "Learning question classifiers", COLING 2002',
    licence: 'free for research',
    homepage: 'https://cogcomp.seas.upenn.edu/Data/QA/QC/',
    task: 'text classification',
    splits: [
      { name: 'train', examples: 5452, perClass: [86, 1162, 1250, 1223, 835, 896] },
      { name: 'test', examples: 500, perClass: [9, 138, 94, 65, 81, 113] },
    ],
    columns: [
      textColumn,
      labelColumn,
      { name: 'fine', dtype: 'string', shape: [], meaning: 'finer kind, as LOC:city' },
    ],
    classes: questionKinds,
    editions: [
      {
        name: 'label',
        files: [
          questionFile('train_5500.label', '8bd6e79493f43bbd22c364587366a1dced54e1e31259eaa92721a0f526031116', 333_379),
          questionFile('TREC_10.label', '86ad53c8fc9d397ab2f4be7c967d8efb470b260140557d3e57afad69d1b88b76', 23_269),
        ],
      },
    ],
  },
  async read(files, split) {
    const name = split === 'train' ? 'train_5500.label' : 'TREC_10.label'
    const examples = linesOf(decodeText(await files.read(name), 'latin1')).map((line, k) => {
      const match = /^([A-Z]+):(\S+) (.*)$/.exec(line)
      const label = questionKinds.indexOf(match?.[1] as (typeof questionKinds)[number])
      if (match === null || label < 0) throw badLine(`trec/${name}`, k + 1, 'expected KIND:fine and a question', line)
      return { text: (match[3] as string).trim(), label, fine: `${match[1] as string}:${match[2] as string}` }
    })
    return labelledTexts(`trec/${split}`, examples, questionKinds, { text: { fine: examples.map(({ fine }) => fine) } })
  },
}

export const imdb: PublishedSet = {
  card: {
    id: 'imdb',
    title: 'IMDB reviews',
    description:
      '50,000 film reviews, half to learn from and half to be tested on, negative (at most 4 stars of 10) or ' +
      'positive (at least 7).',
    citation: 'A. L. Maas et al., "Learning word vectors for sentiment analysis", ACL 2011',
    licence: 'free for research',
    homepage: 'http://ai.stanford.edu/~amaas/data/sentiment/',
    task: 'text classification',
    splits: [
      { name: 'train', examples: 25_000, perClass: [12_500, 12_500] },
      { name: 'test', examples: 25_000, perClass: [12_500, 12_500] },
    ],
    columns: [textColumn, labelColumn, { name: 'stars', dtype: 'int32', shape: [], meaning: 'rating, 1 to 10' }],
    classes: feelings,
    editions: [
      {
        name: 'official',
        files: [
          {
            name: 'aclImdb_v1.tar.gz',
            sha256: 'c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe',
            bytes: 84_125_825,
            urls: ['http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz'],
          },
        ],
      },
      {
        name: 'labelled reviews only',
        files: [
          {
            name: 'aclImdb_labelled.tar.gz',
            sha256: '79cc05cc4168c8a05aee673749bdb3a0d4f3664d294be10a3ac74ef57d58827b',
            bytes: 27_763_214,
          },
        ],
      },
    ],
  },
  async read(files, split) {
    const archive = files.edition === 'official' ? 'aclImdb_v1.tar.gz' : 'aclImdb_labelled.tar.gz'
    const wanted = new RegExp(`^aclImdb/${split}/(neg|pos)/(\\d+)_(\\d+)\\.txt$`)
    const reviews = (await files.members(archive, path => wanted.test(path))).map(({ path, content }) => {
      const [, feeling, number, stars] = wanted.exec(path) as RegExpExecArray
      return {
        text: decodeText(content),
        label: feeling === 'pos' ? 1 : 0,
        number: Number(number),
        stars: Number(stars),
      }
    })
    // The order of the archive is its maker's; by label and number it is the same everywhere.
    reviews.sort((a, b) => a.label - b.label || a.number - b.number)
    const stars = Int32Array.from(reviews, review => review.stars)
    return labelledTexts(`imdb/${split}`, reviews, feelings, {
      columns: { stars: { dtype: 'int32', shape: [], data: stars } },
    })
  },
}

const topics = ['World', 'Sports', 'Business', 'Sci/Tech'] as const
const newsFile = (name: string, sha256: string, bytes: number) => ({
  name,
  sha256,
  bytes,
  urls: [
    `https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/555590db4219b1243abb1918effd6a7425a2d75f/data/ag_news_csv/${name}`,
    `https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/${name}`,
  ],
})

export const agNews: PublishedSet = {
  card: {
    id: 'ag-news',
    title: 'AG News',
    description: 'News by topic: title and first lines of 120,000 + 7,600 articles of four topics.',
    citation:
      'X. Zhang, J. Zhao and Y. LeCun, "Character-level convolutional networks for text classification", NIPS 2015',
    licence: 'free for research, not commercial',
    homepage: 'http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html',
    task: 'text classification',
    splits: [
      { name: 'train', examples: 120_000, perClass: [30_000, 30_000, 30_000, 30_000] },
      { name: 'test', examples: 7600, perClass: [1900, 1900, 1900, 1900] },
    ],
    columns: [
      { ...textColumn, meaning: 'title and description' },
      { name: 'title', dtype: 'string', shape: [], meaning: 'the title alone' },
      labelColumn,
    ],
    classes: topics,
    editions: [
      {
        name: 'csv',
        files: [
          newsFile('train.csv', '76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e', 29_470_338),
          newsFile('test.csv', '521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699', 1_857_427),
        ],
      },
    ],
  },
  async read(files, split) {
    const rows = parseTable(decodeText(await files.read(`${split}.csv`)), {
      name: `ag-news/${split}.csv`,
      delimiter: ',',
      header: false,
    })
    const examples = rows.records.map(([topic, title = '', description = ''], k) => {
      const label = Number(topic) - 1
      if (!(label in topics))
        throw new UserError({ rule: `ag-news, row ${k + 1}: the topic must be 1 to 4.`, received: topic })
      return { text: `${title} ${description}`, label, title }
    })
    return labelledTexts(`ag-news/${split}`, examples, topics, { text: { title: examples.map(({ title }) => title) } })
  },
}
