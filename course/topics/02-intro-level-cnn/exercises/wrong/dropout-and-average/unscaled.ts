// In use every input counts in full.
export const mistake = 'more than it was trained with'

export function averageAndSingle(inputs: number[], weights: number[], keep: number) {
  const products = inputs.map((input, i) => input * (weights[i] ?? 0))
  let average = 0
  for (let choice = 0; choice < 2 ** inputs.length; choice++) {
    const isKept = products.map((_, i) => Math.floor(choice / 2 ** i) % 2 === 1)
    const probability = isKept.reduce((product, kept) => product * (kept ? keep : 1 - keep), 1)
    average += probability * Math.max(0, products.reduce((total, product, i) => total + (isKept[i] ? product : 0), 0))
  }
  return { average, single: Math.max(0, products.reduce((total, product) => total + product, 0)) }
}
