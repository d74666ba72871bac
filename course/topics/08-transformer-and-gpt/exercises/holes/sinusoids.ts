// The vector of a position: elements 2i and 2i + 1 are the sine and the cosine of position / 10000^(2i / size).

export function sinusoid(position: number, size: number): number[] {
  // Write it here.
  return Array.from({ length: size }, () => position)
}
