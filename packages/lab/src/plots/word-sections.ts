// What the report says of vectors of words, beside the figures of their task.
import type { WordAnalysis } from '../analysis/words/word-analysis.ts'
import { table, type Section } from './report-parts.ts'

/** The section of neighbours. */
export function wordSections({ known, neighbours }: WordAnalysis): Section[] {
  const near = neighbours.map(one => ({
    cells: [
      one.asked === 'by its letters' ? `${one.word} (by its letters)` : one.word,
      one.near.map(({ word, similarity }) => `${word} (${similarity.toFixed(2)})`).join('   '),
    ],
    strong: false,
  }))
  const areAsked = neighbours.some(({ asked }) => asked !== undefined)
  const which = areAsked
    ? 'The words that were asked for'
    : `Of ${known.toLocaleString('en-US')} words some, from frequent to rare`
  return [{
    id: 'neighbours',
    title: 'Nearest vectors',
    text: `${which}, each with those whose vectors point in the most similar direction (the cosine in brackets).`,
    figures: [],
    tables: [table('Neighbours', ['word', 'near it'], near, 2)],
  }]
}
