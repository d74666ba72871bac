// Cut `length` examples into batches of `size`: a list of [start, end) pairs. The last batch may be smaller, and no
// example is left out.

export function batches(length: number, size: number): [number, number][] {
  // Write it here.
  return Array.from({ length: Math.floor(length / size) }, (_, i): [number, number] => [i * size, (i + 1) * size])
}
