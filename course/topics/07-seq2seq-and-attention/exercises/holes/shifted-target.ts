// What a decoder reads and what it should say where it is to write `target`, an end token its last: with teacher
// forcing it sees the right tokens before each, and `start` before the first.

export function shiftedTarget(target: number[], start: number): { reads: number[]; says: number[] } {
  // Write it here.
  return { reads: [...target, start], says: [] }
}
