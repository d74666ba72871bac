// What a finished run reached, in a sentence with the interval that its test examples give.
import { wilsonInterval } from '../analysis/statistics/wilson-interval.ts'
import { formatMetric, judgedNames, metricOf } from '../experiment/metric.ts'
import { flatMetrics, judgedExamples, metricsOfRun, type RunListing } from '../runs/node.ts'

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

/** `Test error 1.82 %; 95 % interval 1.57 % to 2.10 % over 10,000 examples.` Null before the run has ended. */
export function runVerdict(run: RunListing): string | null {
  const { record, summary, status } = run
  if (status !== 'completed' || !summary) return null
  const metrics = flatMetrics(summary.metrics)
  const described = metricsOfRun(record)
  const [name] = judgedNames(described, one => Object.hasOwn(metrics, one))
  const value = name === undefined ? undefined : metrics[name]
  if (name === undefined || value === undefined) return null
  const metric = metricOf(described, name)
  const said = `${capital(metric.title)} ${formatMetric(metric, value)}`
  const examples = metric.format === 'percent' && value >= 0 && value <= 1 ? judgedExamples(run) : undefined
  if (examples === undefined || examples < 1) return `${said}.`
  const { low, high } = wilsonInterval(Math.round(value * examples), examples)
  const between = `${formatMetric(metric, low)} to ${formatMetric(metric, high)}`
  return `${said}; 95 % interval ${between} over ${examples.toLocaleString('en-US')} examples.`
}
