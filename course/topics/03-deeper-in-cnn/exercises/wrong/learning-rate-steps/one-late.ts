// The drop counts from the next step on.
export const mistake = 'itself'

export function learningRateAt(step: number, first: number, drops: number[]): number {
  return first / 10 ** drops.filter(drop => step > drop).length
}
