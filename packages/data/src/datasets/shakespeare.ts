// Tiny Shakespeare: one long text.
import { decodeText, plainTexts, textColumn } from './published.ts'
import type { PublishedSet } from './published.ts'

/** Share of the text, from its beginning, that is the training split (nanoGPT, data/shakespeare_char/prepare.py). */
const TRAIN_SHARE = 0.9

export const tinyShakespeare: PublishedSet = {
  card: {
    id: 'tiny-shakespeare',
    title: 'Tiny Shakespeare',
    description: 'Plays of Shakespeare in one file of 1,115,394 characters. The split "train" is its first 90 %, ' +
      '"validation" the rest.',
    citation: 'A. Karpathy, "char-rnn", 2015; the text is by William Shakespeare',
    licence: 'public domain',
    homepage: 'https://github.com/karpathy/char-rnn',
    task: 'language modelling',
    splits: [
      { name: 'all', examples: 1 },
      { name: 'train', examples: 1 },
      { name: 'validation', examples: 1 },
    ],
    columns: [textColumn],
    editions: [
      {
        name: 'text',
        files: [
          {
            name: 'input.txt',
            aliases: ['tinyshakespeare/input.txt'],
            sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
            bytes: 1_115_394,
            urls: [
              'https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt',
              'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt',
            ],
          },
        ],
      },
    ],
  },
  async read(files, split) {
    const text = decodeText(await files.read('input.txt'))
    const border = Math.floor(text.length * TRAIN_SHARE)
    const part = split === 'train' ? text.slice(0, border) : split === 'validation' ? text.slice(border) : text
    return plainTexts(`tiny-shakespeare/${split}`, { text: [part] })
  },
}
