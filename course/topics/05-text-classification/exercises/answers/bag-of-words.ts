// A text as a bag: how often each word of a vocabulary stands in it.

export function bagOfWords(words: string[], vocabulary: string[]): number[] {
  const small = words.map(word => word.toLowerCase())
  return vocabulary.map(known => small.filter(word => word === known).length)
}
