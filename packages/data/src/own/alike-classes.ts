// Names of classes that a person takes for one: they stay apart, and it is said.

/** What words are alike by: their letters without case, the number that they are. */
function likeness(name: string): string {
  const number = name === '' ? Number.NaN : Number(name)
  return Number.isNaN(number) ? name.toLowerCase().replaceAll(/\s+/g, ' ') : String(number)
}

/** Groups of alike names that a note gives. */
const ALIKE = 3

/**
 * Says which names of classes differ only in upper and lower case, in spaces, or in the writing of one number (`1` and
 * `1.0`): they stay classes of their own. Undefined where none do.
 */
export function alikeClasses(what: string, classes: readonly string[]): string | undefined {
  const groups = new Map<string, string[]>()
  for (const name of classes) groups.set(likeness(name), [...(groups.get(likeness(name)) ?? []), name])
  const alike = [...groups.values()].filter(group => group.length > 1)
  if (alike.length === 0) return undefined
  const named = alike.slice(0, ALIKE).map(group => group.map(name => `'${name}'`).join(' and '))
  const more = alike.length > ALIKE ? `, and ${alike.length - ALIKE} more` : ''
  return `${what} has classes that differ only in case, in spaces or in how a number is written: ${named.join(', ')}` +
    `${more}; write them alike where they are one`
}
