// Two sets of names: 32,033 first names, and names of 18 languages.
import { decodeText, labelledTexts, linesOf, plainTexts, textColumn } from './published.ts'
import type { PublishedSet } from './published.ts'

export const names: PublishedSet = {
  card: {
    id: 'names',
    title: 'Names',
    description: 'The 32,033 most common first names of the year 2018 in the United States, small letters, most common first.',
    citation: 'A. Karpathy, "makemore", 2022; from the Social Security Administration',
    licence: 'MIT',
    homepage: 'https://github.com/karpathy/makemore',
    task: 'language modelling',
    splits: [{ name: 'all', examples: 32_033 }],
    columns: [textColumn],
    editions: [
      {
        name: 'text',
        files: [
          {
            name: 'names.txt',
            sha256: '0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d',
            bytes: 228_145,
            urls: ['https://raw.githubusercontent.com/karpathy/makemore/master/names.txt'],
          },
        ],
      },
    ],
  },
  read: async (files, split) => plainTexts(`names/${split}`, { text: linesOf(decodeText(await files.read('names.txt'))) }),
}

/** The languages in the order of their file names, with the number of names of each. */
const languages = {
  Arabic: 2000,
  Chinese: 268,
  Czech: 519,
  Dutch: 297,
  English: 3668,
  French: 277,
  German: 724,
  Greek: 203,
  Irish: 232,
  Italian: 709,
  Japanese: 991,
  Korean: 94,
  Polish: 139,
  Portuguese: 74,
  Russian: 9384,
  Scottish: 100,
  Spanish: 298,
  Vietnamese: 73,
} as const

export const namesByLanguage: PublishedSet = {
  card: {
    id: 'names-by-language',
    title: 'Names of 18 languages',
    description: 'Family names of 18 languages, romanised; the label is the language.',
    citation: 'S. Robertson, "Classifying names with a character-level RNN", PyTorch tutorials, 2017',
    licence: 'MIT',
    homepage: 'https://pytorch.org/tutorials/intermediate/char_rnn_classification_tutorial.html',
    task: 'text classification',
    splits: [{ name: 'all', examples: 20_050, perClass: Object.values(languages) }],
    columns: [textColumn, { name: 'labels', dtype: 'int32', shape: [], meaning: 'index of the language' }],
    classes: Object.keys(languages),
    editions: [
      {
        name: 'tar.gz',
        files: [
          {
            name: 'names-by-language.tar.gz',
            aliases: ['names/names-by-language.tar.gz'],
            sha256: '95ddc0b52d60af731b50ed781a2da44517935a1d5ff5324f72c3e3786ddcc8b5',
            bytes: 62_718,
          },
        ],
      },
    ],
  },
  async read(files, split) {
    const members = await files.members('names-by-language.tar.gz', path => path.endsWith('.txt'))
    const classes = Object.keys(languages)
    const examples = classes.flatMap((language, label) =>
      members
        .filter(({ path }) => path === `names/${language}.txt`)
        .flatMap(({ content }) => linesOf(decodeText(content)).map(text => ({ text: text.trim(), label }))),
    )
    return labelledTexts(`names-by-language/${split}`, examples, classes)
  },
}
