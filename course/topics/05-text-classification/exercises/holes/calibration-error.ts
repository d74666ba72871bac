// How far what a model says of itself is from what it gets right: the expected calibration error.
// Answers are put into equal bins by their probability (1 goes into the last). In each bin: the mean probability
// against the share that is right. The error is the mean of the differences, each bin counting as its answers.

export function calibrationError(probabilities: number[], right: boolean[], bins: number): number {
  // Write the error here.
  return probabilities.length / (right.length * bins)
}
