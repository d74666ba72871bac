// From the parameters of a trial to the settings of its training, and whether a space fits an experiment.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import {
  isFoundSetting,
  parseSetting,
  parseSettings,
  type Experiment,
  type TrainingSettings,
} from '../experiment/experiment.ts'
import type { Choice } from './space/distribution.ts'
import type { Params, Parameter, Space } from './space/space.ts'
import { valueAt } from './space/unit-interval.ts'

type Described = Pick<Experiment, 'config' | 'name'>
type Tuned = Described & Pick<Experiment, 'data'>
type Values = Readonly<Record<string, unknown>>

/** Settings of every training that decide what a study compares by, and so are none of its parameters. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['seed', 'Every trial has the same; --repeats averages over several.'],
  ['validation', 'Trials are compared by the same examples; give it with --set.'],
  ['evaluateTest', 'No trial sees the test set.'],
])

/** Why a setting cannot be a parameter of a study; undefined where it changes the model or its training alone. */
function whyFixed({ data }: Tuned, setting: string): string | undefined {
  if (isFoundSetting({ data }, setting)) return 'It is found in the data.'
  return data.decides?.includes(setting)
    ? 'It decides which examples there are, in which part, or what is asked of them: trials would be judged on ' +
        'different things. Give it with --set.'
    : FIXED.get(setting)
}

/** `hidden.1`: an entry of a list. */
const ENTRY = /^(.+)\.(\d+)$/

/**
 * The settings of a trial: the study's, with the trial's parameters in their places. `hidden.0` is the first entry of
 * the list `hidden`; a text for a setting that is a list is read as on the command line (`128,32`).
 * @throws UserError where the experiment has no such setting, or does not allow the value
 */
export function trialSettings(experiment: Described, base: Values, params: Params): TrainingSettings {
  const settings: Record<string, unknown> = { ...base }
  for (const [name, value] of Object.entries(params)) {
    const [, list, index] = ENTRY.exec(name) ?? []
    if (list === undefined || index === undefined) {
      settings[name] = typeof value === 'string' ? parseSetting(experiment, name, value) : value
      continue
    }
    const entries = settings[list]
    if (!Array.isArray(entries) || Number(index) >= entries.length) {
      throw new UserError({
        rule: 'A parameter with a number names an entry of a list of settings.',
        received: `${name}, but ${list} is ${Array.isArray(entries) ? `a list of ${entries.length}` : 'no list'}`,
        next: `Give the list its length, for example --set ${list}=128,64 for ${list}.0 and ${list}.1.`,
      })
    }
    settings[list] = (entries as unknown[]).with(Number(index), value)
  }
  return parseSettings(experiment, settings)
}

/** Values that show whether a range fits: its ends and what lies between. */
const samplesOf = (parameter: Parameter): readonly Choice[] =>
  parameter.kind === 'categorical' ? parameter.choices : [parameter.low, parameter.high, valueAt(parameter, 0.37)]

/**
 * Checks that the experiment has the settings of a space and allows all of its values.
 * @throws UserError naming the parameter
 */
export function checkSpaceOf(experiment: Tuned, base: Values, space: Space): void {
  for (const [name, parameter] of Object.entries(space)) {
    const setting = ENTRY.exec(name)?.[1] ?? name
    const reason = whyFixed(experiment, setting)
    if (reason !== undefined)
      throw new UserError({ rule: `${setting} is no parameter of a study.`, received: name, next: reason })
    if (!Object.hasOwn(experiment.config.shape, setting)) {
      const near = nearestName(setting, Object.keys(experiment.config.shape))
      throw new UserError({
        rule: `${experiment.name} has no setting of this name.`,
        received: name,
        next: near ? `Did you mean '${near}'?` : `The settings are ${Object.keys(experiment.config.shape).join(', ')}.`,
      })
    }
    for (const value of samplesOf(parameter)) {
      try {
        trialSettings(experiment, base, { [name]: value })
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        throw new UserError({ ...error.parts, rule: `Parameter ${name}: ${error.parts.rule}` }, { cause: error })
      }
    }
  }
}
