// A last window that only half fits is counted in part.
export const mistake = 'does not fit'

export function outputSize(size: number, kernel: number, stride: number, padding: number): number {
  return (size + 2 * padding - kernel) / stride + 1
}
