// Early stopping: given the validation error after each epoch, after which epoch (counted from 1) does a run stop that
// has patience for `patience` epochs without a new lowest error, and which epoch's weights are kept?
// A run that never runs out of patience stops after the last epoch. Of equal errors the first counts.

export function earlyStopping(errors: number[], patience: number): { stoppedAfter: number; best: number } {
  // Write the rule here.
  return { stoppedAfter: errors.length, best: patience }
}
