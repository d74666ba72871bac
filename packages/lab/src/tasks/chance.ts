// Whether a classifier learned anything: its accuracy beside that of always naming the most frequent class.
import { classCounts, type Dataset } from '@ddlf/data'

/** Standard errors by which an accuracy has to exceed chance: what pure guessing does in 2 of 100 runs. */
const MARGIN = 2

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`

/**
 * What to say of an accuracy on held-out data that is no better than chance, and what to try; undefined where it is better.
 * Chance is the share of the most frequent class of the held-out data: a model that always names it gets no less.
 */
export function adviceAtChance(accuracy: number, heldOut: Dataset, train: Dataset): string | undefined {
  const counts = [...classCounts(heldOut)]
  const learned = [...classCounts(train)].filter(count => count > 0).length
  const share = Math.max(0, ...counts) / Math.max(1, heldOut.length)
  if (learned < 2) return 'All training examples have one class, so there is nothing to tell apart. Look at the labels: ddlf data show.'
  if (share === 1) return 'All held-out examples have one class, so their accuracy says nothing. Hold out some of each: --set validation=0.1.'
  if (accuracy > share + MARGIN * Math.sqrt((share * (1 - share)) / heldOut.length)) return undefined
  const most = counts.indexOf(Math.max(...counts))
  return `This is no better than chance: an accuracy of ${percent(accuracy)}, where always answering ${heldOut.classes?.[most] ?? most} gets ${percent(share)}. ` +
    'Try a learning rate of a tenth (a rate too high leaves dead units, which ddlf analyze counts), more epochs, and look whether the labels fit: ddlf data show.'
}
