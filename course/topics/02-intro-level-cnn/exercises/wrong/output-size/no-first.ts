// The steps are counted, not the places.
export const mistake = 'one more than there are steps'

export function outputSize(size: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((size + 2 * padding - kernel) / stride)
}
