// How many weights a GPT-2 without biases has: the tables of tokens and of positions, in each layer two norms, the
// projections to queries, keys and values and back, and a perceptron four times as wide inside; a last norm. The last
// layer is the table of tokens again, and counts once.

export function parameters(size: { layers: number; width: number; vocabulary: number; context: number }): number {
  // Write it here.
  return size.layers * size.width
}
