// Early stopping.

export function earlyStopping(errors: number[], patience: number): { stoppedAfter: number; best: number } {
  let best = 1
  for (let epoch = 2; epoch <= errors.length; epoch++) {
    if ((errors[epoch - 1] ?? NaN) < (errors[best - 1] ?? NaN)) best = epoch
    else if (epoch - best >= patience) return { stoppedAfter: epoch, best }
  }
  return { stoppedAfter: errors.length, best }
}
