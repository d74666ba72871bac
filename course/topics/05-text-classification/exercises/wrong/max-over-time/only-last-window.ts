// What the last window says, whatever was found before it.
export const mistake = 'only the last window'

export function strongest(words: number[][], filter: number[][], bias: number): number {
  const answers = Array.from({ length: words.length - filter.length + 1 }, (_, t) =>
    filter.reduce(
      (sum, wanted, k) => sum + wanted.reduce((part, value, d) => part + value * (words[t + k]?.[d] ?? 0), 0),
      bias,
    ),
  )
  return Math.max(0, answers.at(-1) ?? 0)
}
