// One step of SGD with momentum.

export function momentumStep(
  parameter: number[], velocity: number[], gradient: number[],
  { learningRate, momentum }: { learningRate: number; momentum: number },
): { parameter: number[]; velocity: number[] } {
  const next = velocity.map((v, i) => momentum * v + (gradient[i] ?? 0))
  return { parameter: parameter.map((p, i) => p - learningRate * (next[i] ?? 0)), velocity: next }
}
