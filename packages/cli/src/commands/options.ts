// Options that several commands share.
import { Option } from 'commander'

/** The folder that holds all runs. */
export const runsOption = () => new Option('--runs <folder>', 'folder that holds all runs').env('DDLF_RUNS').default('runs')

/** Machine-readable output. */
export const jsonOption = () => new Option('--json', 'print JSON for machines')

/** Address of the module that lists the experiments, for the thread that trains. */
export const experimentsModule = import.meta.resolve('@ddlf/course')
