// A text as a bag: how often each word of a vocabulary stands in it.
// Words are told apart without their capitals; a word that the vocabulary lacks counts nowhere.

export function bagOfWords(words: string[], vocabulary: string[]): number[] {
  // Write the count of each word of the vocabulary here, in the vocabulary's order.
  return vocabulary.map(() => words.length)
}
