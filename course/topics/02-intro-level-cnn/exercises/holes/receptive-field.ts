// How wide a stretch of the picture one output of a net depends on.
// Convolutions and poolings stand one behind the other, each with the width of its window and its stride.

export function receptiveField(layers: { kernel: number; stride: number }[]): number {
  // Write the width in pixels here. Without a layer it is 1.
  return layers.reduce((field, { kernel }) => Math.max(field, kernel), 1)
}
