// One filter over a text: how well its pattern is found at the place where it is found best.

export function strongest(words: number[][], filter: number[][], bias: number): number {
  const answers = Array.from({ length: words.length - filter.length + 1 }, (_, t) =>
    filter.reduce(
      (sum, wanted, k) => sum + wanted.reduce((part, value, d) => part + value * (words[t + k]?.[d] ?? 0), 0),
      bias,
    ),
  )
  return Math.max(0, ...answers)
}
