// The biases are forgotten.
export const mistake = 'bias'

export function costOfConvolution(inputs: number, outputs: number, kernel: number, height: number, width: number) {
  const weights = inputs * outputs * kernel * kernel
  return { parameters: weights, multiplications: weights * height * width }
}
