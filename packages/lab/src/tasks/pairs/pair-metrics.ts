// What is measured of sequences that are turned into others.
import type { Metric } from '../../experiment/metric.ts'

/** Places of a target that are counted one by one. */
export const POSITIONS = 64

/** The sums by place of the target: tokens, and those that are wrong with and without the right ones before them. */
export const BY_POSITION = { count: 'places', forced: 'forcedWrong', free: 'freeWrong' } as const

const loss: Metric = { name: 'loss', title: 'loss', unit: 'nats per token', better: 'lower', format: 'fixed' }
const perplexity: Metric = {
  name: 'perplexity', title: 'perplexity', unit: '', better: 'lower', format: 'fixed', quiet: true,
}
const error: Metric = {
  name: 'error', title: 'share of sequences that are not exactly right', unit: '', better: 'lower', format: 'percent',
}
const tokenError: Metric = {
  name: 'tokenError', title: 'token error rate', unit: '', better: 'lower', format: 'percent',
}
const forcedError: Metric = {
  name: 'forcedError', title: 'wrong tokens after right ones', unit: '', better: 'lower', format: 'percent',
  quiet: true,
}
const bleu: Metric = { name: 'bleu', title: 'BLEU', unit: '', better: 'higher', format: 'significant' }

/**
 * What decides: the share of sequences that are not exactly right, BLEU, or the edits that are left to do, over texts
 * of any kind.
 */
export type JudgedBy = 'exact' | 'bleu' | 'edits'

/** What decides, by how many beginnings are followed at a time, and by the power of the length. */
const searched = (decides: Metric): Metric[] => [
  { ...decides, name: 'beam', title: `${decides.title}, several beginnings followed`, quiet: true },
  { ...decides, name: 'penalty', title: `${decides.title}, by the power of the length`, quiet: true },
]

/**
 * The metrics, the one that decides first, and the one that the best checkpoint is chosen by.
 * @param chosenBy what decides, or the loss
 */
export function metricsOfPairs(
  judgedBy: JudgedBy, chosenBy: 'decides' | 'loss',
): { readonly metrics: readonly Metric[]; readonly monitor: Metric } {
  const { metrics, monitor } = {
    exact: { metrics: [error, tokenError, loss, forcedError, perplexity], monitor: error },
    bleu: { metrics: [bleu, loss, perplexity, forcedError], monitor: bleu },
    edits: { metrics: [tokenError, error, bleu, loss, forcedError, perplexity], monitor: tokenError },
  }[judgedBy]
  return { metrics: [...metrics, ...searched(monitor)], monitor: chosenBy === 'loss' ? loss : monitor }
}
