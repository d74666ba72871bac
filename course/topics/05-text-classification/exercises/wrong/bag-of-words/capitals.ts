// Capitals make other words.
export const mistake = 'capital'

export function bagOfWords(words: string[], vocabulary: string[]): number[] {
  return vocabulary.map(known => words.filter(word => word === known).length)
}
