// Inverted dropout. In training a unit is dropped where its random number (uniform in 0 .. 1) is below `rate`; those
// that stay are scaled up so that the expected sum is what it was. In use nothing is dropped and nothing is scaled.

export function dropout(x: number[], random: number[], rate: number, training: boolean): number[] {
  // Write it here.
  return x.map((value, i) => (training && (random[i] ?? 0) < rate ? 0 : value))
}
