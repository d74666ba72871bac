// The share of the training data that is held out: never beside a validation part of the data's own, and never empty.
import { UserError } from '@ddlf/tensor/errors'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

type Divided = Pick<Experiment, 'data' | 'name'>
type Share = Pick<TrainingSettings, 'validation'>

/** The largest share that can be asked for. */
const MOST = 0.5

/** Whether a share is asked for beside the validation part that the data have. */
const isBeside = ({ data }: Divided, { validation }: Share) =>
  validation > 0 && data.own === undefined && data.parts.includes('validation')

const rule = ({ name }: Divided) =>
  `The data of ${name} have a validation part of their own: no share of the training data is held out.`

/** @throws UserError where a share of the training data is asked for beside the validation part that the data have */
export function requireNoShare(experiment: Divided, settings: Share): void {
  if (!isBeside(experiment, settings)) return
  throw new UserError({
    rule: rule(experiment),
    received: `validation=${settings.validation}`,
    next: 'Leave validation out.',
  })
}

/**
 * Refuses what a run of before the data had a validation part would need: what it learned from lies in that part now.
 * @param next what its user can do instead
 * @throws UserError where the run held a share of the training data out
 */
export function requireSameDivision(experiment: Divided, settings: Share, next: string): void {
  if (!isBeside(experiment, settings)) return
  throw new UserError({
    rule: `The run is older than the validation part that the data of ${experiment.name} have: it learned from others.`,
    received: `validation=${settings.validation} in its record`,
    next,
  })
}

/**
 * What is wrong where the share that is held out holds no example.
 * @param examples those that are divided
 */
export function emptyShare(
  { validation, trainExamples }: Pick<TrainingSettings, 'validation' | 'trainExamples'>,
  examples: number,
): UserError {
  const chosen = trainExamples > 0
  const more = chosen ? 'take more examples (trainExamples)' : 'give more examples'
  // Rounded up, so that it holds one.
  const enough = Math.ceil(100 / examples) / 100
  return new UserError({
    rule: 'The share that is held out for validation must hold an example.',
    received: `validation=${validation} of ${examples} ${examples === 1 ? 'example' : 'examples'}` +
      (chosen ? `, with trainExamples=${trainExamples}` : ''),
    next: enough > validation && enough <= MOST
      ? `Hold out a larger share, for example validation=${enough}, or ${more}.`
      : `${more[0]?.toUpperCase() ?? ''}${more.slice(1)}, or hold none out: validation=0.`,
  })
}
