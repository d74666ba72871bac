// A study as a file describes it: what is tuned, over which ranges, how and how long; from YAML or from a module.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { ddlfCommand, settingText } from '../command-text.ts'
import { prunerName, samplerName } from './named.ts'
import { floatRange, intRange, oneOf, type Choice, type Distribution } from './space/distribution.ts'
import { parseParameter } from './space/space-text.ts'
import { searchSpace, when, type Parameter, type Space } from './space/space.ts'

/**
 * A parameter in a file: a range as on the command line (`log:1e-5..1e-1`), a list of choices, or an object such as
 * `{ int: [1, 10], step: 3 }` or `{ choice: [sgd, adam] }`, with `when: { optimizer: sgd }` for a parameter that exists
 * only there; in a module also what `floatRange`, `intRange`, `oneOf` and `when` make.
 */
export type DescribedParameter = string | readonly Choice[] | Readonly<Record<string, unknown>> | Parameter

/** What a file of a study may say; all but the experiment may be left out. */
export interface StudyDescription {
  /** Its name; in a module also the experiment itself. */
  readonly experiment: string | { readonly name: string }
  /** The study's name; default: the experiment's. */
  readonly study?: string
  /** Default: the experiment's own space. */
  readonly space?: Readonly<Record<string, DescribedParameter>>
  /** Values of trials to be run first: parameters by name, each set for a trial. */
  readonly enqueue?: readonly Readonly<Record<string, Choice>>[]
  /** Settings of every trial. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Trials in all. */
  readonly trials?: number
  readonly sampler?: string
  readonly pruner?: string
  readonly objectives?: readonly string[]
  readonly repeats?: number
  readonly seed?: number
  /** Budget: epochs over all trials. */
  readonly epochs?: number
  /** Budget: floating-point operations over all trials. */
  readonly flop?: number
  /** Stop after so long: `90s`, `30m`, `2h`, or seconds. */
  readonly timeout?: string | number
  readonly jobs?: number
  readonly keep?: 'all' | 'best'
}

/** A description that was read: the space is checked, settings are as they are typed after `--set`. */
export interface ReadDescription extends Omit<StudyDescription, 'experiment' | 'space' | 'settings'> {
  readonly experiment: string
  readonly space?: Space
  readonly set: readonly string[]
}

const whole = (least: number) => z.number().int().min(least)
const text = z.string().min(1)
const schema = z.strictObject({
  experiment: z.union([text, z.custom<{ name: string }>(value => isNamed(value))]),
  study: text.optional(),
  space: z.record(z.string(), z.unknown()).optional(),
  enqueue: z.array(z.record(text, z.union([z.null(), z.boolean(), z.number(), text]))).optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  trials: whole(1).optional(),
  sampler: text.optional(),
  pruner: text.optional(),
  objectives: z.union([text.transform(name => [name]), z.array(text)]).optional(),
  repeats: whole(1).max(1000).optional(),
  seed: whole(0).optional(),
  epochs: whole(1).optional(),
  flop: z.number().positive().optional(),
  timeout: z.union([text, z.number().positive()]).optional(),
  jobs: whole(1).max(1024).optional(),
  keep: z.enum(['all', 'best']).optional(),
})

/** What the fields hold, for messages. */
export const STUDY_FIELDS: Readonly<Record<string, string>> = {
  experiment: 'the name of an experiment, such as mlp-on-mnist',
  study: 'a name',
  space: 'ranges by the name of a setting, such as learningRate: log:1e-5..1e-1',
  enqueue: 'a list of values by the name of a parameter, such as [{ learningRate: 0.1 }]',
  settings: 'values by the name of a setting, such as epochs: 5',
  trials: 'a whole number of at least 1',
  sampler: 'a name, such as tpe',
  pruner: 'a name, such as median',
  objectives: 'a metric, or a list of them',
  repeats: 'a whole number from 1 to 1000',
  seed: 'a whole number of at least 0',
  epochs: 'a whole number of at least 1',
  flop: 'a number above 0',
  timeout: 'a time such as 30m or 2h',
  jobs: 'a whole number from 1 to 1024',
  keep: 'all or best',
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
}

/** A value in a message. */
const shown = (value: unknown): string => {
  const written = value === undefined ? 'nothing' : JSON.stringify(value)
  return written.length > 120 ? `${written.slice(0, 120)} ...` : written
}

const RANGES = {
  float: (low: number, high: number, step?: number) => floatRange(low, high, step === undefined ? {} : { step }),
  log: (low: number, high: number) => floatRange(low, high, { log: true }),
  int: (low: number, high: number, step?: number) => intRange(low, high, step === undefined ? {} : { step }),
  logint: (low: number, high: number) => intRange(low, high, { log: true }),
} as const

const FORMS =
  'Write for example log:1e-5..1e-1, [32, 64, 128], { int: [16, 512], step: 16 } ' +
  'or { float: [0, 0.99], when: { optimizer: sgd } }.'

