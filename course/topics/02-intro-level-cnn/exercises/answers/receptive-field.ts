// How wide a stretch of the picture one output of a net depends on.

export function receptiveField(layers: { kernel: number; stride: number }[]): number {
  let field = 1
  // How far apart in the picture two neighbours of the present layer lie.
  let jump = 1
  for (const { kernel, stride } of layers) {
    field += (kernel - 1) * jump
    jump *= stride
  }
  return field
}
