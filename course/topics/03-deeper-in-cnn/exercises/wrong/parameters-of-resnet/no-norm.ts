// Batch norm forgotten.
export const mistake = 'batch norm'

export function parametersOfResNet(depth: number, classes: number): number {
  const blocks = (depth - 2) / 6
  const conv = (from: number, to: number) => 9 * from * to
  const stage = (from: number, to: number) => conv(from, to) + (2 * blocks - 1) * conv(to, to)
  return conv(3, 16) + stage(16, 16) + stage(16, 32) + stage(32, 64) + 64 * classes + classes
}
