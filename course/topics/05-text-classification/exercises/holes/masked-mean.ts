// The mean of the vectors of a text, where 0 only fills it up to the length of its batch.
// tokens[t] is a number; vectors[token] is its vector. Only tokens above 0 are words.
// A text without a word has the vector of zeros.

export function meanOfWords(tokens: number[], vectors: number[][]): number[] {
  // Write the mean here.
  return (vectors[0] ?? []).map((_, d) => tokens.reduce((sum, token) => sum + (vectors[token]?.[d] ?? 0), 0))
}
