// Which metrics a comparison shows beside the one that is asked for.
import { drawnAs, metricOf } from '@ddlf/lab/metric'
import type { LabComparison, RunLine } from '@ddlf/lab/server'

const PARTS = ['validation', 'test', 'train']

/** Beside a metric stand what is the same of another part of the data, and another one of the same part. */
export function besideOf({
  metric,
  metrics,
  runs,
}: Pick<LabComparison, 'metric' | 'metrics'> & { readonly runs: readonly Pick<RunLine, 'described'>[] }): string[] {
  const described = runs.flatMap(run => run.described)
  // Accuracy is drawn as error: they are the same.
  const drawn = (base: string) => drawnAs(metricOf(described, base)).title
  const [part = '', name = ''] = metric.split('/')
  const others = [...PARTS.filter(one => one !== part), part]
    .flatMap(one => described.map(({ name: base }) => ({ part: one, base })))
    .filter(one => metrics.includes(`${one.part}/${one.base}`))
  const same = others.find(one => one.part !== part && drawn(one.base) === drawn(name))
  const another = others.find(one => one.part === part && drawn(one.base) !== drawn(name))
  return [same, another].flatMap(one => (one ? [`${one.part}/${one.base}`] : []))
}
