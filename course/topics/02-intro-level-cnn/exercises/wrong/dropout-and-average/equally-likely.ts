// Every choice counts alike.
export const mistake = 'not equally likely'

export function averageAndSingle(inputs: number[], weights: number[], keep: number) {
  const products = inputs.map((input, i) => input * (weights[i] ?? 0))
  let average = 0
  for (let choice = 0; choice < 2 ** inputs.length; choice++) {
    const sum = products.reduce((total, product, i) => total + product * (Math.floor(choice / 2 ** i) % 2), 0)
    average += Math.max(0, sum) / 2 ** inputs.length
  }
  return { average, single: Math.max(0, products.reduce((total, product) => total + keep * product, 0)) }
}
