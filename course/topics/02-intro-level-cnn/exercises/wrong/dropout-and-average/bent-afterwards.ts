// The mean of the sums, bent at the end.
export const mistake = 'each choice bends'

export function averageAndSingle(inputs: number[], weights: number[], keep: number) {
  const sum = inputs.reduce((total, input, i) => total + keep * input * (weights[i] ?? 0), 0)
  return { average: Math.max(0, sum), single: Math.max(0, sum) }
}
