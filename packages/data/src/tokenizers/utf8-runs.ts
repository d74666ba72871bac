// Bytes as stretches of valid UTF-8, and the bytes between that are none.

/** How many bytes the valid UTF-8 character at `i` has; 0 where there is none. Unicode 15, table 3-7. */
function characterLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i] as number
  if (first < 0x80) return 1
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  for (let k = 1; k < length; k++) {
    const next = bytes[i + k] ?? 0
    if (next < (k === 1 ? least : 0x80) || next > (k === 1 ? most : 0xbf)) return 0
  }
  return length
}

/** Stretches of text, and of bytes that are no text; together they are all of the bytes. */
export function* utf8Runs(bytes: Uint8Array): Generator<string | Uint8Array, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (let i = 0; i < bytes.length;) {
    const from = i
    for (let length = characterLength(bytes, i); length > 0; length = i < bytes.length ? characterLength(bytes, i) : 0)
      i += length
    if (i > from) yield decoder.decode(bytes.slice(from, i))
    const bad = i
    while (i < bytes.length && characterLength(bytes, i) === 0) i++
    if (i > bad) yield bytes.subarray(bad, i)
  }
}

/** Where the first byte lies that is no UTF-8, or undefined. */
export function firstInvalidByte(bytes: Uint8Array): number | undefined {
  for (let i = 0; i < bytes.length;) {
    const length = characterLength(bytes, i)
    if (length === 0) return i
    i += length
  }
  return undefined
}
