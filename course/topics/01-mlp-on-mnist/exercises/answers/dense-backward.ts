// Back-propagation through a dense layer y = x W^T + b.

export function denseBackward(
  x: number[][],
  w: number[][],
  g: number[][],
): { byInput: number[][]; byWeight: number[][]; byBias: number[] } {
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
  const inputs = w[0] ?? []
  return {
    byInput: g.map(row => inputs.map((_, i) => sum(row.map((value, o) => value * (w[o]?.[i] ?? 0))))),
    byWeight: w.map((_, o) => inputs.map((__, i) => sum(g.map((row, n) => (row[o] ?? 0) * (x[n]?.[i] ?? 0))))),
    byBias: w.map((_, o) => sum(g.map(row => row[o] ?? 0))),
  }
}
