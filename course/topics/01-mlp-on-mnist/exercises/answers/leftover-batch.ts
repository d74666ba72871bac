// Batches with their leftover.

export function batches(length: number, size: number): [number, number][] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i): [number, number] => [
    i * size,
    Math.min(length, (i + 1) * size),
  ])
}
