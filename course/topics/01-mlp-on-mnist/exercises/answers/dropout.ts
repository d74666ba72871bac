// Inverted dropout.

export function dropout(x: number[], random: number[], rate: number, training: boolean): number[] {
  if (!training) return [...x]
  return x.map((value, i) => ((random[i] ?? 0) < rate ? 0 : value / (1 - rate)))
}
