// One window too few.
export const mistake = 'last window'

export function strongest(words: number[][], filter: number[][], bias: number): number {
  const answers = Array.from({ length: words.length - filter.length }, (_, t) =>
    filter.reduce(
      (sum, wanted, k) => sum + wanted.reduce((part, value, d) => part + value * (words[t + k]?.[d] ?? 0), 0),
      bias,
    ),
  )
  return Math.max(0, ...answers)
}
