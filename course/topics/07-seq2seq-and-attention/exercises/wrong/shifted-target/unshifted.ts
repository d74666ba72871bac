// Reads what it should say.
export const mistake = 'copying'

export function shiftedTarget(target: number[]): { reads: number[]; says: number[] } {
  return { reads: target, says: target }
}
