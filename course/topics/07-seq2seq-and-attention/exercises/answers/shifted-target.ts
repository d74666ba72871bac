// The start goes in front, the last token is never read.

export function shiftedTarget(target: number[], start: number): { reads: number[]; says: number[] } {
  return { reads: [start, ...target.slice(0, -1)], says: target }
}
