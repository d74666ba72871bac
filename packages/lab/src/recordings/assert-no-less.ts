// Recorded results are read by a memo and reproduced by its readers: they are not replaced by less.
import { UserError } from '@ddlf/tensor/errors'
import { valuesBySeed } from '../analysis/statistics/by-seed.ts'
import type { RecordedResult } from './result.ts'

/**
 * What of a result counts when it is to replace another: its seeds and settings, what it says beside its runs, its
 * machine.
 */
export interface Weighed extends Pick<RecordedResult, 'experiment' | 'machine'> {
  readonly arms: readonly (Pick<RecordedResult['arms'][number], 'id' | 'label' | 'settings'> & {
    readonly runs: readonly { readonly seed: number }[]
  })[]
  readonly details?: unknown
  readonly minima?: unknown
}

/**
 * Recorded results are read by a memo and reproduced by its readers: they are not replaced by less.
 * @throws UserError where the new ones have fewer arms or seeds, other settings of an arm, lack details or minima that
 * are
 * recorded, or come from another machine, be it one run of them
 */
export function assertNoLess(recorded: Weighed, result: Weighed): void {
  const seeds = (arm: Weighed['arms'][number] | undefined) => valuesBySeed(arm?.runs ?? [], () => 0).size
  const sorted = (settings: Readonly<Record<string, unknown>>) =>
    JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))
  const losing = recorded.arms.flatMap(arm => {
    const other = result.arms.find(({ id }) => id === arm.id)
    const now = seeds(other)
    if (now < seeds(arm)) return [`${arm.label}: ${now} of ${seeds(arm)} recorded seeds`]
    if (other && sorted(other.settings) !== sorted(arm.settings))
      return [`${arm.label}: settings ${JSON.stringify(other.settings)} instead of ${JSON.stringify(arm.settings)}`]
    return []
  })
  for (const part of ['details', 'minima'] as const)
    if (recorded[part] !== undefined && result[part] === undefined) losing.push(`no ${part}, which are recorded`)
  if (recorded.machine !== result.machine)
    losing.push(`another machine: ${result.machine} instead of ${recorded.machine}`)
  if (losing.length === 0) return
  throw new UserError({
    rule: `This would replace the recorded results of ${result.experiment} by less.`,
    received: losing.join('; '),
    next:
      'To compare your runs with what is recorded: npm run ddlf -- reproduce <topic>. ' +
      'To replace it all the same, add --force.',
  })
}
