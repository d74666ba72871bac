// Two sets of names: 32,033 first names, and names of 18 languages.
import { pythonShuffle } from '../python-shuffle.ts'
import { decodeText, labelledTexts, linesOf, plainTexts, textColumn } from './published.ts'
import type { PublishedSet } from './published.ts'

/** Where makemore's parts end, as shares of the shuffled names. */
const ENDS: Readonly<Record<string, readonly [number, number]>> = {
  train: [0, 0.8], validation: [0.8, 0.9], test: [0.9, 1],
}

/** A part of the names as makemore divides them (A. Karpathy, "makemore", part 2: MLP). */
function makemorePart(all: readonly string[], split: string): string[] {
  const [from, to] = (ENDS[split] ?? [0, 1]).map(share => Math.floor(share * all.length)) as [number, number]
  return Array.from(pythonShuffle(all.length, 42).subarray(from, to), place => all[place] as string)
}

export const names: PublishedSet = {
  card: {
    id: 'names',
    title: 'Names',
    description:
      'The 32,033 most common first names of the year 2018 in the United States, small letters, most common first. ' +
      "The splits are those of makemore: 80, 10 and 10 % after Python's random.seed(42) and random.shuffle.",
    citation: 'A. Karpathy, "makemore", 2022; from the Social Security Administration',
    licence: 'MIT',
    homepage: 'https://github.com/karpathy/makemore',
    task: 'language modelling',
    splits: [
      { name: 'all', examples: 32_033 },
      { name: 'train', examples: 25_626 },
      { name: 'validation', examples: 3203 },
      { name: 'test', examples: 3204 },
    ],
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
  async read(files, split) {
    const all = linesOf(decodeText(await files.read('names.txt')))
    return plainTexts(`names/${split}`, { text: split === 'all' ? all : makemorePart(all, split) })
  },
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
