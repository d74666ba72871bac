// What the reader has read and solved, kept in this browser and nowhere else.
const KEY = 'ddlf-progress-1'

export interface Progress {
  /** Parts of memos: `mlp-on-mnist/2`. */
  readonly read: readonly string[]
  /** Names of exercises. */
  readonly solved: readonly string[]
  /** The address of the part that was open last, with its title. */
  readonly last?: { readonly href: string; readonly title: string }
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

/** What is kept; nothing where the browser keeps nothing. */
export function progress(): Progress {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Progress>
    return { read: texts(kept.read), solved: texts(kept.solved), ...(kept.last && { last: kept.last }) }
  } catch {
    return { read: [], solved: [] }
  }
}

function keep(change: (before: Progress) => Progress): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(change(progress())))
  } catch {
    // A browser that keeps nothing: the page works without.
  }
}

const added = (list: readonly string[], one: string) => [...new Set([...list, one])]

/** The end of a part of a memo was seen. */
export const markRead = (part: string): void => keep(before => ({ ...before, read: added(before.read, part) }))

/** An exercise was solved. */
export const markSolved = (exercise: string): void =>
  keep(before => ({ ...before, solved: added(before.solved, exercise) }))

/** A part of a memo was opened. */
export const markOpened = (href: string, title: string): void => keep(before => ({ ...before, last: { href, title } }))
