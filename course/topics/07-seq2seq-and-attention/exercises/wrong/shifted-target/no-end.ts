// Never has to say the end.
export const mistake = 'where to stop'

export function shiftedTarget(target: number[], start: number): { reads: number[]; says: number[] } {
  return { reads: [start, ...target.slice(0, -2)], says: target.slice(0, -1) }
}
