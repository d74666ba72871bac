// Attention: each query takes a mean of the values, weighted by the softmax of its products with the keys, which are
// divided by the root of the width of a key.

export function attention(queries: number[][], keys: number[][], values: number[][]): number[][] {
  // Write it here.
  return queries.map(() => [keys.length, values.length])
}
