// Bahdanau's score of one state of the encoder for one state of the decoder: v . tanh(W query + U key). The matrices
// have a row for each number of v.

export function additiveScore(query: number[], key: number[], W: number[][], U: number[][], v: number[]): number {
  // Write it here.
  return query.length + key.length + W.length + U.length + v.length
}
