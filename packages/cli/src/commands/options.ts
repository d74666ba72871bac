// Options that several commands share.
import type { TrainedRun } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { Option } from 'commander'

/** The folder that holds all runs. */
export const runsOption = () => new Option('--runs <folder>', 'folder that holds all runs').env('DDLF_RUNS').default('runs')

/** Machine-readable output. */
export const jsonOption = () => new Option('--json', 'print JSON for machines')

/** Address of the module that lists the experiments, for the thread that trains. */
export const experimentsModule = import.meta.resolve('@ddlf/course')

/** Which weights of a run are meant. */
export const checkpointOption = () => new Option('--checkpoint <name>', 'last, best, or step-N where --keep kept some').default('last')

/** Where a run's own data lie now. */
export const movedDataOption = () => new Option('--data <path>', "where the run's own data lie now (default: where they lay when it was trained)")

/** The settings of a run with its own data at another place. @throws UserError where it has none of its own */
export function settingsWithData({ experiment, settings }: Pick<TrainedRun, 'experiment' | 'settings'>, data: string | undefined): TrainedRun['settings'] {
  if (data === undefined) return settings
  if (experiment.own) return { ...settings, data } as TrainedRun['settings']
  throw new UserError({ rule: '--data says where own data lie.', received: `a run of ${experiment.name}, which learns from ${experiment.dataset}`, next: 'Leave it out.' })
}

/** Collects a repeated option into a list. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Reads the value of an option that counts something. @throws UserError when it is not a whole number of at least `least` */
export const wholeNumber = (option: string, least = 0) => (text: string): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
  throw new UserError({ rule: `${option} takes a whole number of at least ${least}.`, received: text })
}
