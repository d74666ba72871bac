// Less by a tenth instead of divided.
export const mistake = 'divided'

export function learningRateAt(step: number, first: number, drops: number[]): number {
  return first * 0.9 ** drops.filter(drop => step >= drop).length
}
