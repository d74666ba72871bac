// ddlf show <experiment>: the question, the settings with what they allow, and what was published.
import { judgedPart, type Experiment } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatMetric, formatSetting, formatTable, metricOf, wrapText } from '../terminal/format.ts'

/** What a setting means: a new default hides the description of the field it wraps. */
const descriptionOf = (field: z.ZodType): string =>
  field.description ??
  ('unwrap' in field && typeof field.unwrap === 'function'
    ? descriptionOf((field as z.ZodDefault<z.ZodType>).unwrap())
    : '')

/** What a JSON schema allows, in a few words: `0 to below 1`, `at least 1`, `sgd, adam`, `list: 1 to 100`. */
function allowed(schema: Allowed): string {
  const { enum: words, anyOf, type, items, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (type === 'array') {
    const each = items ? allowed(items) : ''
    return each === '' ? 'list' : `list: ${each}`
  }
  if (words) return words.map(formatSetting).join(', ')
  if (anyOf) return anyOf.map(one => ('const' in one ? formatSetting(one.const) : allowed(one))).join(', ')
  if (type === 'boolean') return 'true, false'
  // Zod bounds whole numbers by what a double can count.
  const bound = (value: number | undefined) =>
    value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value
  const low = bound(minimum) ?? (exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`)
  const high = bound(maximum) ?? (exclusiveMaximum === undefined ? undefined : `below ${exclusiveMaximum}`)
  if (low !== undefined && high !== undefined) return `${low} to ${high}`
  return low === undefined
    ? typeof high === 'number'
      ? `at most ${high}`
      : (high ?? '')
    : typeof low === 'number'
      ? `at least ${low}`
      : low
}

type Allowed = Pick<
  z.core.JSONSchema.JSONSchema,
  'enum' | 'type' | 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'
> & { readonly anyOf?: readonly (Allowed & { readonly const?: unknown })[]; readonly items?: Allowed }

/** What is known of a setting. */
interface DescribedSetting {
  readonly name: string
  readonly default: unknown
  readonly allowed: string
  readonly meaning: string
}

/** The settings of an experiment, in the order of its schema. */
function settingsOf({ config }: Experiment): readonly DescribedSetting[] {
  const schema = z.toJSONSchema(config, { unrepresentable: 'any', io: 'input' }) as {
    readonly properties: Readonly<Record<string, Allowed>>
  }
  return Object.entries(config.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name,
    default: field.safeParse(undefined).data,
    allowed: allowed(schema.properties[name] ?? {}),
    meaning: descriptionOf(field),
  }))
}

/** Prints an experiment. @param json as JSON, for machines */
export function showExperiment(experiment: Experiment, json = false): void {
  const settings = settingsOf(experiment)
  if (json) {
    const { name, title, question, data, published: figures = [] } = experiment
    console.log(JSON.stringify({ name, title, question, data: data.name, settings, published: figures }, null, 2))
    return
  }
  console.log(`${pc.bold(experiment.title)}\n${wrapText(experiment.question)}\n\nData set: ${experiment.data.name}\n`)
  const rows = settings.map(({ name, default: value, allowed: values, meaning }) => [
    name, formatSetting(value), values, meaning,
  ])
  console.log(formatTable(['setting', 'default', 'allowed', 'meaning'], rows))
  const published = experiment.published ?? []
  if (published.length > 0) {
    console.log(`\n${pc.bold('Published')}`)
    for (const name of new Set(published.map(({ metric }) => metric))) {
      const metric = metricOf(experiment.task.metrics, `${judgedPart(experiment.data)}/${name}`)
      const rows = published
        .filter(row => row.metric === name)
        .map(row => [formatMetric(metric, row.value), row.protocol, row.source.citation])
      console.log(formatTable([metric.title, 'model', 'source'], rows, [0]))
    }
  }
  console.log(`\nTrain it: ${suggest('train', experiment.name)}`)
}
