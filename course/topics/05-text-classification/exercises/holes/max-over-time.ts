// One filter over a text: how well its pattern is found at the place where it is found best.
// words[t] is the vector of word t; filter[k] is what the filter looks for at its k-th word.
// At each window: the sum of all products, plus the bias, and 0 where that is below 0. The answer is the largest.

export function strongest(words: number[][], filter: number[][], bias: number): number {
  // Write the largest answer over all windows here.
  return words.length - filter.length + bias
}
