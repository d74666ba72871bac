// How little few trials mean: a surface through a handful of points is anybody's guess.

/** Finished trials an axis below which their order is mostly chance: a rule of thumb of regression. */
const TRIALS_AN_AXIS = 10

/**
 * A sentence where a study has fewer than ten complete trials for each of its parameters: the best tenth of them, by
 * which PED-ANOVA judges, is a handful. Empty where there are enough.
 */
export function fewTrialsText(trials: number, axes: number): string {
  const enough = TRIALS_AN_AXIS * axes
  if (trials >= enough) return ''
  const tenth = Math.max(1, Math.ceil(trials / 10))
  return `This says little yet: ${trials} finished trials over ${axes} ${axes === 1 ? 'axis' : 'axes'}, ` +
    `the best tenth ${tenth === 1 ? 'a single one' : `${tenth} of them`}; from about ${enough} on the picture holds.`
}
