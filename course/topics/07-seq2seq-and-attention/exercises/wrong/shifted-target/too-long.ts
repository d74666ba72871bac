// Reads the end as well.
export const mistake = 'one more'

export function shiftedTarget(target: number[], start: number): { reads: number[]; says: number[] } {
  return { reads: [start, ...target], says: target }
}
