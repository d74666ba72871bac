// The written form of a search space: learningRate=log:1e-5..1e-1, batchSize=choice:32,64,128, and a condition behind `
// if `.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import {
  floatRange,
  intRange,
  oneOf,
  type Choice,
  type Distribution,
  type NumericDistribution,
} from './distribution.ts'
import { searchSpace, when, type Parameter, type Params, type Space } from './space.ts'

const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`
const RANGE = new RegExp(String.raw`^\s*(${NUMBER})\s*\.\.\s*(${NUMBER})\s*(?::\s*(${NUMBER})\s*)?$`, 'i')
const KINDS = ['float', 'log', 'step', 'int', 'logint', 'choice'] as const
const EXAMPLES = 'Write for example float:0..1, log:1e-5..1e-1, step:0..1:0.1, int:1..10, int:16..512:16, ' +
  'logint:1..1024 or choice:32,64,128.'

/** `name=range`, a parameter as the command line gives it, for example `learningRate=log:1e-5..1e-1`. */
export function parseParameter(text: string): [string, Parameter] {
  const equals = text.indexOf('=')
  if (equals <= 0)
    throw new UserError({
      rule: 'A parameter is written name=range.',
      received: text,
      next: 'Write for example learningRate=log:1e-5..1e-1.',
    })
  const name = text.slice(0, equals).trim()
  const [range, condition] = splitCondition(text.slice(equals + 1))
  const distribution = parseRange(range, text)
  if (condition === undefined) return [name, distribution]
  const [, parent = '', values = ''] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(condition) ?? []
  if (parent === '')
    throw new UserError({
      rule: 'A condition is written: if parameter=value,value.',
      received: text,
      next: 'Write for example momentum=float:0..0.99 if optimizer=sgd.',
    })
  return [name, when(distribution, parent, parseChoices(values))]
}

/**
 * A whole space from its parameters.
 * @throws UserError for what cannot be read, a name given twice, or a space that makes no sense
 */
export function parseSpace(texts: readonly string[]): Space {
  const parameters = new Map<string, Parameter>()
  for (const text of texts) {
    const [name, parameter] = parseParameter(text)
    if (parameters.has(name)) {
      throw new UserError({
        rule: 'A parameter is given once.', received: `${name}, twice`, next: 'Leave one of them out.',
      })
    }
    parameters.set(name, parameter)
  }
  // Names are anybody's: `__proto__` too is one.
  return searchSpace(Object.fromEntries(parameters))
}

/** The text that {@link parseParameter} reads as this parameter. */
export function formatParameter(name: string, parameter: Parameter): string {
  const condition = parameter.when
    ? ` if ${parameter.when.parameter}=${parameter.when.isOneOf.map(formatChoice).join(',')}`
    : ''
  return `${name}=${formatRange(parameter)}${condition}`
}

function formatRange(distribution: Distribution): string {
  if (distribution.kind === 'categorical') return `choice:${distribution.choices.map(formatChoice).join(',')}`
  const { kind, low, high, log, step } = distribution
  const bounds = `${formatNumber(low)}..${formatNumber(high)}`
  if (kind === 'int') return `${log ? 'logint' : 'int'}:${bounds}${step === 1 ? '' : `:${step}`}`
  if (step !== null) return `step:${bounds}:${step}`
  return `${log ? 'log' : 'float'}:${bounds}`
}

const formatNumber = (value: number) => (Object.is(value, -0) ? '0' : String(value))

/**
 * The values of a trial as they are typed: `learningRate=0.1,batchSize=64`; a text with a comma or a space in double
 * quotes.
 * @throws UserError for what cannot be read, or a name given twice
 */
export function parsePoint(text: string): Params {
  const point = new Map<string, Choice>()
  for (const part of splitOutsideQuotes(text, /,/y)) {
    const equals = part.indexOf('=')
    const [name, value] = [part.slice(0, Math.max(0, equals)).trim(), part.slice(equals + 1)]
    if (name === '' || value.trim() === '')
      throw new UserError({
        rule: 'Values to try are written name=value,name=value.',
        received: text.trim() === '' ? 'an empty text' : text,
        next: 'Write for example learningRate=0.1,batchSize=64, and a text with a comma in double quotes.',
      })
    if (point.has(name))
      throw new UserError({
        rule: 'A parameter has one value in a trial.', received: `${name}, twice`, next: 'Leave one of them out.',
      })
    point.set(name, parseChoice(value))
  }
  return Object.fromEntries(point)
}

/** The text that {@link parsePoint} reads as these values. */
export const formatPoint = (point: Params): string =>
  Object.entries(point).map(([name, value]) => `${name}=${formatChoice(value)}`).join(',')

/** A choice as a word; a string that would be read as something else is quoted. */
const formatChoice = (choice: Choice): string =>
  typeof choice === 'string' && (!/^[^",\s]+$/.test(choice) || typeof parseChoice(choice) !== 'string')
    ? JSON.stringify(choice)
    : String(choice)

/** Divides at the last ` if ` outside quotes. */
function splitCondition(text: string): [string, string | undefined] {
  const parts = splitOutsideQuotes(text, / if /y)
  return parts.length === 1 ? [text, undefined] : [parts.slice(0, -1).join(' if '), parts.at(-1)]
}

/** Divides a text at a sticky pattern, except within double quotes (JSON strings). */
function splitOutsideQuotes(text: string, separator: RegExp): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '\\') i++
    else if (text[i] === '"') quoted = !quoted
    else if (!quoted) {
      separator.lastIndex = i
      const match = separator.exec(text)
      if (!match) continue
      parts.push(text.slice(start, i))
      start = i + match[0].length
      i = start - 1
    }
  }
  return [...parts, text.slice(start)]
}

function parseChoice(word: string): Choice {
  const text = word.trim()
  if (text === 'null') return null
  if (text === 'true' || text === 'false') return text === 'true'
  if (new RegExp(`^${NUMBER}$`, 'i').test(text)) return Number(text)
  if (!text.startsWith('"')) return text
  try {
    return JSON.parse(text) as string
  } catch {
    throw new UserError({
      rule: 'A quoted choice is a JSON string.',
      received: text,
      next: 'Close the quotes, or leave them out.',
    })
  }
}

function parseChoices(text: string): Choice[] {
  const words = splitOutsideQuotes(text, /,/y)
  const empty = words.find(word => word.trim() === '')
  if (empty !== undefined)
    throw new UserError({
      rule: 'A choice is not empty.',
      received: text || 'nothing',
      next: 'Name the choices with commas between them; write "" for an empty string.',
    })
  return words.map(parseChoice)
}

function parseRange(text: string, whole: string): Distribution {
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(0, colon)).trim()
  const rest = text.slice(colon + 1)
  if (!(KINDS as readonly string[]).includes(kind)) {
    const near = nearestName(kind, KINDS)
    throw new UserError({
      rule: 'A range begins with its kind.',
      received: whole,
      next: near === undefined ? EXAMPLES : `Did you mean ${near}? ${EXAMPLES}`,
    })
  }
  if (kind === 'choice') return oneOf(parseChoices(rest))
  const [, low, high, step] = RANGE.exec(rest) ?? []
  if (low === undefined || high === undefined)
    throw new UserError({ rule: 'A range is written low..high.', received: whole, next: EXAMPLES })
  return numericRange(
    kind as Exclude<(typeof KINDS)[number], 'choice'>,
    Number(low),
    Number(high),
    step === undefined ? undefined : Number(step),
    whole,
  )
}

function numericRange(
  kind: Exclude<(typeof KINDS)[number], 'choice'>,
  low: number,
  high: number,
  step: number | undefined,
  whole: string,
): NumericDistribution {
  const stepped = step === undefined ? {} : { step }
  if (kind === 'int' || kind === 'logint') return intRange(low, high, { log: kind === 'logint', ...stepped })
  if (kind === 'step' && step === undefined) {
    throw new UserError({
      rule: 'A stepped range is written low..high:step.',
      received: whole,
      next: 'Write for example step:0..1:0.1.',
    })
  }
  return floatRange(low, high, { log: kind === 'log', ...stepped })
}
