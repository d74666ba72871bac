// A layer's own stride is counted before its window.
export const mistake = 'behind it'

export function receptiveField(layers: { kernel: number; stride: number }[]): number {
  let [field, jump] = [1, 1]
  for (const { kernel, stride } of layers) {
    jump *= stride
    field += (kernel - 1) * jump
  }
  return field
}
