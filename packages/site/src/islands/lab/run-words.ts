// Runs in words: what they are called, how they went, what they reached, how far they are.
import { judgedNames } from '@ddlf/lab/metric'
import type { RunDetail, RunOutcome, RunRow } from '@ddlf/lab/server'
import { metricName, metricText, shownText } from './api.ts'

/** `hidden 512, 512; dropout 0.2` */
export const settingsWords = (given: Readonly<Record<string, unknown>>): string =>
  Object.entries(given)
    .map(([name, value]) => `${name} ${shownText(value)}`)
    .join('; ')

/** What a run is called: its name, else what sets it apart from its experiment, and from a run of other code. */
export const titleOf = ({ notes, given, code }: Pick<RunRow, 'notes' | 'given' | 'code'>): string =>
  notes.title || [settingsWords(given) || 'as the experiment has it', code && `code ${code}`].filter(Boolean).join('; ')

/** Good, bad, or neither: what a mark is coloured by. */
export const kindOf = (outcome: RunOutcome): 'good' | 'bad' | 'plain' =>
  outcome === 'finished'
    ? 'good'
    : ['at chance', 'learned nothing', 'diverged', 'failed'].includes(outcome)
      ? 'bad'
      : 'plain'

/** What a row reached by the metric that judges it: `1.42 %`, over several seeds with half the interval of the mean. */
export function resultOf(row: RunRow): { readonly value: string; readonly title: string } | undefined {
  const [name] = judgedNames(row.described, metric => metric in row.metrics)
  if (name === undefined) return undefined
  const spread = row.spread[name]
  const title = metricName(row.described, name)
  if (!spread) return { value: metricText(row.described, name, row.metrics[name]), title }
  const [mean, half] = [spread.mean, spread.half].map(value => metricText(row.described, name, value))
  return { value: `${mean?.replace(/ %$/, '')} ± ${half}`, title }
}

/** Epochs of the whole run: where steps are counted, an epoch is what lies between two evaluations. */
export function epochsOf(config: RunDetail['config']): number {
  const [steps, every, epochs] = ['steps', 'evaluateEvery', 'epochs'].map(name => Number(config[name] ?? 0))
  return steps !== undefined && steps > 0 && every !== undefined && every > 0 ? Math.ceil(steps / every) : (epochs ?? 0)
}

/** `9.2 s`, `3 min 20 s`, `1 h 5 min` */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds % 60))} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `26 Nov, 10:20` of the reader's own day and clock. */
export const dateWords = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
