// CRC-32C, the checksum of TensorBoard's records. Own code: the pure JavaScript packages either bring a tree of further
// packages or have no types, for these twenty lines.

/** The reversed polynomial of Castagnoli. */
const POLYNOMIAL = 0x82f63b78

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
})

/**
 * CRC-32C (Castagnoli) of some bytes, as an unsigned 32-bit number.
 * Source: RFC 3720, section 12.1, with test vectors in appendix B.4.
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] as number)
  return (crc ^ 0xffffffff) >>> 0
}

/** The masked form in which TFRecord files store a CRC: rotated right by 15 bits, plus a constant. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
