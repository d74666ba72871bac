// Whether a metric says of several runs which is better: it must be one figure, over the same tokens and the same data.
import { metricOf, type Metric } from '../experiment/metric.ts'
import type { Json } from '../runs/exact-json.ts'
import type { RunRecord } from '../runs/run-record.ts'

/** What a record tells of how its run was judged. */
export type JudgedRecord = Pick<RunRecord, 'metrics' | 'data' | 'files' | 'config'>

/** Settings that decide which of a user's own data judge a run. */
const DIVIDED = ['data', 'testData', 'testShare', 'splitSeed', 'strict', 'validation', 'evaluateTest']
/** What a run keeps of how its texts become tokens. */
const TOKENS = ['artifacts/tokenizer.json', 'artifacts/vocabulary.json']

const distinct = (values: readonly (string | undefined)[]) => [...new Set(values)]
const writtenOf = (values: readonly (Json | undefined)[]): string => JSON.stringify(values)

/** A figure that depends on what a token is. A perplexity is one of each token, and has no unit to say so. */
const isPerToken = ({ name, unit, title }: Metric): boolean =>
  `${unit} ${title}`.includes('per token') || name === 'perplexity' || name.endsWith('/perplexity')

/** The names of data that a run learned from and was judged on, without the runs that it began from. */
const dataOf = ({ data }: JudgedRecord) => Object.keys(data).filter(name => !/^(from|teacher)\//.test(name))

/** Whether two runs were surely judged on different data. */
function onOtherData(one: JudgedRecord, other: JudgedRecord): boolean {
  const [names, others] = [dataOf(one), dataOf(other)]
  if (names.length === 0 || others.length === 0) return false
  const shared = names.filter(name => others.includes(name))
  if (shared.length === 0) return true
  const dividedBy = ({ config }: JudgedRecord) => writtenOf(DIVIDED.map(name => config[name]))
  return shared.some(name => one.data[name] !== other.data[name]) && dividedBy(one) !== dividedBy(other)
}

/**
 * Why a metric does not rank runs, as a sentence; undefined where it may.
 * @param name as it is logged: `test/loss`
 */
export function incomparable(runs: readonly JudgedRecord[], name: string): string | undefined {
  const metrics = runs.flatMap(({ metrics: described }) => (described ? [metricOf(described, name)] : []))
  const [metric] = metrics
  if (!metric) return undefined
  const said = (reason: string) => `The ${metric.title} does not rank these runs: ${reason}.`
  const units = distinct(metrics.map(({ unit, title }) => unit || title))
  if (units.length > 1) return said(`it is measured in ${units.join(' and in ')}`)
  // A run that keeps none does not tell.
  const kept = runs.map(({ files = {} }) => TOKENS.map(file => files[file])).filter(found => found.some(Boolean))
  const tokens = distinct(kept.map(writtenOf))
  if (isPerToken(metric) && tokens.length > 1) {
    return said('they cut texts into other tokens, and longer tokens are harder to tell. Compare runs of one tokenizer')
  }
  const [first, ...others] = runs
  if (first && others.some(other => onOtherData(first, other))) return said('they were judged on different data')
  return undefined
}
