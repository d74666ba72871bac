// The figure of every task whose models write: texts that one of them has written.
import { TEXT_DEFAULTS } from '../generation/text-defaults.ts'
import type { FigureSources, TaskFigure } from './task.ts'

/** Texts of the figure, and tokens of each. */
const SHOWN = { count: 3, tokens: 200 } as const

/** Texts as `ddlf sample` writes them; nothing where the model's tokenizer is not known. */
export async function textFigures({ write }: Pick<FigureSources<unknown>, 'write'>): Promise<readonly TaskFigure[]> {
  if (!write) return []
  const { temperature, seed } = TEXT_DEFAULTS
  return [{
    title: 'Texts that it writes',
    text: `Each begins with nothing and has ${SHOWN.tokens} tokens; none is chosen. They are those of seed ${seed} ` +
      `at temperature ${temperature}.`,
    texts: await write({ ...SHOWN, temperature, seed }),
  }]
}
