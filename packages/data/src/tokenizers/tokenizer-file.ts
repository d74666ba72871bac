// Tokenizers and texts in files: a tokenizer.json read, texts checked for UTF-8 and given out in parts.
import { isUtf8 } from 'node:buffer'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { textsBelow } from '../texts-below.ts'
import { readPlainFile } from '../own/read-plain-file.ts'
import { encodingOf } from '../own/table-encoding.ts'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { ACQUIRE_OPTIONS } from '../cache/acquire.ts'
import { publishedSets } from '../datasets/registry.ts'
import { loadDataset } from '../load.ts'
import type { LoadOptions } from '../load.ts'
import { tokenizerFromJson, type Tokenizer } from './tokenizer.ts'
import { firstInvalidByte } from './utf8-runs.ts'

const read = async (file: string): Promise<Buffer> => {
  const { buffer, byteOffset, byteLength } = await readPlainFile(file, { what: 'a file that can be read' })
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** The wide encoding that bytes are in, by their mark or by where zeros lie; undefined where they are in none. */
function wideEncoding(bytes: Buffer, name: string): string | undefined {
  try {
    const encoding = encodingOf(bytes.subarray(0, 4096), name)
    return encoding === 'utf-8' ? undefined : encoding.toUpperCase()
  } catch (error) {
    // Zeros here and there: no table, but such a text is UTF-8 all the same.
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** Bytes that no text has but line ends, tabs and form feeds. */
const isControl = (byte: number) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d

/** What to do about bytes that are no UTF-8, and not of a wide encoding. @param place of the first */
function adviceFor(bytes: Buffer, place: number): string {
  const [head = 0] = bytes.subarray(place)
  const rest = bytes.length - place
  const wanted = head >= 0xf0 ? 4 : head >= 0xe0 ? 3 : 2
  const isBegun = head >= 0xc2 && head < 0xf5 && bytes.subarray(place + 1).every(byte => byte >> 6 === 2)
  // Where all else is ASCII, the last byte may as well be a letter of another encoding.
  if (isBegun && rest < wanted && bytes.subarray(0, place).some(byte => byte > 0x7f))
    return 'The file ends within a character: copy it again, whole.'
  const some = bytes.subarray(0, 4096)
  const controls = some.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0)
  return controls > some.length / 50
    ? 'It does not look like a text: name another file.'
    : 'Convert it: iconv -f WINDOWS-1252 -t UTF-8 (or from the encoding it has).'
}

function requireUtf8(bytes: Buffer, name: string): void {
  const wide = wideEncoding(bytes, name)
  // Plain letters in UTF-16 without a mark are UTF-8 too, with a zero behind each.
  if (wide === undefined && isUtf8(bytes)) return
  const place = firstInvalidByte(bytes)
  const hex = [...bytes.subarray(place ?? 0, (place ?? 0) + 4)].map(byte => byte.toString(16).padStart(2, '0'))
  const found = place === undefined ? 'bytes with zeros between them' : `bytes that are none at ${place}`
  throw new UserError({
    rule: `${name} must hold text in UTF-8.`,
    received: `${found}: ${hex.join(' ')}${wide === undefined ? '' : `, as in ${wide}`}`,
    next: wide === undefined ? adviceFor(bytes, place ?? 0) : `Convert it: iconv -f ${wide} -t UTF-8`,
  })
}

/** Bytes as text, without a byte-order mark. @throws UserError naming the place of the first byte that is no UTF-8 */
export function utf8Text(bytes: Uint8Array, name: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  requireUtf8(buffer, name)
  return buffer.toString('utf8').replace(/^\ufeff/, '')
}

/** The text of a file. @throws UserError when it cannot be read or is no UTF-8 */
export const readText = async (file: string): Promise<string> => utf8Text(await read(file), file)

/**
 * A tokenizer from a file of the form of Hugging Face's tokenizer.json.
 * @throws UserError when the file cannot be read or holds no tokenizer that is known
 */
export async function readTokenizer(file: string): Promise<Tokenizer> {
  return tokenizerFromJson(await readText(file), file)
}

/** What {@link readTexts} says while it reads. */
export interface TextsProgress {
  /** The file or set that is being read. */
  readonly name: string
  readonly bytes: number
  readonly total: number
}

export interface TextsOptions extends LoadOptions {
  readonly onTexts?: (progress: TextsProgress) => void
}

/** Bytes of one part of a long text. */
const PART = 4 * 2 ** 20
const SPACE = 0x20
const isLetter = (byte: number | undefined) => byte !== undefined && (byte | SPACE) >= 0x61 && (byte | SPACE) <= 0x7a

/**
 * Where a part ends: before a blank between two letters, where every usual pattern ends a word, so that no part cuts
 * one.
 */
function partEnd(bytes: Buffer, from: number): number {
  if (bytes.length - from <= PART) return bytes.length
  for (let i = from + PART; i < bytes.length - 1; i++) {
    if (bytes[i] === SPACE && isLetter(bytes[i - 1]) && isLetter(bytes[i + 1])) return i
  }
  return bytes.length
}

async function filesOf(reference: string): Promise<string[]> {
  const kind = await stat(reference).catch(() => undefined)
  if (kind === undefined) {
    throw new UserError({
      rule: 'Texts come from a file, a folder of text files, or a data set.',
      received: `${reference}, which is none of them`,
      next: 'Check the path, or list the sets: npm run ddlf -- data list',
    })
  }
  if (!kind.isDirectory()) return [reference]
  const { texts, passed } = textsBelow(reference)
  const notText = passed.find(({ reason }) => reason.endsWith('not UTF-8'))
  if (notText) {
    throw new UserError({
      rule: 'The names of texts are UTF-8.',
      received: path.join(reference, notText.name),
      next: 'Give the file or the folder another name, or move it away.',
    })
  }
  const files = texts.map(file => path.join(reference, file))
  if (files.length === 0) {
    throw new UserError({
      rule: 'A folder of texts must hold files that end in .txt, .text, .md or .markdown.',
      received: `${reference}, with none among ${passed.length} files`,
      next: 'Name one file, or give the files such an ending.',
    })
  }
  return files
}

/** A text, or one part of a long one. */
export interface TextPart {
  readonly text: string
  /** Whether it is the last part of its text. */
  readonly ends: boolean
}

/**
 * The texts of a file (read as one text), of a folder (one a file that ends in .txt, .text, .md or .markdown, in the
 * order of
 * their names, folders within included), or of all columns of text of a published set. Long texts come in parts, cut
 * between words.
 * @throws UserError for a file that cannot be read or is no UTF-8, and for a set without text
 */
export async function* readTexts(reference: string, options: TextsOptions = {}): AsyncGenerator<string, undefined> {
  for await (const { text } of readTextParts(reference, options)) yield text
}

/** As {@link readTexts}, and says where each text ends. */
export async function* readTextParts(
  reference: string,
  options: TextsOptions = {},
): AsyncGenerator<TextPart, undefined> {
  const { onTexts, ...load } = checkOptions('readTexts', options, ['onTexts', 'split', 'shared', ...ACQUIRE_OPTIONS])
  if (publishedSets.some(({ card }) => card.id === reference)) {
    const dataset = await loadDataset(reference, load)
    const columns = Object.values(dataset.text ?? {})
    if (columns.length === 0) {
      throw new UserError({
        rule: 'A tokenizer is learned from text.',
        received: `${reference}, a set without text`,
        next: 'Choose another: npm run ddlf -- data list',
      })
    }
    const total = dataset.length
    for (let i = 0; i < total; i++) {
      for (const texts of columns) yield { text: texts[i] as string, ends: true }
      onTexts?.({ name: reference, bytes: i + 1, total })
    }
    return
  }
  for (const file of await filesOf(reference)) {
    const bytes = await read(file)
    requireUtf8(bytes, file)
    const begin = bytes.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0
    for (let from = begin; from < bytes.length;) {
      const to = partEnd(bytes, from)
      yield { text: bytes.toString('utf8', from, to), ends: to === bytes.length }
      onTexts?.({ name: file, bytes: to, total: bytes.length })
      from = to
    }
  }
}
