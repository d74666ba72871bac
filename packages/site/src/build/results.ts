// The recorded results of all topics, read while the site is built.
import { experiments, topics, type PublishedClaim, type Topic } from '@ddlf/course'
import {
  headlineOf as headlineOfExperiment,
  judgedPart,
  metricOf,
  resultSchema,
  type Metric,
  type PublishedReference,
  type RecordedResult,
} from '@ddlf/lab'

const files = import.meta.glob<unknown>('#course/topics/*/results/*.json', {
  eager: true,
  import: 'default',
})
const results = new Map<string, RecordedResult>()
for (const content of Object.values(files)) {
  const result = resultSchema.parse(content)
  results.set(result.experiment, result)
}

/** All recorded results. */
export const recordedResults: ReadonlyMap<string, RecordedResult> = results

/** The recorded result of an experiment; a memo that names another one does not build. */
export function resultOf(experiment: string): RecordedResult {
  const found = results.get(experiment)
  if (found) return found
  throw new Error(`Nothing is recorded for '${experiment}'. Next: npm run ddlf -- record ${experiment} --train`)
}

/** Whether arms of an experiment stand in a topic's recordings, and some of them is not recorded yet. */
export function areAwaited(experiment: string, ids: readonly (string | undefined)[]): boolean {
  const promised = topics.flatMap(topic => topic.recordings ?? []).find(one => one.experiment === experiment)
  if (!promised) return false
  const there = results.get(experiment)?.arms ?? []
  const wanted = ids.length > 0 ? ids : promised.arms.map(({ id }) => id)
  return wanted.some(id => {
    const name = id ?? promised.arms[0]?.id
    return promised.arms.some(arm => arm.id === name) && !there.some(arm => arm.id === name)
  })
}

/** What it took to make all recorded runs of a topic. */
export function costOf(topic: Topic): { readonly runs: number; readonly seconds: number; readonly flop: number } {
  const runs = topic.experiments.flatMap(({ name }) => results.get(name)?.arms.flatMap(arm => arm.runs) ?? [])
  return {
    runs: runs.length,
    seconds: runs.reduce((sum, run) => sum + run.seconds, 0),
    flop: runs.reduce((sum, run) => sum + run.flop, 0),
  }
}

/** What an experiment measures, what its figures are judged by first; nothing where there is no such experiment. */
export const metricsOf = (experiment: string): readonly Metric[] =>
  experiments.find(one => one.name === experiment)?.task.metrics ?? []

/** What a metric of an experiment means, by its name with the split. */
export const metricFor = (experiment: string, name: string): Metric => metricOf(metricsOf(experiment), name)

/** What an experiment's figures are judged by where nothing else is asked for. */
export function headlineOf(name: string): string {
  const experiment = experiments.find(one => one.name === name)
  return experiment ? headlineOfExperiment(experiment) : 'test/loss'
}

/**
 * A metric as it is recorded by the part that judges an experiment's runs: `validation/loss` where no test part is.
 * @param part the part that is asked for instead
 */
export function judgedName(name: string, metric: string, part?: PublishedReference['part']): string {
  const experiment = experiments.find(one => one.name === name)
  return `${part ?? (experiment ? judgedPart(experiment.data) : 'test')}/${metric}`
}

/** The metric by which the best checkpoint of an experiment's runs is chosen. */
export const monitoredOf = (experiment: string): Metric =>
  experiments.find(one => one.name === experiment)?.task.monitor ?? metricOf([], 'loss')

/** A published reference of any experiment by its id, with what its figure means. */
export function publishedById(id: string): { readonly reference: PublishedReference; readonly metric: Metric } {
  for (const experiment of topics.flatMap(topic => topic.experiments)) {
    const reference = experiment.published?.find(row => row.id === id)
    if (!reference) continue
    // A figure that others report and our runs do not measure has its name from an experiment that measures it.
    const known = [experiment, ...experiments].flatMap(({ task }) => task.metrics)
    const metric = metricOf(known, judgedName(experiment.name, reference.metric))
    return { reference, metric }
  }
  throw new Error(`No experiment lists a published result '${id}'.`)
}

/** A published claim of any topic by its id; undefined where there is none. */
export const claimById = (id: string): PublishedClaim | undefined =>
  topics.flatMap(topic => topic.claims ?? []).find(one => one.id === id)
