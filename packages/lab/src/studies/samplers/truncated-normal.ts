// The normal distribution in the log domain, and truncated to an interval: exact far out in the tails, where
// probabilities underflow.

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI)
const LOG_HALF = Math.log(0.5)

/** erfc(z) exp(z^2) for z >= 0, slowly: a power series near zero, a continued fraction beyond. */
function scaledErfc(z: number): number {
  if (z < 2) {
    // erf(z) = 2 / sqrt(pi) exp(-z^2) sum_n 2^n z^(2n+1) / (1 3 5 .. (2n+1)), all terms positive (DLMF 7.6.2).
    let term = z
    let sum = z
    for (let n = 1; term > 1e-18 * sum; n++) sum += term *= (2 * z * z) / (2 * n + 1)
    return Math.exp(z * z) - (2 / Math.sqrt(Math.PI)) * sum
  }
  // erfc(z) exp(z^2) = 1 / sqrt(pi) 1 / (z + (1/2) / (z + 1 / (z + (3/2) / (z + ...)))) (DLMF 7.9.1).
  let tail = z
  for (let n = 120; n > 0; n--) tail = z + n / 2 / tail
  return 1 / (Math.sqrt(Math.PI) * tail)
}

/** Terms of the Chebyshev series below: the next coefficients are under 1e-16. */
const TERMS = 40

/**
 * log(erfc(z) exp(z^2) / t) as a function of t = 2 / (2 + z) on [0, 1], in Chebyshev polynomials. The function is
 * smooth there up to z at infinity, so one short series serves all z >= 0.
 */
const COEFFICIENTS = Float64Array.from({ length: TERMS }, (_, k) => {
  let sum = 0
  for (let j = 0; j < TERMS; j++) {
    const angle = (Math.PI * (j + 0.5)) / TERMS
    const t = (Math.cos(angle) + 1) / 2
    sum += Math.log(scaledErfc(2 / t - 2) / t) * Math.cos(k * angle)
  }
  return (2 * sum) / TERMS
})

/** log(erfc(z)) for z >= 0. */
function logErfc(z: number): number {
  const t = 2 / (2 + z)
  // Clenshaw's recurrence.
  const x = 4 * t - 2
  let a = 0
  let b = 0
  for (let k = TERMS - 1; k > 0; k--) {
    const next = x * a - b + (COEFFICIENTS[k] as number)
    b = a
    a = next
  }
  return Math.log(t) - z * z + 0.5 * x * a - b + 0.5 * (COEFFICIENTS[0] as number)
}

/** The logarithm of the standard normal distribution function. */
export const logNormalCdf = (x: number): number =>
  x <= 0 ? LOG_HALF + logErfc(-x * Math.SQRT1_2) : Math.log1p(-0.5 * Math.exp(logErfc(x * Math.SQRT1_2)))

/** The logarithm of the standard normal density. */
export const logNormalPdf = (x: number): number => -0.5 * x * x - LOG_SQRT_2PI

/** The logarithm of the standard normal's mass between `a` and `b`, `a < b`. */
export function logNormalMass(a: number, b: number): number {
  // In the right tail both distribution functions round to 1: work in the left one.
  if (a > 0) return logNormalMass(-b, -a)
  if (b > 0) return Math.log1p(-Math.exp(logNormalCdf(a)) - Math.exp(logNormalCdf(-b)))
  const upper = logNormalCdf(b)
  return upper + Math.log1p(-Math.exp(logNormalCdf(a) - upper))
}

/** The x at which {@link logNormalCdf} is `y`, for y below 0. */
function normalQuantileOfLog(y: number): number {
  // Close to the right end the complement holds the digits.
  if (y > LOG_HALF) return -normalQuantileOfLog(Math.log(-Math.expm1(y)))
  // Newton's method on a concave function: after the first step it rises to the root from the left.
  let x = -Math.sqrt(Math.max(0, -2 * (y - LOG_HALF)))
  for (let i = 0; i < 60; i++) {
    const value = logNormalCdf(x)
    const step = (y - value) * Math.exp(value - logNormalPdf(x))
    x += step
    if (Math.abs(step) < 1e-13 * Math.max(1, Math.abs(x))) break
  }
  return x
}

const logSum = (a: number, b: number) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))

/** The quantile at `q`, 0 .. 1, of the standard normal truncated to `a` .. `b`. */
export function truncatedNormalQuantile(q: number, a: number, b: number): number {
  if (q <= 0) return a
  if (q >= 1) return b
  if (a >= 0) return -truncatedNormalQuantile(1 - q, -b, -a)
  const x = normalQuantileOfLog(logSum(logNormalCdf(a), Math.log(q) + logNormalMass(a, b)))
  return Math.min(b, Math.max(a, x))
}

/** The log density at `x` of the standard normal truncated to `a` .. `b`; -Infinity outside. */
export const truncatedNormalLogPdf = (x: number, a: number, b: number): number =>
  x < a || x > b ? -Infinity : logNormalPdf(x) - logNormalMass(a, b)
