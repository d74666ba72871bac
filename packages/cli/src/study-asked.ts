// What `ddlf tune` is asked for: an experiment by its name or in a file, or the file of a study, and what options add.
import { formatParameter, formatPoint, parseParameter, type Experiment, type ReadDescription } from '@ddlf/lab'
import { isYaml, readStudyFile } from '@ddlf/lab/node'
import { duration } from '@ddlf/lab/study-names'
import type { TuneOptions } from './actions/tune.ts'
import { defined } from './commands/options.ts'
import { experimentNamed, experimentOfStudy, isModule } from './experiments.ts'

/** The experiment to tune, where it stands, and how. */
export interface AskedStudy {
  readonly experiment: Experiment
  /** The address of the module that has it. */
  readonly module: string
  readonly options: TuneOptions
}

/** The ranges of a file, and those of the command line, which take the place of those of the same name. */
function spaceTexts({ space = {} }: ReadDescription, given: readonly string[]): string[] {
  const names = given.map(text => parseParameter(text)[0])
  const kept = Object.entries(space).filter(([name]) => !names.includes(name))
  return [...kept.map(([name, parameter]) => formatParameter(name, parameter)), ...given]
}

/** The options with what a file says beneath them. */
function optionsOf(
  described: ReadDescription,
  file: string,
  options: TuneOptions,
  isGiven: (option: string) => boolean,
): TuneOptions {
  const { trials, keep, timeout, objectives = [], enqueue = [], ...rest } = described
  const { study, sampler, pruner, repeats, seed, epochs, flop, jobs } = rest
  const seconds = typeof timeout === 'string' ? duration(`${file}: timeout`)(timeout) : timeout
  return {
    ...defined({ study, sampler, pruner, repeats, seed, epochs, flop, jobs, timeout: seconds }),
    ...options,
    ...(trials !== undefined && !isGiven('trials') && { trials }),
    ...(keep !== undefined && !isGiven('keep') && { keep }),
    space: spaceTexts(described, options.space),
    enqueue: [...enqueue.map(formatPoint), ...options.enqueue],
    set: [...described.set, ...options.set],
    objective: options.objective.length > 0 ? options.objective : objectives,
  }
}

/**
 * Finds what is to be tuned.
 * @param isGiven whether an option stands on the command line (or in the environment), and is not its own default
 * @throws UserError where there is no such experiment or file, or the file is mistaken
 */
export async function askedStudy(
  name: string,
  options: TuneOptions,
  isGiven: (option: string) => boolean,
): Promise<AskedStudy> {
  const described = isYaml(name) || isModule(name) ? await readStudyFile(name) : undefined
  if (!described) return { ...(await experimentNamed(name)), options }
  const found = await experimentOfStudy(described.experiment, name)
  return { ...found, options: optionsOf(described, name, options, isGiven) }
}
