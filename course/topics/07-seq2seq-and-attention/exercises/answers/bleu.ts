// Clipped precisions, their geometric mean, a penalty for what is too short.

const counts = (words: string[], n: number) => {
  const found = new Map<string, number>()
  for (let i = 0; i + n <= words.length; i++) {
    const run = words.slice(i, i + n).join(' ')
    found.set(run, (found.get(run) ?? 0) + 1)
  }
  return found
}

function precision(hypothesis: string[], reference: string[], n: number): number {
  const there = counts(reference, n)
  let right = 0
  for (const [run, count] of counts(hypothesis, n)) right += Math.min(count, there.get(run) ?? 0)
  return right / (hypothesis.length - n + 1)
}

export function bleu(hypothesis: string[], reference: string[]): number {
  const mean = Math.sqrt(precision(hypothesis, reference, 1) * precision(hypothesis, reference, 2))
  return mean * Math.exp(Math.min(0, 1 - reference.length / hypothesis.length))
}
