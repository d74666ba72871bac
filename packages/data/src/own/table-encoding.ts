// In which encoding a table is written, found by its first bytes, and its text decoded in parts.
import { UserError } from '@ddlf/tensor/errors'

/** The encodings of tables. */
export type TableEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be' | 'windows-1252'

/** What messages call an encoding. */
export const encodingNames: Readonly<Record<TableEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'utf-32le': 'UTF-32',
  'utf-32be': 'UTF-32',
  'windows-1252': 'Windows-1252 (Latin-1)',
}

/** Byte-order marks, the longer of two with the same beginning first. */
const MARKS: readonly (readonly [TableEncoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/**
 * The encoding of a text by its first bytes: the byte-order mark decides; without one, zeros in every other byte are
 * UTF-16, in two of four UTF-32.
 * @throws UserError for zeros elsewhere: that is no text
 */
export function encodingOf(bytes: Uint8Array, name: string): TableEncoding {
  const marked = MARKS.find(([, mark]) => mark.every((byte, k) => bytes[k] === byte))
  if (marked) return marked[0]
  const zeros: [number, number, number, number] = [0, 0, 0, 0]
  for (const [k, byte] of bytes.entries()) if (byte === 0) zeros[k % 4 as 0]++
  const [a, b, c, d] = zeros
  if (a + b + c + d === 0) return 'utf-8'
  // No character has a highest byte, and few of a table have the next.
  const quarter = Math.floor(bytes.length / 4)
  if (d >= quarter && c > 0.75 * quarter) return 'utf-32le'
  if (a >= quarter && b > 0.75 * quarter) return 'utf-32be'
  const [even, odd, enough] = [a + c, b + d, bytes.length / 8]
  if (odd > enough && even === 0) return 'utf-16le'
  if (even > enough && odd === 0) return 'utf-16be'
  throw new UserError({
    rule: `${name} must be a table of text.`,
    received: 'zero bytes, as in a program or a packed file',
    next: 'Save it as CSV',
  })
}

/** The bytes are not valid in the encoding that was tried. */
export class WrongEncoding extends Error {}

/** Takes the bytes of a text part by part; the last call has none. */
type Decoder = (bytes?: Uint8Array<ArrayBuffer>) => string

/** Four bytes a character, which the platform's decoder does not know. */
function utf32(littleEndian: boolean): Decoder {
  let rest = new Uint8Array()
  return bytes => {
    if (bytes === undefined) {
      if (rest.length > 0) throw new WrongEncoding('not UTF-32: it ends within a character')
      return ''
    }
    const all = new Uint8Array(rest.length + bytes.length)
    all.set(rest)
    all.set(bytes, rest.length)
    const view = new DataView(all.buffer)
    const whole = all.length - (all.length % 4)
    const characters: string[] = []
    for (let at = 0; at < whole; at += 4) {
      const code = view.getUint32(at, littleEndian)
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        throw new WrongEncoding(`not UTF-32: ${code} is no character`)
      if (code !== 0xfeff) characters.push(String.fromCodePoint(code))
    }
    rest = all.slice(whole)
    return characters.join('')
  }
}

/**
 * The decoder of an encoding; a byte-order mark is left out.
 * @throws WrongEncoding when it is called with bytes that are not valid UTF-8 or UTF-32
 */
export function decoderOf(encoding: TableEncoding): Decoder {
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return utf32(encoding === 'utf-32le')
  const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8' })
  return bytes => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    } catch (error) {
      throw new WrongEncoding('not UTF-8', { cause: error })
    }
  }
}
