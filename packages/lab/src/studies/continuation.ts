// Trials that go on after they were stopped early: the later trial stands in for the earlier one.
import type { Trial } from './trial.ts'

/** The system attribute of a trial that goes on with another: its number. */
export const CONTINUES = 'ddlf:continues'

/** The trial that a trial goes on with; undefined where it began by itself. */
export const continuedBy = ({ systemAttributes }: Trial): number | undefined => {
  const number = systemAttributes[CONTINUES]
  return typeof number === 'number' ? number : undefined
}

/** The system attribute of a trial that goes on: the number of the one that began with its values. */
export const BEGAN = 'ddlf:began'

/** The number that a trial began under, however often it has gone on since. */
export const firstNumber = (trial: Trial): number => {
  const number = trial.systemAttributes[BEGAN]
  return typeof number === 'number' ? number : (continuedBy(trial) ?? trial.number)
}

/** The trials without those that another one goes on with: what samplers and pruners look at. */
export function standing<T extends Trial>(trials: readonly T[]): readonly T[] {
  const continued = new Set(trials.map(continuedBy))
  continued.delete(undefined)
  return continued.size === 0 ? trials : trials.filter(({ number }) => !continued.has(number))
}
