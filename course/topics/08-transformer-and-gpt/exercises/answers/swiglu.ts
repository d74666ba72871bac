// A gate that lets through.

export function swiglu(gate: number[], up: number[]): number[] {
  return gate.map((z, i) => (z / (1 + Math.exp(-z))) * (up[i] ?? 0))
}
