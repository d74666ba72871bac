// What a model makes of sources that it never saw, as its report and the memos show it.
import { rightTexts } from '../../data-source/pairs.ts'
import type { FigureSources, TaskFigure } from '../task.ts'
import { writtenTexts } from './judge-pairs.ts'

const SHOWN = 12

/** The first examples: a source, what was written, and what counts as right where that is another. */
export async function pairFigures({ evaluated, judging }: FigureSources<unknown>): Promise<readonly TaskFigure[]> {
  const dataset = await judging(SHOWN)
  const outputs = await evaluated(SHOWN, ['written'])
  const sources = dataset.text?.['source'] ?? []
  return [{
    title: 'What it writes',
    text: 'The first sequences that it is judged by; none is chosen. Behind each that is not right stands what is.',
    texts: writtenTexts(outputs, dataset).map((text, i) => {
      const right = rightTexts(dataset.text?.['target']?.[i] ?? '')
      return `${sources[i] ?? ''} → ${text}${right.includes(text) ? '' : `   (${right.join(' or ')})`}`
    }),
  }]
}
