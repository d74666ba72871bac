// The activation on the other projection.
export const mistake = 'other projection'

export function swiglu(gate: number[], up: number[]): number[] {
  return up.map((z, i) => (z / (1 + Math.exp(-z))) * (gate[i] ?? 0))
}
