// Which settings of a run somebody chose, where its record or today's experiments tell.
import { givenSettings, type Experiment } from './experiment.ts'
import { trainingSettings } from './training-settings.ts'

/** What a setting is that every experiment has, where nobody gave it. */
const usual = (name: string): unknown =>
  Object.hasOwn(trainingSettings.shape, name)
    ? trainingSettings.shape[name as keyof typeof trainingSettings.shape].safeParse(undefined).data
    : undefined

/**
 * The settings of a run that are not its experiment's own. Where that is none of today's, its record says which they
 * were; a record of an older version, that none is left at what all experiments have.
 */
export function chosenSettings(
  config: Readonly<Record<string, unknown>>,
  experiment: Experiment | undefined,
  chosen?: readonly string[],
): Readonly<Record<string, unknown>> {
  try {
    if (experiment) return givenSettings(experiment, config)
  } catch {
    // Its defaults make no settings alone.
  }
  const isChosen = ([name, value]: readonly [string, unknown]) =>
    chosen ? chosen.includes(name) : JSON.stringify(value) !== JSON.stringify(usual(name))
  return Object.fromEntries(Object.entries(config).filter(isChosen))
}
