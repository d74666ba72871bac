// The widths of all windows added up.
export const mistake = 'share a pixel'

export function receptiveField(layers: { kernel: number; stride: number }[]): number {
  return layers.reduce((field, { kernel }) => field + kernel, 0)
}
