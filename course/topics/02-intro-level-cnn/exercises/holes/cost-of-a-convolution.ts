// What a convolution costs: numbers to learn, and multiplications for one picture.
// `inputs` maps become `outputs` maps of height x width; each kernel is kernel x kernel, each output map has a bias.

export function costOfConvolution(
  inputs: number,
  outputs: number,
  kernel: number,
  height: number,
  width: number,
): { parameters: number; multiplications: number } {
  // Write both numbers here. Adding a bias is no multiplication.
  return { parameters: inputs * outputs + kernel, multiplications: height * width }
}
