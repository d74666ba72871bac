// Distributions as Optuna's storages write them: JSON with the name of its class and the attributes.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { placedIssue } from '../../experiment/issue-words.ts'
import { formatPythonJson, parsePythonJson } from '../python-json.ts'
import type { Distribution } from './distribution.ts'

const number = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)])
// Optuna takes any object for a choice, and its JSON has lists for tuples: such a choice is read as its text.
const choice = z.union([
  z.null(),
  z.boolean(),
  number,
  z.string(),
  z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).transform(formatPythonJson),
])
const written = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('FloatDistribution'),
    attributes: z.object({
      low: z.number(),
      high: z.number(),
      log: z.boolean().default(false),
      step: z.number().nullish(),
    }),
  }),
  z.object({
    name: z.literal('IntDistribution'),
    attributes: z.object({
      low: z.number(),
      high: z.number(),
      log: z.boolean().default(false),
      step: z.number().default(1),
    }),
  }),
  z.object({ name: z.literal('CategoricalDistribution'), attributes: z.object({ choices: z.array(choice).min(1) }) }),
  // Optuna before version 3 had a class for each form of range.
  z.object({
    name: z.enum(['UniformDistribution', 'LogUniformDistribution']),
    attributes: z.object({ low: z.number(), high: z.number() }),
  }),
  z.object({
    name: z.literal('DiscreteUniformDistribution'),
    attributes: z.object({ low: z.number(), high: z.number(), q: z.number() }),
  }),
  z.object({
    name: z.enum(['IntUniformDistribution', 'IntLogUniformDistribution']),
    attributes: z.object({ low: z.number(), high: z.number(), step: z.number().default(1) }),
  }),
])

/** The JSON that Optuna reads as this distribution (`optuna.distributions.json_to_distribution`). */
export function distributionToOptuna(distribution: Distribution): string {
  if (distribution.kind === 'categorical') {
    return JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices: distribution.choices } })
  }
  const { kind, low, high, log, step } = distribution
  return kind === 'float'
    ? JSON.stringify({ name: 'FloatDistribution', attributes: { step, low, high, log } })
    : JSON.stringify({ name: 'IntDistribution', attributes: { log, step, low, high } })
}

/**
 * The inverse of {@link distributionToOptuna}; also reads the classes of Optuna 2.
 * @throws UserError where the text is no distribution that is known here
 */
export function distributionFromOptuna(json: string): Distribution {
  let parsed: z.infer<typeof written>
  try {
    parsed = written.parse(parsePythonJson(json))
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : []
    const why = issue ? placedIssue(issue) : 'it is no JSON'
    throw new UserError(
      {
        rule: `This distribution cannot be read (${why}).`,
        received: json.slice(0, 200),
        next: "Float, int and categorical distributions are read, as Optuna's storages write them.",
      },
      { cause },
    )
  }
  const { name, attributes } = parsed
  switch (name) {
    case 'CategoricalDistribution':
      return { kind: 'categorical', choices: attributes.choices }
    case 'FloatDistribution':
      return {
        kind: 'float',
        low: attributes.low,
        high: attributes.high,
        log: attributes.log,
        step: attributes.step ?? null,
      }
    case 'IntDistribution':
      return { kind: 'int', ...attributes }
    case 'UniformDistribution':
    case 'LogUniformDistribution':
      return { kind: 'float', ...attributes, log: name === 'LogUniformDistribution', step: null }
    case 'DiscreteUniformDistribution':
      return { kind: 'float', low: attributes.low, high: attributes.high, log: false, step: attributes.q }
    case 'IntUniformDistribution':
    case 'IntLogUniformDistribution':
      return { kind: 'int', ...attributes, log: name === 'IntLogUniformDistribution' }
  }
}
