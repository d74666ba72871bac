// What recorded runs say of a claim, in the words of a memo: not every claim was published, so none is 'reproduced'.
import { judgeClaim, type Claimed, type JudgedClaim, type Metric, type RecordedResult } from '@ddlf/lab'
import { number } from './format.ts'

export type { Claimed } from '@ddlf/lab'

/** What the runs say of a claim. */
export interface Verdict {
  readonly kind: 'good' | 'bad' | 'plain'
  readonly badge: string
  readonly text: string
}

/** What a judgement on a claim rests on: `p = 0.25 over 3 paired seeds (floor 0.25).` */
export function claimWords({ order, test, pairs }: JudgedClaim): string {
  const p = test ? `p = ${number(test.pValue)}` : 'No test is possible'
  const seeds = `${pairs} paired seed${pairs === 1 ? '' : 's'}`
  if (order === 'the other way round') return `The order is the other way round, ${test ? `${p} ` : ''}over ${seeds}.`
  return `${p} over ${seeds}${order === 'open' && test ? ` (floor ${number(test.floor)})` : ''}.`
}

/**
 * The verdict of the runs on a claim; `not run yet` where one of the settings is not recorded.
 * @param metrics of the experiment's task
 */
export function verdictOn(
  result: RecordedResult | undefined,
  claimed: Claimed,
  metrics: readonly Metric[],
): Verdict {
  const judged = judgeClaim(result, claimed, metrics, claimed.metric)
  if (!judged) return { kind: 'plain', badge: 'not run yet', text: '' }
  const text = claimWords(judged)
  if (judged.order === 'shown') return { kind: 'good', badge: 'shown', text }
  if (judged.order === 'open') return { kind: 'plain', badge: 'same direction, not shown', text }
  return { kind: judged.isBeyondChance ? 'bad' : 'plain', badge: 'not shown', text }
}
