// What became of a user's own items (pictures, rows, lines): how many are used, and which were left out, and why.
import { UserError } from '@ddlf/tensor/errors'

/** The items left out for one reason. */
export interface LeftOut {
  /** Why, in words that follow a number: `damaged`, `without a label`. */
  readonly reason: string
  readonly count: number
  /** The first of them by name: `dog/5.png`, `row 17`. */
  readonly first: readonly string[]
}

/** What was read of the user's own data. Plain data: it crosses threads and is kept as JSON. */
export interface Intake {
  /** What is counted, in the plural: `pictures`, `rows`. */
  readonly items: string
  readonly used: number
  /** In the order in which the reasons came up. */
  readonly leftOut: readonly LeftOut[]
  /** What else a user should know of how the data were read: `fields lie between semicolons`. */
  readonly notes: readonly string[]
}

/** Names kept for each reason. */
const NAMES = 5

/** Counts items as they are read. */
export class IntakeCounter {
  readonly #items: string
  readonly #reasons = new Map<string, { count: number; first: string[] }>()
  readonly #notes = new Set<string>()
  #used = 0

  /** @param items what is counted, in the plural */
  constructor(items: string) {
    this.#items = items
  }

  use(count = 1): void {
    this.#used += count
  }

  /** @param name how the user finds the item: a path within the folder, a row's number; empty where it has none */
  leaveOut(reason: string, name: string): void {
    const group = this.#reasons.get(reason) ?? { count: 0, first: [] }
    group.count++
    if (name !== '' && group.first.length < NAMES) group.first.push(name)
    this.#reasons.set(reason, group)
  }

  /** Says something of how the data were read; the same words are kept once. */
  note(text: string): void {
    this.#notes.add(text)
  }

  result(): Intake {
    const leftOut = [...this.#reasons].map(([reason, group]) => ({ reason, ...group, first: [...group.first] }))
    return { items: this.#items, used: this.#used, leftOut, notes: [...this.#notes] }
  }
}

/** Number of items left out for any reason. */
export const leftOutCount = ({ leftOut }: Intake) => leftOut.reduce((sum, { count }) => sum + count, 0)

/** The intakes of the parts of one set (training and test data read from two places) as one. */
export function mergeIntakes(parts: readonly Intake[]): Intake {
  const reasons = new Map<string, LeftOut>()
  for (const { reason, count, first } of parts.flatMap(({ leftOut }) => leftOut)) {
    const before = reasons.get(reason)
    reasons.set(reason, {
      reason,
      count: (before?.count ?? 0) + count,
      first: [...(before?.first ?? []), ...first].slice(0, NAMES),
    })
  }
  return {
    items: parts[0]?.items ?? 'items',
    used: parts.reduce((sum, { used }) => sum + used, 0),
    leftOut: [...reasons.values()],
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
  }
}

const namesOf = ({ count, first }: LeftOut) =>
  first.length === 0 ? '' : ` (${first.join(', ')}${count > first.length ? ', ...' : ''})`

/** Groups of items in words: `2 damaged (dog/5.png, dog/7.png), 1 hidden (cat/.a.png)`. */
export const leftOutText = (groups: readonly LeftOut[]) =>
  groups.map(group => `${group.count} ${group.reason}${namesOf(group)}`).join(', ')

/**
 * The one line after loading: `20 pictures used, 3 left out: 2 damaged (dog/5.png, dog/7.png), 1 hidden (cat/.a.png)`.
 */
export function intakeLine(intake: Intake): string {
  const { items, used, notes } = intake
  const left = leftOutCount(intake)
  const counts = `${used} ${used === 1 ? items.replace(/s$/, '') : items} ` +
    `used, ${left === 0 ? 'none left out' : `${left} left out: ${leftOutText(intake.leftOut)}`}`
  return [counts, ...notes].join('; ')
}

/**
 * Refuses data of which something would be left out, as `--strict` asks for.
 * @param source how messages call the data: their path
 * @throws UserError that lists what would be left out
 */
export function refuseLeftOut(intake: Intake, source: string): void {
  if (leftOutCount(intake) === 0) return
  throw new UserError({
    rule: `${source}: with --strict, every one of the ${intake.items} must be usable.`,
    received: `${leftOutCount(intake)} that would be left out: ${leftOutText(intake.leftOut)}`,
    next: 'Mend or remove them, or leave --strict out',
  })
}
