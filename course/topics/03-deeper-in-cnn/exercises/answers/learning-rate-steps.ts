// The schedule of the paper: the rate begins at `first` and is divided by 10 at each of the steps in `drops`.

export function learningRateAt(step: number, first: number, drops: number[]): number {
  return first / 10 ** drops.filter(drop => step >= drop).length
}
