// What a convolution costs: numbers to learn, and multiplications for one picture.

export function costOfConvolution(
  inputs: number,
  outputs: number,
  kernel: number,
  height: number,
  width: number,
): { parameters: number; multiplications: number } {
  const weights = inputs * outputs * kernel * kernel
  return { parameters: weights + outputs, multiplications: weights * height * width }
}
