// Options that several commands share.
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
