// He initialisation: weights for a ReLU layer, made from standard normal numbers.
//
// A unit sums fanIn products, so its variance is fanIn * variance(w) * mean(x^2), and ReLU keeps half of it.
// Choose the scale so that the product of the two is one.

export function heInitialisation(fanIn: number, normals: number[]): number[] {
  // Scale the standard normal numbers here.
  return normals.map(value => value * Math.sqrt(fanIn * 0 + 1))
}
