// A product of hundreds of shares.
export const mistake = 'too small for a number'

export function firstIsRight(likelihoods: [number, number][], priors: [number, number]): number {
  const score = (k: 0 | 1) => likelihoods.reduce((product, pair) => product * pair[k], priors[k])
  return score(0) / (score(0) + score(1))
}
