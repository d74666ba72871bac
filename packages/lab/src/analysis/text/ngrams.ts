// What the measures of texts share: words, runs of them, and how many two texts have in common.
import { UserError } from '@ddlf/tensor/errors'

/** The characters that Python's str.split takes as space, which the outside authorities of these measures go by. */
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u

/** The parts of a text between spaces. */
export const wordsOf = (text: string): string[] => text.split(SPACE).filter(word => word !== '')

/** How often something occurs. */
export type Counts = ReadonlyMap<string, number>

/** How often each run of `order` items occurs. */
export function countRuns(items: readonly string[], order: number): Counts {
  const counts = new Map<string, number>()
  for (let i = 0; i + order <= items.length; i++) {
    const run = items.slice(i, i + order).join('\u0000')
    counts.set(run, (counts.get(run) ?? 0) + 1)
  }
  return counts
}

/** The sum of all counts. */
export function totalOf(counts: Counts): number {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}

/** How many items two texts have in common, each as often as in the one that has it less often. */
export function shared(a: Counts, b: Counts): number {
  let total = 0
  for (const [run, count] of a) total += Math.min(count, b.get(run) ?? 0)
  return total
}

/** One reference text of a sentence, or several that are equally right. */
export type References = string | readonly string[]

/**
 * The references of each sentence as lists, checked against the number of hypotheses. @throws UserError where they do
 * not fit
 */
export function pairsOf(
  owner: string,
  hypotheses: readonly string[],
  references: readonly References[],
): (readonly string[])[] {
  if (hypotheses.length !== references.length || hypotheses.length === 0) {
    throw new UserError({
      rule: `${owner}: there must be references for each of the hypotheses, and one of these at least.`,
      received: `${hypotheses.length} hypotheses and ${references.length} references`,
    })
  }
  const lists = references.map(list => (typeof list === 'string' ? [list] : list))
  const empty = lists.findIndex(list => list.length === 0)
  if (empty >= 0)
    throw new UserError({ rule: `${owner}: every hypothesis needs a reference.`, received: `none for number ${empty}` })
  return lists
}

/** How many references a sentence has, for a signature: `var` where that differs. */
export const referenceCount = (lists: readonly (readonly string[])[]): string =>
  lists.every(list => list.length === lists[0]?.length) ? String(lists[0]?.length) : 'var'

/** The release of sacreBLEU whose numbers these measures give. */
export const SACREBLEU = '2.6.0'
