// Captions cut into words by rules that follow spaCy's for English and German: marks stand alone, English contractions
// are cut, and a hyphen within a word cuts it in English and not in German.
import type { DataIo, DataPart, PairTexts } from '@ddlf/lab/experiments'

type Language = 'english' | 'german'

/** Marks that are cut off in front of a word and behind it. */
const MARKS = '[.,;:!?"\'`´„“”‚‘’«»()\\[\\]{}…&/*+#%$€<>=~_|-]'
const ALONE = /^(?:\p{L}\.(?:\p{L}\.)+|(?:mr|mrs|ms|dr|st|jr|vs|bzw|ca|etc|nr|usw)\.)$/u
const IN_FRONT = new RegExp(`^(\\.{2,}|-{2,}|${MARKS})(.+)$`, 'u')
const BEHIND = new RegExp(`^(.+?)(\\.{2,}|-{2,}|${MARKS})$`, 'u')
const BEHIND_ENGLISH = /^(.+)(n['’]t|['’](?:s|m|d|re|ve|ll))$/u
const BETWEEN = /([,;:!?"()/…]|\.{2,}|-{2,})/u
/** Where hyphens cut, too. */
const BETWEEN_ENGLISH = /([,;:!?"()/…]|\.{2,}|-{2,}|(?<=\p{L})-(?=\p{L}))/u
const NUMBER = /^\d+(?:[.,:/-]\d+)*$/u

/** What stands within marks: a number, or a word that others are joined to. */
function within(word: string, language: Language): string[] {
  if (NUMBER.test(word)) return [word]
  return word.split(language === 'english' ? BETWEEN_ENGLISH : BETWEEN).filter(part => part !== '')
}

/** The words of what stands between two blanks. */
function cut(chunk: string, language: Language): string[] {
  const [before, after]: [string[], string[]] = [[], []]
  let rest = chunk
  while (!ALONE.test(rest)) {
    const english = language === 'english' ? BEHIND_ENGLISH.exec(rest) : null
    const [front, behind] = [IN_FRONT.exec(rest), BEHIND.exec(rest)]
    if (english) [rest, after[after.length]] = [english[1] as string, english[2] as string]
    else if (front) [before[before.length], rest] = [front[1] as string, front[2] as string]
    else if (behind) [rest, after[after.length]] = [behind[1] as string, behind[2] as string]
    else break
  }
  return [...before, ...(ALONE.test(rest) ? [rest] : within(rest, language)), ...after.reverse()]
}

/** A caption as words in small letters, with blanks between them. */
export const captionWords = (caption: string, language: Language): string =>
  caption.toLowerCase().split(/\s+/).filter(Boolean).flatMap(chunk => cut(chunk, language)).join(' ')

/** German captions of photographs and English ones, as words. */
export async function captionWordPairs(part: DataPart, _: unknown, io: DataIo): Promise<PairTexts> {
  const { text } = await io.dataset('multi30k', part)
  const words = (language: Language) => (text?.[language] ?? []).map(caption => captionWords(caption, language))
  return { sources: words('german'), targets: words('english').map(caption => [caption]) }
}
