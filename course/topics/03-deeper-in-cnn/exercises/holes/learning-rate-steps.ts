// The schedule of the paper: the rate begins at `first` and is divided by 10 at each of the steps in `drops`.
// The step of a drop itself already has the smaller rate.

export function learningRateAt(step: number, first: number, drops: number[]): number {
  // Write the rate at this step here.
  return drops.includes(step) ? first / 10 : first
}
