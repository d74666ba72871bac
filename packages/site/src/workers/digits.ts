// A few thousand digits in one small file: 16 grey levels are enough to learn from.

/** Digits of 28 x 28 grey values from 0 to 255, one after another, with what they are. */
export interface Digits {
  readonly images: Uint8Array<ArrayBuffer>
  readonly labels: Uint8Array<ArrayBuffer>
}

export const PIXELS = 784
const LEVELS = 15

/**
 * Reads the digits of `digits.packed`: how many to learn from and how many to judge by (two bytes each, low byte
 * first), their labels (a byte each), their pixels (two a byte, 16 levels, the left one in the high half).
 */
export function readDigits(bytes: Uint8Array): { readonly train: Digits; readonly test: Digits } {
  const counts = [0, 2].map(at => (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0))
  const [train = 0, test = 0] = counts
  const labels = new Uint8Array(bytes.subarray(4, 4 + train + test))
  const packed = bytes.subarray(4 + train + test)
  const images = new Uint8Array(2 * packed.length)
  packed.forEach((pair, i) => {
    images[2 * i] = ((pair >> 4) * 255) / LEVELS
    images[2 * i + 1] = ((pair & LEVELS) * 255) / LEVELS
  })
  const part = (from: number, to: number): Digits => ({
    images: images.slice(from * PIXELS, to * PIXELS),
    labels: labels.slice(from, to),
  })
  return { train: part(0, train), test: part(train, train + test) }
}

/** The reverse of `readDigits`. */
export function packDigits(train: Digits, test: Digits): Uint8Array {
  const halves = [train.images, test.images].flatMap(images =>
    Array.from({ length: images.length / 2 }, (_, i) => {
      const level = (pixel: number | undefined) => Math.round(((pixel ?? 0) * LEVELS) / 255)
      return (level(images[2 * i]) << 4) | level(images[2 * i + 1])
    }),
  )
  const counts = [train, test].flatMap(({ labels: { length } }) => [length & 255, length >> 8])
  return Uint8Array.from([...counts, ...train.labels, ...test.labels, ...halves])
}
