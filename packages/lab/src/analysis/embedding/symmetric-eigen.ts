// Eigenvalues and eigenvectors of a small symmetric matrix.

/**
 * Cyclic Jacobi rotations until the off-diagonal part vanishes; for matrices of a few hundred rows.
 * Source: Golub and Van Loan, "Matrix computations", 4th edition, section 8.5.
 * @param matrix row-major and symmetric, shape [n, n]
 * @returns eigenvalues in descending order; `vectors` holds one eigenvector a row, in the same order
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice()
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  const at = (i: number, j: number) => a[i * n + j] ?? 0
  let total = 0
  for (const value of a) total += value * value
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += at(p, q) ** 2
    if (off <= 1e-30 * total) break
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = at(p, q)
        if (apq === 0) continue
        // The rotation that makes a_pq zero: t = tan(angle), the smaller root of t^2 + 2 tau t - 1 = 0.
        const tau = (at(q, q) - at(p, p)) / (2 * apq)
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau))
        const c = 1 / Math.sqrt(1 + t * t)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const akp = at(k, p)
          const akq = at(k, q)
          a[k * n + p] = c * akp - s * akq
          a[k * n + q] = s * akp + c * akq
        }
        rotateRows(a, n, p, q, c, s)
        rotateRows(v, n, p, q, c, s)
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => at(j, j) - at(i, i))
  const vectors = new Float64Array(n * n)
  order.forEach((from, to) => vectors.set(v.subarray(from * n, (from + 1) * n), to * n))
  return { values: Float64Array.from(order, i => at(i, i)), vectors }
}

function rotateRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const mp = m[p * n + k] ?? 0
    const mq = m[q * n + k] ?? 0
    m[p * n + k] = c * mp - s * mq
    m[q * n + k] = s * mp + c * mq
  }
}
