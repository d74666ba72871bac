// What a user's texts hold, for those who have not decided yet what to do with them.

/** Counts over texts. */
export interface TextSummary {
  readonly characters: number
  readonly bytes: number
  readonly lines: number
  /** Runs of letters, digits and apostrophes. */
  readonly words: number
  readonly differentCharacters: number
  readonly differentWords: number
  /** The most frequent characters, with how often they occur. */
  readonly frequent: readonly { readonly character: string; readonly count: number }[]
}

const WORD = /[\p{L}\p{M}\p{N}']+/gu
const SHOWN = 10

/** Counts what stands in texts. */
export function summariseTexts(texts: readonly string[]): TextSummary {
  const characters = new Map<string, number>()
  const different = new Set<string>()
  let [bytes, lines, words] = [0, 0, 0]
  for (const text of texts) {
    for (const character of text) characters.set(character, (characters.get(character) ?? 0) + 1)
    for (const [word] of text.matchAll(WORD)) {
      words++
      different.add(word)
    }
    bytes += new TextEncoder().encode(text).length
    lines += text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  }
  const frequent = [...characters]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, SHOWN)
    .map(([character, count]) => ({ character, count }))
  return {
    characters: [...characters.values()].reduce((sum, count) => sum + count, 0),
    bytes,
    lines,
    words,
    differentCharacters: characters.size,
    differentWords: different.size,
    frequent,
  }
}
