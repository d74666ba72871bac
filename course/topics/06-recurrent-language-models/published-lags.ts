// What others reported of nets that must remember over many steps.
import type { PublishedReference } from '@ddlf/lab/experiments'

const from = (folder: string, table: string) => ({
  citation: `cybertronai, schmidhuber-problems, ${folder}, 2025`,
  url: `https://github.com/cybertronai/schmidhuber-problems/tree/main/${folder}`,
  table,
}) as const

const squared = (
  source: PublishedReference['source'], id: string, protocol: string, value: number, tolerance: number,
): PublishedReference => ({ id, source, protocol, metric: 'loss', value, tolerance, comparable: 'same protocol' })

const adding = from('adding-problem', 'README, results')
const HUNDRED = '100 numbers, 8 units'
const odyssey = from('lstm-search-space-odyssey', 'README, ablation matrix')
const fifty = (id: string, what: string, value: number): PublishedReference => ({
  ...squared(odyssey, id, `50 numbers, 12 units, 1,500 steps, three seeds: ${what}`, value, 0.00005),
  over: 'median',
})

/** Squared errors of the sum of two marked numbers. */
export const addedNumbers: readonly PublishedReference[] = [
  // 0.0007, 0.0008, 0.0046, 0.0009 and 0.0009: their mean, and their standard deviation.
  squared(adding, 'cybertron-adding-lstm', `${HUNDRED}, LSTM, 8,000 steps, mean of five seeds`, 0.00158, 0.0017),
  squared(adding, 'cybertron-adding-rnn', `${HUNDRED}, plain state, 5,000 steps, one seed`, 0.0706, 0.00005),
  fifty('cybertron-odyssey-coupled', 'LSTM that reads as much as it forgets', 0.001),
  fifty('cybertron-odyssey-vanilla', 'LSTM with peepholes', 0.0033),
  fifty('cybertron-odyssey-no-forget', 'LSTM without forget gate', 0.0036),
  fifty('cybertron-odyssey-no-output', 'LSTM without output gate', 0.0069),
  fifty('cybertron-odyssey-no-input', 'LSTM without input gate', 0.0115),
]

const order = from('temporal-order-3bit', 'README, multi-seed reliability')
const share = (id: string, protocol: string, value: number, tolerance: number): PublishedReference => ({
  id, source: order, protocol: `50 letters, 4 units, 1,500 steps: ${protocol}`, metric: 'accuracy', value, tolerance,
  comparable: 'same protocol',
})

/** Shares of sequences whose order was told. */
export const orderedLetters: readonly PublishedReference[] = [
  share('cybertron-order-lstm', 'LSTM of 1997, without forget gate', 1, 0.001),
  // 0.238, 0.293, 0.230, 0.254 and 0.258.
  share('cybertron-order-rnn', 'plain state', 0.2546, 0.024),
]
