// Options of ddlf data show that only some data have a use for: given for others they are refused, not passed over.
import { statSync } from 'node:fs'
import { datasetCards } from '@ddlf/data'
import { holdsTexts, isTable } from '@ddlf/data/node'
import { UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '@ddlf/lab/command-text'
import type { ShowOptions } from './data.ts'

/** What `ddlf data show` shows. */
type Shown = 'a published set' | 'pictures of your own' | 'a table of your own' | 'texts of your own'

const PICTURES: readonly Shown[] = ['pictures of your own']
const TABLES: readonly Shown[] = ['a table of your own']
const SOME: readonly (readonly [keyof ShowOptions, option: string, readonly Shown[]])[] = [
  ['size', '--size', PICTURES],
  ['grey', '--grey', PICTURES],
  ['fit', '--fit', PICTURES],
  ['skipDamaged', '--skip-damaged', PICTURES],
  ['text', '--text', TABLES],
  ['label', '--label', TABLES],
  ['source', '--source', TABLES],
  ['target', '--target', TABLES],
  ['features', '--features', TABLES],
  ['delimiter', '--delimiter', TABLES],
  ['lines', '--lines', ['texts of your own']],
]

function shownBy(reference: string): Shown | undefined {
  if (datasetCards.some(({ id }) => id === reference)) return 'a published set'
  const kind = statSync(reference, { throwIfNoEntry: false })
  if (kind === undefined) return undefined
  if (kind.isDirectory()) return holdsTexts(reference) ? 'texts of your own' : 'pictures of your own'
  return isTable(reference) ? 'a table of your own' : 'texts of your own'
}

/** @throws UserError for an option that these data have no use for; what is not there is told by who opens it */
export function refuseUnread(reference: string, options: ShowOptions): void {
  const shown = shownBy(reference)
  if (!shown) return
  const withoutHeader = options.header === false ? [['header', '--no-header', TABLES] as const] : []
  const given = [...SOME.filter(([name]) => options[name] !== undefined), ...withoutHeader]
  const [, option, kinds] = given.find(([, , places]) => !places.includes(shown)) ?? []
  if (option === undefined) return
  throw new UserError({
    rule: `${option} is for ${kinds?.join(' or ') ?? ''}.`,
    received: `${reference}, ${shown}`,
    next: `Leave it out: ${ddlfCommand('data', 'show', reference)}`,
  })
}
