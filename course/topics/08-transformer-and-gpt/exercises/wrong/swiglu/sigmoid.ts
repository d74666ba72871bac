// The older gate: the sigmoid alone.
export const mistake = 'times the sigmoid'

export function swiglu(gate: number[], up: number[]): number[] {
  return gate.map((z, i) => (up[i] ?? 0) / (1 + Math.exp(-z)))
}
