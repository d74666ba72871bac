// How sure a model is of each class, as bars.
import type { ClassProbability } from '@ddlf/lab'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { pc } from './colour.ts'
import { formatPercent } from './format.ts'

const BAR = 30

/** Prints how sure a model is of each class, as bars. */
export function printBars(shown: readonly ClassProbability[]): void {
  const longest = Math.max(...shown.map(({ name }) => textWidth(printable(name))))
  shown.forEach(({ name, probability }, i) => {
    const filled = Math.round(BAR * probability)
    const bar = '█'.repeat(filled) + pc.dim('░'.repeat(BAR - filled))
    const line = `${padEndTo(printable(name), longest)}  ${bar}  ${formatPercent(probability).padStart(8)}`
    console.log(i === 0 ? pc.bold(line) : line)
  })
}
