// From what each word says to a probability: of two classes, how likely is the first?
// likelihoods[i] = [p(word i | first class), p(word i | second class)]; priors = [p(first), p(second)].
// A review has hundreds of words: their product is smaller than any number that a computer has.

export function firstIsRight(likelihoods: [number, number][], priors: [number, number]): number {
  // Write the probability of the first class here.
  return likelihoods.length > 0 ? priors[0] : 0
}
