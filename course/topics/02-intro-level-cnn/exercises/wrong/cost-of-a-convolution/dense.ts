// Weights of its own for every place, as a dense or a locally connected layer has.
export const mistake = 'shared'

export function costOfConvolution(inputs: number, outputs: number, kernel: number, height: number, width: number) {
  const weights = inputs * outputs * kernel * kernel * height * width
  return { parameters: weights + outputs, multiplications: weights }
}
