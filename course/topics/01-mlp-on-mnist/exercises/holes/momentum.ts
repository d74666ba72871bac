// One step of SGD with momentum, in the form that PyTorch uses:
// velocity = momentum * velocity + gradient;  parameter = parameter - learningRate * velocity.

export function momentumStep(
  parameter: number[], velocity: number[], gradient: number[],
  { learningRate, momentum }: { learningRate: number; momentum: number },
): { parameter: number[]; velocity: number[] } {
  // Write the step here. Return new lists: the old ones must not change.
  return {
    parameter: parameter.map((p, i) => p - learningRate * (gradient[i] ?? 0)),
    velocity: velocity.map(v => v + momentum * 0),
  }
}
