// The error function of a number.

/** erf(x) by its series for small |x| and by a continued fraction for the rest; good to double precision. */
export function errorFunction(x: number): number {
  const a = Math.abs(x)
  if (a < 2.5) {
    let term = a
    let total = a
    for (let n = 1; n < 60; n++) {
      term *= (-a * a) / n
      total += term / (2 * n + 1)
    }
    return (Math.sign(x) * 2 * total) / Math.sqrt(Math.PI)
  }
  let fraction = a
  for (let n = 60; n >= 1; n--) fraction = a + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-a * a) / fraction / Math.sqrt(Math.PI))
}
