// Whether a study that is there can go on as it is asked to.
import { UserError } from '@ddlf/tensor/errors'
import type { StoredStudy } from './replay.ts'
import type { Distribution } from './space/distribution.ts'
import { spaceDifference, type Space } from './space/space.ts'
import type { StudyOptions } from './create-study.ts'

/** The attribute of a study that holds its space. */
export const SPACE = 'ddlf:space'

/** @throws UserError where a study cannot go on with these settings */
export function checkContinued(study: StoredStudy, space: Space, options: StudyOptions, place: string): void {
  const refuse = (what: string) => new UserError({
    rule: `The study ${study.name} cannot go on with other settings.`,
    received: `${what} (${place})`,
    next: 'Give the study its settings of before, or another name.',
  })
  const directions = options.directions ?? (options.direction ? [options.direction] : study.directions)
  if (directions.join() !== study.directions.join())
    throw refuse(`directions ${directions.join(', ')}; it has ${study.directions.join(', ')}`)
  const before = study.systemAttributes[SPACE]
  if (typeof before === 'object' && before !== null) {
    const difference = spaceDifference(before as Space, space)
    if (difference !== undefined) throw refuse(difference)
  }
  // A study that Optuna began: its ranges may move, what a parameter is may not (Optuna refuses such a record too).
  for (const trial of study.trials) {
    for (const [name, distribution] of Object.entries(trial.distributions)) {
      const given = space[name]
      if (given && !isCompatible(distribution, given))
        throw refuse(`${name} is another kind of parameter, or has other choices`)
    }
  }
}

function isCompatible(a: Distribution, b: Distribution): boolean {
  if (a.kind === 'categorical' || b.kind === 'categorical') {
    return (
      a.kind === 'categorical' &&
      b.kind === 'categorical' &&
      a.choices.length === b.choices.length &&
      a.choices.every((choice, i) => choice === b.choices[i])
    )
  }
  return a.kind === b.kind && a.log === b.log
}