const isPair = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(one => typeof one === 'number')

/** The distribution that an object describes. @throws UserError where it describes none */
function distributionOf(given: Readonly<Record<string, unknown>>): Distribution {
  const kinds = Object.keys(given).filter(key => key === 'choice' || Object.hasOwn(RANGES, key))
  const strange = Object.keys(given).find(key => !['choice', ...Object.keys(RANGES), 'step', 'when'].includes(key))
  const [kind] = kinds
  const refuse = (rule: string) => new UserError({ rule, received: shown(given), next: FORMS })
  if (kind === undefined || kinds.length > 1) throw refuse('A range has one kind: float, log, int, logint or choice.')
  if (strange !== undefined) throw refuse(`A range has no ${strange}.`)
  const { step } = given
  if (step !== undefined && (typeof step !== 'number' || (kind !== 'float' && kind !== 'int')))
    throw refuse('A step is a number, and belongs to a float or an int.')
  const value = given[kind]
  if (kind === 'choice') {
    if (!Array.isArray(value)) throw refuse('Choices are a list.')
    return oneOf(value as Choice[])
  }
  if (!isPair(value)) throw refuse('A range has two ends, both numbers.')
  return RANGES[kind as keyof typeof RANGES](...value, step)
}

/** A parameter in any of its written forms. @throws UserError saying what is wrong with it */
function parameterOf(name: string, given: unknown): Parameter {
  if (typeof given === 'string') return parseParameter(`${name}=${given}`)[1]
  if (Array.isArray(given)) return oneOf(given as Choice[])
  if (typeof given !== 'object' || given === null)
    throw new UserError({ rule: 'A parameter has a range.', received: shown(given), next: FORMS })
  // Made by floatRange and its like.
  if ('kind' in given) return given as Parameter
  const described = given as Readonly<Record<string, unknown>>
  const distribution = distributionOf(described)
  const condition = described['when']
  if (condition === undefined) return distribution
  const isObject = typeof condition === 'object' && condition !== null
  const named = isObject ? (condition as Readonly<Record<string, unknown>>) : {}
  const [entry, ...more] = Object.entries(named)
  if (!entry || more.length > 0)
    throw new UserError({
      rule: 'A condition names one earlier parameter, with its value or a list of values.',
      received: shown(condition),
      next: 'Write for example when: { optimizer: sgd }.',
    })
  const [parent, values] = entry
  return when(distribution, parent, (Array.isArray(values) ? values : [values]) as Choice[])
}

function spaceOf(given: Readonly<Record<string, unknown>>, place: string): Space {
  const parameters = Object.entries(given).map(([name, one]): [string, Parameter] => {
    try {
      return [name, parameterOf(name, one)]
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const rule = `${place}: parameter ${name}: ${error.parts.rule}`
      throw new UserError({ ...error.parts, rule }, { cause: error })
    }
  })
  try {
    return searchSpace(Object.fromEntries(parameters))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError({ ...error.parts, rule: `${place}: ${error.parts.rule}` }, { cause: error })
  }
}

/** What is wrong with the fields of a file, as an error. */
function mistakeIn(value: unknown, issue: z.core.$ZodIssue, place: string): UserError {
  const fields = Object.keys(STUDY_FIELDS)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new UserError({
      rule: `${place}: a study is described by fields.`,
      received: shown(value),
      next: 'Begin with experiment: mlp-on-mnist, then space: with a range for each setting to tune.',
    })
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const near = nearestName(key, fields)
    return new UserError({
      rule: `${place}: a study has no field of this name.`,
      received: key,
      next: near === undefined ? `The fields are ${fields.join(', ')}.` : `Did you mean '${near}'?`,
    })
  }
  const field = String(issue.path[0] ?? '')
  return new UserError({
    rule: `${place}: ${field} is ${STUDY_FIELDS[field] ?? 'something else'}.`,
    received: shown((value as Readonly<Record<string, unknown>>)[field]),
    next: field === 'experiment' ? `See which there are: ${ddlfCommand('days')}` : `Mend ${field}, or leave it out.`,
  })
}

/**
 * Reads the description of a study.
 * @param value what a YAML file or a module holds
 * @param place the file, for messages
 * @throws UserError naming the file, the field, what it holds and what it may hold
 */
export function readDescription(value: unknown, place: string): ReadDescription {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw mistakeIn(value, parsed.error.issues[0] as z.core.$ZodIssue, place)
  const { experiment, space, settings = {}, ...rest } = parsed.data
  if (rest.sampler !== undefined) samplerName(rest.sampler)
  if (rest.pruner !== undefined) prunerName(rest.pruner)
  const stated = Object.fromEntries(Object.entries(rest).filter(([, one]) => one !== undefined))
  return {
    ...stated,
    experiment: typeof experiment === 'string' ? experiment : experiment.name,
    ...(space && { space: spaceOf(space, place) }),
    set: Object.entries(settings).map(([name, one]) => `${name}=${settingText(one)}`),
  }
}
