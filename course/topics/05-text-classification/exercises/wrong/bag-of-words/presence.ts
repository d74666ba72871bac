// Only whether a word is there.
export const mistake = 'stands there twice'

export function bagOfWords(words: string[], vocabulary: string[]): number[] {
  const small = words.map(word => word.toLowerCase())
  return vocabulary.map(known => Number(small.includes(known)))
}
