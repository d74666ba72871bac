// Divided only once.
export const mistake = 'each'

export function learningRateAt(step: number, first: number, drops: number[]): number {
  return drops.some(drop => step >= drop) ? first / 10 : first
}
