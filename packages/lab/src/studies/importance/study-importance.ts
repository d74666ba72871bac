// The importance of the parameters of a study, by both methods and for each of its objectives.
import { standing } from '../continuation.ts'
import type { Direction, Trial } from '../trial.ts'
import { fanova } from './fanova.ts'
import { pedAnova } from './ped-anova.ts'

/** For each objective and each method, shares by parameter, most important first. */
export type StudyImportance = readonly Readonly<Record<string, Readonly<Record<string, number>>>>[]

/** Measures the importance of all parameters; takes seconds where trials are thousands. */
export const studyImportance = (
  trials: readonly Trial[],
  directions: readonly Direction[],
): StudyImportance => {
  const current = standing(trials)
  return directions.map((direction, objective) => ({
    'PED-ANOVA': pedAnova(current, { direction, objective }),
    'fANOVA': fanova(current, { direction, objective }),
  }))
}
