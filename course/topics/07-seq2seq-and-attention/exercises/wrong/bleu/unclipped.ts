// Counts a word as right however often it is said.
export const mistake = 'as often as it stands'

function precision(hypothesis: string[], reference: string[], n: number): number {
  const runs = (words: string[]) =>
    Array.from({ length: words.length - n + 1 }, (_, i) => words.slice(i, i + n).join(' '))
  const there = new Set(runs(reference))
  return runs(hypothesis).filter(run => there.has(run)).length / runs(hypothesis).length
}

export function bleu(hypothesis: string[], reference: string[]): number {
  const mean = Math.sqrt(precision(hypothesis, reference, 1) * precision(hypothesis, reference, 2))
  return mean * Math.exp(Math.min(0, 1 - reference.length / hypothesis.length))
}
