// Top-p: only the likeliest letters count, as few of them as have the share together; the others get 0, and those that
// are left add up to 1 again.

export function nucleus(probabilities: number[], share: number): number[] {
  // Write it here.
  return probabilities.map(probability => probability * share + 1)
}
