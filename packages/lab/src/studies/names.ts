// The names of samplers and pruners and what each is for, apart from what they are, and how a duration is typed: help
// and forms need no more.
export { duration } from './duration.ts'

/** Who proposes settings, and when to take it. */
export const samplerUses = {
  'tpe': 'learns where good trials lie; for any space, from some 20 trials on',
  'random': 'assumes nothing; to compare with',
  'grid': 'tries every combination; for a few parameters that are lists or have steps',
  'quasi-random': 'spreads trials evenly over the space; for a first look',
  'cma-es': 'learns the shape of a valley; for numbers, and 100 trials and more',
  'gaussian-process': 'models all trials (gp); for up to ten numbers, where a trial is dear',
} as const

/** Who stops bad trials, and when to take it. */
export const prunerUses = {
  'none': 'every trial ends; for short ones, and where good ones are slow at first',
  'median': 'stops what is worse than half of the others at the same step',
  'successive-halving': 'lets one in four go on at each rung (asha); for many trials',
  'hyperband': 'the same, with brackets that wait longer before they stop any',
  'wilcoxon': 'with --repeats: stops what is worse over its seeds, as a test says',
} as const

const namesOf = <Name extends string>(uses: Readonly<Record<Name, string>>) => Object.keys(uses) as Name[]

export const samplerNames: readonly (keyof typeof samplerUses)[] = namesOf(samplerUses)
export const prunerNames: readonly (keyof typeof prunerUses)[] = namesOf(prunerUses)
