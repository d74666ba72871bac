// A threshold between two mistakes: of the mails called spam, how many are; of the spam, how much is found?
// A mail is called spam where its probability is at least the threshold.
// Where nothing is called spam nothing was called so wrongly: the precision is 1. Of no spam all is found.

export function precisionAndRecall(
  probabilities: number[], isSpam: boolean[], threshold: number,
): { precision: number; recall: number } {
  // Write precision and recall here.
  return { precision: threshold, recall: probabilities.length / isSpam.length }
}
