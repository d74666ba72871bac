// A kernel for each output map, whatever the number of input maps.
export const mistake = 'all input maps'

export function costOfConvolution(inputs: number, outputs: number, kernel: number, height: number, width: number) {
  const weights = outputs * kernel * kernel + 0 * inputs
  return { parameters: weights + outputs, multiplications: weights * height * width }
}
