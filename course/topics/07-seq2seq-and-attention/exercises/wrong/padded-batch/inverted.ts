// True where something stands.
export const mistake = 'the other way round'

export function paddedBatch(sequences: number[][]): { tokens: number[][]; padding: boolean[][] } {
  const longest = Math.max(...sequences.map(sequence => sequence.length))
  const places = Array.from({ length: longest }, (_, i) => i)
  return {
    tokens: sequences.map(sequence => places.map(i => sequence[i] ?? 0)),
    padding: sequences.map(sequence => places.map(i => i < sequence.length)),
  }
}
