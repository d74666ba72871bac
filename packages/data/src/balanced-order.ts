// The order of an epoch in which every class comes equally often, however rare it is.
import { UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'

/**
 * Makes the orders of balanced epochs: as many examples as there are, of each class as many as of the others (the first
 * few, drawn by the seed, one more). A class goes through its examples in a new random order each time before one comes
 * again, across the ends of epochs: rare ones are repeated, frequent ones are all seen in the end. The order is a
 * function of (seed, epoch) alone.
 * @param labels the class of each example of the epoch's set, by position
 * @throws UserError where a label is no whole number from 0 on
 */
export function balancedOrder(labels: ArrayLike<number>, seed: number): (epoch: number) => Int32Array {
  const members = new Map<number, number[]>()
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number
    if (!(Number.isInteger(label) && label >= 0))
      throw new UserError({
        rule: 'Balanced sampling needs a class for every example.',
        received: `${label} at example ${i}`,
      })
    const group = members.get(label)
    if (group) group.push(i)
    else members.set(label, [i])
  }
  const groups = [...members].sort((a, b) => a[0] - b[0])
  const each = Math.floor(labels.length / groups.length)
  const turns = permutation(randomKey(seed, 'balance turns'), groups.length)
  const counts = groups.map((_, k) => each + Number(turns.indexOf(k) < labels.length - each * groups.length))
  return epoch => {
    const drawn = new Int32Array(labels.length)
    let at = 0
    for (const [k, [label, group]] of groups.entries()) {
      const count = counts[k] as number
      let round = -1
      let order: ArrayLike<number> = []
      for (let place = epoch * count; place < (epoch + 1) * count; place++) {
        if (Math.floor(place / group.length) !== round) {
          round = Math.floor(place / group.length)
          order = permutation(randomKey(seed, 'balance', label, round), group.length)
        }
        drawn[at++] = group[order[place % group.length] as number] as number
      }
    }
    const mixed = permutation(randomKey(seed, 'shuffle', epoch), labels.length)
    return Int32Array.from(mixed, k => drawn[k] as number)
  }
}
