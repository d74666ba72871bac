// From what each word says to a probability: of two classes, how likely is the first?

export function firstIsRight(likelihoods: [number, number][], priors: [number, number]): number {
  const score = (k: 0 | 1) => likelihoods.reduce((sum, pair) => sum + Math.log(pair[k]), Math.log(priors[k]))
  return 1 / (1 + Math.exp(score(1) - score(0)))
}
