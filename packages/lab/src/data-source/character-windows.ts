// A text as windows of characters: each example is some characters, and the same moved on by one, to be predicted.
import { UserError } from '@ddlf/tensor/errors'
import type { Column, Dataset } from '@ddlf/data'
import type { DataSource } from './data-source.ts'

/** What the source reads of the settings. */
export interface WindowSettings {
  /** Characters in a window. */
  readonly blockSize: number
}

/** The numbers of a text's characters: their places in an alphabet. @throws UserError for a character that it lacks */
export function encodeCharacters(text: string, alphabet: string): Int32Array {
  const numbers = new Map(Array.from(alphabet, (character, number) => [character, number]))
  const encoded = new Int32Array(text.length)
  let count = 0
  for (const character of text) {
    const number = numbers.get(character)
    if (number === undefined) {
      throw new UserError({
        rule: 'A text must be made of the characters that the model knows.',
        received: JSON.stringify(character),
        next: `It knows: ${JSON.stringify(alphabet)}`,
      })
    }
    encoded[count++] = number
  }
  return encoded.slice(0, count)
}

/** All windows of a stream; they overlap in all but one element, and none is copied. */
function windowsOf(name: string, stream: Int32Array, size: number): Dataset {
  const length = stream.length - size
  if (length < 1) {
    throw new UserError({
      rule: `A window of ${size} needs ${size + 1} characters.`,
      received: `${stream.length} characters of ${name}`,
      next: 'Choose a smaller blockSize.',
    })
  }
  const window = (from: number): Column => ({ dtype: 'int32', shape: [size], data: stream.subarray(from), step: 1 })
  return { name, length, columns: { tokens: window(0), targets: window(1) } }
}

/** Of the validation part each character is predicted once: windows side by side. */
function sideBySide({ name, columns }: Dataset, size: number): Dataset {
  const { tokens, targets } = columns as Record<'tokens' | 'targets', Column>
  return {
    name,
    length: Math.floor(targets.data.length / size),
    columns: { tokens: { ...tokens, step: size }, targets: { ...targets, step: size } },
  }
}

/**
 * A published text, predicted character by character: columns `tokens` and `targets`, int32 [blockSize]. Its split
 * `validation` has the last word, as for nanoGPT: nobody has set a test part aside.
 * @param id of a set whose splits `train` and `validation` are one text each
 * @param alphabet all of its characters, in the order of their numbers
 */
export const characterWindows = (id: string, alphabet: string): DataSource<WindowSettings> => ({
  name: id,
  parts: ['train', 'validation'],
  form: ({ blockSize }) => {
    const column = { dtype: 'int32', shape: [blockSize] } as const
    return { columns: { tokens: column, targets: column } }
  },
  async load(part, { blockSize }, io) {
    const { name, text } = await io.dataset(id, part)
    const windows = windowsOf(name, encodeCharacters(text?.['text']?.[0] ?? '', alphabet), blockSize)
    return part === 'train' ? windows : sideBySide(windows, blockSize)
  },
})
