// Takes the arithmetic mean.
export const mistake = 'geometric'

function precision(hypothesis: string[], reference: string[], n: number): number {
  const left = Array.from({ length: reference.length - n + 1 }, (_, i) => reference.slice(i, i + n).join(' '))
  const all = Array.from({ length: hypothesis.length - n + 1 }, (_, i) => hypothesis.slice(i, i + n).join(' '))
  const right = all.filter(run => {
    const at = left.indexOf(run)
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
  return right.length / all.length
}

export function bleu(hypothesis: string[], reference: string[]): number {
  const mean = (precision(hypothesis, reference, 1) + precision(hypothesis, reference, 2)) / 2
  return mean * Math.exp(Math.min(0, 1 - reference.length / hypothesis.length))
}
