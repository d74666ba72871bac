// Zeros at one end only.
export const mistake = 'at both ends'

export function outputSize(size: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((size + padding - kernel) / stride) + 1
}
