// Weights that a training begins with instead of random ones: those of another run, as far as names and shapes fit.
import { formatShape, UserError } from '@ddlf/tensor'
import { loadStateDict, stateDict, withSeed, type Module, type StateDict } from '@ddlf/nn'
import { settingText, settingWords, shellQuote } from '../command-text.ts'
import { isFoundSetting, type Experiment, type TrainingSettings } from '../experiment/experiment.ts'
import { trainingSettings } from '../experiment/training-settings.ts'
import type { Checkpoint } from '../runs/run-store.ts'

/** Where weights come from. */
export interface StartingWeights {
  /** `<experiment>/<id>` */
  readonly run: string
  readonly tensors: Checkpoint['tensors']
  /** The settings of that run, to tell which others this one has. */
  readonly config?: Readonly<Record<string, unknown>>
  /** The run evaluates moving averages of its weights: those are taken. */
  readonly averaged: boolean
  /** Where they were made from those of another model: what was found there, in a line. */
  readonly said?: string
}

const SHOWN = 4
const listed = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '')

/** What is given weights. */
interface Started {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly start: StartingWeights
}

/**
 * The settings that decide what a model makes of its weights, where the other run has other ones: none of the training
 * or of the data. Weights of the same names and shapes mean something else by them, as those of four heads do for two.
 * @returns their names, with what they are here and there
 */
function otherSettings({ experiment, settings, start: { config = {} } }: Started) {
  const { data: { decides = [] } } = experiment
  const isOfModel = (name: string) =>
    !Object.hasOwn(trainingSettings.shape, name) && !decides.includes(name) && !isFoundSetting(experiment, name)
  return Object.entries(settings)
    .map(([name, here]) => ({ name, here, there: config[name] }))
    .filter(({ name, here, there }) =>
      there !== undefined && isOfModel(name) && JSON.stringify(here) !== JSON.stringify(there))
}

/** The error for weights of which none fit. */
function nothingFits(missing: readonly string[], started: Started): UserError {
  const others = Object.fromEntries(otherSettings(started).map(({ name, there }) => [name, there]))
  return new UserError({
    rule: 'To start from another run, at least one parameter must have the same name and shape there.',
    received: `${started.start.run}: ${listed(missing)}`,
    next: Object.keys(others).length === 0
      ? 'Start from a run of the same experiment.'
      : `Start from a run of the same experiment, or give the model the sizes of that run: ` +
        settingWords(others).map(shellQuote).join(' '),
  })
}

/**
 * Gives a model the weights of another run wherever a parameter or buffer has the same name and shape there.
 * @returns what was taken and what was not, and the settings by which weights mean something else, for the user
 * @throws UserError where nothing fits
 */
export function takeWeights(model: Module, started: Started): readonly string[] {
  const { start: { run, tensors, averaged, said } } = started
  const own = stateDict(model)
  const taken: Record<string, StateDict[string]> = {}
  const missing: string[] = []
  for (const [name, value] of Object.entries(own)) {
    const found = (averaged && tensors[`ema/${name}`]) || tensors[name]
    if (!found) missing.push(`${name}, which it does not have`)
    else if (formatShape(found.shape) !== formatShape(value.shape)) {
      missing.push(`${name} of shape ${formatShape(value.shape)}, there ${formatShape(found.shape)}`)
    } else taken[name] = found
  }
  const count = Object.keys(taken).length
  if (count === 0) throw nothingFits(missing, started)
  loadStateDict(model, { ...own, ...taken })
  const all = `${count} of ${Object.keys(own).length} parameters and buffers`
  const others = otherSettings(started).map(({ name, here, there }) =>
    `${name}=${settingText(here)} (there ${settingText(there)})`)
  // Of another model it has all that is wanted of it.
  const isLess = missing.length > 0 && said === undefined
  return [
    `starts from ${run}: ${all}${isLess ? `; left as they begin: ${listed(missing)}` : ''}`,
    ...(said === undefined ? [] : [said]),
    ...(others.length > 0 ? [`has other settings than the run that it starts from: ${others.join(', ')}`] : []),
  ]
}

/**
 * Looks whether a training can begin with the weights of another run, before anything of it is kept.
 * @throws UserError where it learns without steps, and where nothing fits
 */
export function requireStart(started: Started): void {
  const { experiment, settings, start } = started
  if (experiment.task.fit) {
    throw new UserError({
      rule: `${experiment.name} learns without steps, from all examples at once: there is nothing to start from.`,
      received: start.run,
      next: 'Leave --from out.',
    })
  }
  takeWeights(withSeed(settings.seed, () => experiment.model(settings)), started)
}
