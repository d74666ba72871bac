// As if neighbours always lay one pixel apart.
export const mistake = 'further apart'

export function receptiveField(layers: { kernel: number; stride: number }[]): number {
  return layers.reduce((field, { kernel }) => field + kernel - 1, 1)
}
