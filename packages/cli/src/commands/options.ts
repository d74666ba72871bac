// Options that several commands share.
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

/** Collects a repeated option into a list. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** Reads the value of an option that counts something. @throws UserError when it is not a whole number of at least `least` */
export const wholeNumber = (option: string, least = 0) => (text: string): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
  throw new UserError({ rule: `${option} takes a whole number of at least ${least}.`, received: text })
}
