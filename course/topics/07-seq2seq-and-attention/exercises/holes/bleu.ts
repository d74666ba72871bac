// BLEU of one sentence with runs of one and two words, from 0 to 1: the geometric mean of the two precisions, times the
// brevity penalty exp(1 - r / h) where the hypothesis (h words) is shorter than the reference (r words). A run counts
// as right as often as it stands in the reference, no more.

export function bleu(hypothesis: string[], reference: string[]): number {
  // Write it here.
  return hypothesis.length / reference.length
}
