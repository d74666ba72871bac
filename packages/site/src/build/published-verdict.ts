// What our runs say of a published result: reached, beaten, or not.
import type { Metric, PublishedReference, Spread } from '@ddlf/lab'
import type { Verdict } from './claim.ts'

/** Standard deviations over seeds within which a published figure counts as reached. */
const REACH = 2

/**
 * The verdict on a published figure; undefined where nothing of ours was run.
 * @param metric which way is better
 */
export function publishedVerdict(
  { value, tolerance = 0, comparable }: PublishedReference,
  { better }: Metric,
  ours: Spread | undefined,
): Verdict | undefined {
  if (!ours) return undefined
  const slack = tolerance + REACH * ours.deviation
  // How much worse ours is than the published figure; below 0 it is better.
  const behind = better === 'higher' ? value - ours.mean : ours.mean - value
  const reached = behind <= slack
  const said = (kind: Verdict['kind'], badge: string): Verdict => ({ kind, badge, text: '' })
  if (comparable === 'shorter schedule')
    return reached ? said('good', 'reached, shorter schedule') : said('plain', 'shorter schedule')
  if (reached)
    return said('good', comparable === 'different' && behind < -slack ? 'beaten, other recipe' : 'reproduced')
  return ours.count < 2 ? said('plain', 'one seed, not reached') : said('bad', 'not reproduced')
}
