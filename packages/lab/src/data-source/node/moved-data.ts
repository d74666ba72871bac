// The own data of a run at another place than where they lay when it was trained.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'

/** Where the own data of a run lie now; what is left out lies where it lay. */
export interface MovedData {
  readonly data?: string | undefined
  /** The second table, of a run that was tested on one. */
  readonly testData?: string | undefined
}

const isSet = (value: unknown) => typeof value === 'string' && value !== ''

/**
 * The settings of a run with its own data at other places.
 * @throws UserError where the run has none of its own, or no second table
 */
export function movedSettings<Settings extends Readonly<Record<string, unknown>> | TrainingSettings>(
  experiment: Experiment, settings: Settings, moved: MovedData,
): Settings {
  const { data, testData } = checkOptions('movedSettings', moved, ['data', 'testData'])
  if (data === undefined && testData === undefined) return settings
  if (!experiment.data.own) {
    throw new UserError({
      rule: 'The run has no own data that could lie elsewhere.',
      received: `a run of ${experiment.name}, which learns from ${experiment.data.name}`,
      next: 'Leave it out.',
    })
  }
  if (testData !== undefined && !isSet((settings as Readonly<Record<string, unknown>>)['testData'])) {
    throw new UserError({
      rule: 'The run has no second table that could lie elsewhere: it is tested on a part of its data.',
      received: `--test-data ${testData}`,
      next: 'Leave it out.',
    })
  }
  return { ...settings, ...(data !== undefined && { data }), ...(testData !== undefined && { testData }) }
}

/** The settings of a run that say where its own data lie, for the record. */
export function placesOf(
  { data: { own } }: Pick<Experiment, 'data'>, settings: TrainingSettings | Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const places = Object.entries(settings).filter(([name, value]) => ['data', 'testData'].includes(name) && isSet(value))
  return Object.fromEntries(own ? (places as [string, string][]) : [])
}
