// Turns a query or key by its position: elements i and i + size / 2 are a point of a plane, which is turned by the
// angle position / 10000^(2i / size).

export function rotate(vector: number[], position: number): number[] {
  // Write it here.
  return vector.map(value => value + position)
}
