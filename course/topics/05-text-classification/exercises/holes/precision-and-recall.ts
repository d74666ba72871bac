// A threshold between two mistakes: of the mails called spam, how many are; of the spam, how much is found?
// A mail is called spam where its probability is at least the threshold.
// Neither is ever 0 / 0. Where nothing is called spam nothing was called so wrongly: the precision is 1.
// Where no mail is spam none was missed: the recall is 1.

export function precisionAndRecall(
  probabilities: number[], isSpam: boolean[], threshold: number,
): { precision: number; recall: number } {
  // Write precision and recall here.
  return { precision: threshold, recall: probabilities.length / isSpam.length }
}
