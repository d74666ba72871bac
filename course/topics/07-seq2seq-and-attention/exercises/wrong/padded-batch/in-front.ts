// Fills up in front.
export const mistake = 'in front'

export function paddedBatch(sequences: number[][]): { tokens: number[][]; padding: boolean[][] } {
  const longest = Math.max(...sequences.map(sequence => sequence.length))
  const blank = (sequence: number[]) => new Array<number>(longest - sequence.length).fill(0)
  return {
    tokens: sequences.map(sequence => [...blank(sequence), ...sequence]),
    padding: sequences.map(sequence => [...blank(sequence).map(() => true), ...sequence.map(() => false)]),
  }
}
