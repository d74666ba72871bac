// Windows that reach over the end of the text, with nothing there.
export const mistake = 'reaches over the end'

export function strongest(words: number[][], filter: number[][], bias: number): number {
  const answers = words.map((_, t) =>
    filter.reduce(
      (sum, wanted, k) => sum + wanted.reduce((part, value, d) => part + value * (words[t + k]?.[d] ?? 0), 0),
      bias,
    ),
  )
  return Math.max(0, ...answers)
}
