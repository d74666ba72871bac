// A number of a figure in words.

/** A number for people: three significant digits, and powers of ten where it is very small or large. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e5 || size < 1e-3) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e')
  if (Number.isInteger(value)) return String(value)
  return String(Number(value.toPrecision(3)))
}
