// One query looks at several keys: scores are products divided by the root of the query's size, weights their softmax,
// and the context is the mean of the values by these weights.

export function dotProductAttention(
  query: number[], keys: number[][], values: number[][],
): { weights: number[]; context: number[] } {
  // Write it here.
  return { weights: keys.map(() => query.length), context: values[0] ?? [] }
}
