// What is tuned where nothing else is said: the experiment's own space, or what decides most of every training.
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { isOfSteps } from '../experiment/idle-settings.ts'
import { floatRange, oneOf, type NumericDistribution } from './space/distribution.ts'
import { searchSpace, type Parameter, type Space } from './space/space.ts'

/** Learning rates to look through, lowest and highest. */
export interface RateRange {
  readonly low: number
  readonly high: number
}

const rounded = (value: number) => Number(value.toPrecision(1))

/** A thirtieth to ten times the rate that the experiment has by itself. */
const around = (rate: number): RateRange => ({ low: rounded(rate / 30), high: Math.min(1000, rounded(rate * 10)) })

/** Around a rate that the learning-rate finder suggests, which lies below the highest that trains. */
export const rateRangeOf = (suggestion: number): RateRange => ({
  low: rounded(suggestion / 30),
  high: Math.min(1000, rounded(suggestion * 10)),
})

/**
 * The space of an experiment without one given: its own, or learning rate, batch size, weight decay and, where there is
 * some, dropout; of what learns without steps, those that it heeds, and how much counts are smoothed.
 * @param rates what the learning-rate finder found; default: around the experiment's own rate
 */
export function defaultSpace(experiment: Experiment, settings: TrainingSettings, rates?: RateRange): Space {
  const { low, high } = rates ?? around(settings.learningRate)
  const learningRate: NumericDistribution = floatRange(low, high, { log: true })
  const batch = settings.batchSize
  const general: Record<string, Parameter> = {
    learningRate,
    batchSize: oneOf([...new Set([batch / 4, batch / 2, batch, batch * 2].map(size => Math.max(1, Math.round(size))))]),
    weightDecay: floatRange(1e-6, 1e-2, { log: true }),
  }
  const has = (name: string) => Object.hasOwn(experiment.config.shape, name)
  if (has('dropout')) general['dropout'] = floatRange(0, 0.5)
  const { fit } = experiment.task
  if (fit && has('smoothing')) general['smoothing'] = floatRange(0.01, 10, { log: true })
  const space = { ...general, ...experiment.space?.(settings) }
  // What learns without steps heeds few of the settings that all have.
  const heeded = fit ? Object.entries(space).filter(([name]) => !isOfSteps(name, fit.heeds)) : []
  return searchSpace(heeded.length > 0 ? Object.fromEntries(heeded) : space)
}
