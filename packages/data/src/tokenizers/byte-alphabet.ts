// The 256 characters that stand for bytes in the vocabularies of byte-level tokenizers (Radford et al. 2019, GPT-2's
// encoder.py).

const visible = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae

let next = 256
/** The character that stands for each byte: itself where it can be seen, else one from U+0100 on. */
export const byteCharacters: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(visible(byte) ? byte : next++),
)

const byteOf = new Map(byteCharacters.map((character, byte) => [character, byte]))

/** The bytes in the order of the characters that stand for them: the order in which a trained vocabulary lists them. */
export const bytesInOrder: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) =>
  (byteCharacters[a] as string) < (byteCharacters[b] as string) ? -1 : 1,
)

/** Bytes as the characters that stand for them. */
export function bytesToCharacters(bytes: Iterable<number>): string {
  let text = ''
  for (const byte of bytes) text += byteCharacters[byte] as string
  return text
}

const utf8 = new TextEncoder()

/**
 * The bytes that a token of a byte-level vocabulary stands for; a token with other characters stands for its own
 * UTF-8.
 */
export function charactersToBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = byteOf.get(token.charAt(i))
    if (byte === undefined) return utf8.encode(token)
    bytes[i] = byte
  }
  return bytes
}
