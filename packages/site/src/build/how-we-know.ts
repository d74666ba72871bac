// What stands behind an experiment's figures: runs, cost, machine, and the commands that make them again.
import { experiments, topics } from '@ddlf/course'
import { findExperiment } from '@ddlf/lab'
import { costText } from './format.ts'
import { recordedResults } from './results.ts'
import { experimentSource, sourceHref } from './sources.ts'

export interface HowWeKnow {
  readonly question: string
  /** Nothing where the experiment is not recorded. */
  readonly behind:
    { readonly runs: number; readonly cost: string; readonly machine: string; readonly day: string } | undefined
  readonly train: string
  readonly again: string
  readonly source: string | undefined
}

export function howWeKnow(name: string): HowWeKnow {
  const { question } = findExperiment(experiments, name)
  const result = recordedResults.get(name)
  const topic = topics.find(one => one.recordings?.some(recording => recording.experiment === name))
  const runs = (result?.arms ?? []).flatMap(arm => arm.runs)
  const sum = (key: 'seconds' | 'flop') => runs.reduce((total, run) => total + run[key], 0)
  const source = experimentSource(name)
  return {
    question,
    behind: result && {
      runs: runs.length,
      cost: costText(sum('seconds'), sum('flop'), ' and '),
      machine: result.machine,
      day: result.recordedAt.slice(0, 10),
    },
    train: `npm run ddlf -- train ${name}`,
    again:
      result && topic
        ? `npm run ddlf -- reproduce ${topic.slug} --only ${name}`
        : `npm run ddlf -- record ${name} --train`,
    source: source && sourceHref(source.path, source.line),
  }
}
