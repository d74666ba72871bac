// What a constant added to the scores of classes that a model never saw makes of its errors.
import { UserError } from '@ddlf/tensor/errors'

/** The constant that errs least, and how often it errs. */
export interface BestRaise {
  /** Among equals the one nearest 0. */
  readonly raise: number
  /** Of all items, with that constant added. */
  readonly errors: number
}

/** One item whose prediction the constant changes. */
interface Turn {
  /** The constant above which a raised class wins. */
  readonly at: number
  /** How the count of errors changes there. */
  readonly change: number
}

/**
 * Finds the number that, added to the logits of some classes, leaves the fewest errors. It is exact: an item turns from
 * the best of the other classes to the best of the raised ones where the number passes the difference of the two, so
 * the count of errors is a step function of it, read between its steps.
 *
 * Chosen on the data that it is then judged by, the count is the least that any such number could reach, and no
 * estimate of what it does on new data. Source: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
 * network", 2015, section 3, where a net that saw no 3 has the bias of the 3 raised "by 3.5 (which optimizes overall
 * performance on the test set)".
 * @param logits row by row, [items, classes]
 * @param labels right classes, [items]
 * @param raised the classes that the number is added to: at least one, and not all
 * @throws UserError where the raised classes are none or all
 */
export function bestRaise(
  logits: ArrayLike<number>, labels: ArrayLike<number>, raised: readonly number[],
): BestRaise {
  const items = labels.length
  const classes = logits.length / items
  const isRaised = Array.from({ length: classes }, (_, k) => raised.includes(k))
  if (!isRaised.includes(true) || !isRaised.includes(false)) {
    throw new UserError({
      rule: 'bestRaise: some classes are raised above the others.',
      received: `classes ${raised.join(', ') || 'none'} of ${classes}`,
    })
  }
  const best = (item: number, among: boolean): number =>
    isRaised.reduce((found, is, k) => {
      const isBetter = found < 0 || Number(logits[item * classes + k]) > Number(logits[item * classes + found])
      return is === among && isBetter ? k : found
    }, -1)
  // With a number so low that no raised class ever wins.
  let errors = 0
  const turns: Turn[] = []
  for (let item = 0; item < items; item++) {
    const [low, high] = [best(item, false), best(item, true)]
    const [wrongBefore, wrongAfter] = [low, high].map(k => Number(k !== labels[item])) as [number, number]
    errors += wrongBefore
    const at = Number(logits[item * classes + low]) - Number(logits[item * classes + high])
    if (wrongAfter !== wrongBefore) turns.push({ at, change: wrongAfter - wrongBefore })
  }
  turns.sort((a, b) => a.at - b.at)
  let found: BestRaise = { raise: Math.min(0, (turns[0]?.at ?? 1) - 1), errors }
  turns.forEach(({ at, change }, i) => {
    errors += change
    const next = turns[i + 1]?.at ?? at + 2
    if (next === at) return
    const raise = at < 0 && next > 0 ? 0 : (at + next) / 2
    const isNearer = errors === found.errors && Math.abs(raise) < Math.abs(found.raise)
    if (errors < found.errors || isNearer) found = { raise, errors }
  })
  return found
}
