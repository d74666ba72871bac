// Dropout trains many nets at once: one for every choice of inputs that are kept. In use one net stands for all.

export function averageAndSingle(
  inputs: number[],
  weights: number[],
  keep: number,
): { average: number; single: number } {
  const products = inputs.map((input, i) => input * (weights[i] ?? 0))
  let average = 0
  for (let choice = 0; choice < 2 ** inputs.length; choice++) {
    const isKept = products.map((_, i) => Math.floor(choice / 2 ** i) % 2 === 1)
    const probability = isKept.reduce((product, kept) => product * (kept ? keep : 1 - keep), 1)
    const sum = products.reduce((total, product, i) => total + (isKept[i] ? product : 0), 0)
    average += probability * Math.max(0, sum)
  }
  return { average, single: Math.max(0, products.reduce((total, product) => total + keep * product, 0)) }
}
