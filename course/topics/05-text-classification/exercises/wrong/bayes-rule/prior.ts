// The priors are forgotten.
export const mistake = 'before it is read'

export function firstIsRight(likelihoods: [number, number][], priors: [number, number]): number {
  const score = (k: 0 | 1) => likelihoods.reduce((sum, pair) => sum + Math.log(pair[k]), 0)
  return 1 / (1 + Math.exp(score(1) - score(0)) + 0 * priors[0])
}
