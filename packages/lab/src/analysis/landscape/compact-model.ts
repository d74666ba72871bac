// The curvature that L-BFGS-B has seen, in compact form, and the little linear algebra that it takes.

/**
 * The quadratic model's matrix B = theta I - W M W^T in compact form, with W = [Y, theta S] and
 * M^-1 = [[-D, L^T], [L, theta S^T S]] (Byrd et al., equations 3.2 to 3.4).
 */
export class CompactModel {
  theta = 1
  readonly #steps: Float64Array[] = []
  readonly #changes: Float64Array[] = []
  readonly #memory: number
  readonly #n: number
  #solve: (v: Float64Array) => Float64Array = v => v

  constructor(n: number, memory: number) {
    this.#n = n
    this.#memory = memory
  }

  get size(): number {
    return this.#steps.length
  }

  /** Columns of W. */
  get rank(): number {
    return 2 * this.#steps.length
  }

  clear(): void {
    this.#steps.length = 0
    this.#changes.length = 0
    this.theta = 1
  }

  /** Takes a correction pair in, unless its curvature is not positive. */
  add(step: Float64Array, change: Float64Array): void {
    const curvature = inner(step, change)
    const changeNorm = inner(change, change)
    if (!(curvature > 2.2e-16 * changeNorm) || changeNorm === 0) return
    this.#steps.push(step)
    this.#changes.push(change)
    if (this.#steps.length > this.#memory) {
      this.#steps.shift()
      this.#changes.shift()
    }
    this.theta = changeNorm / curvature
    const k = this.size
    const inverse = new Float64Array(4 * k * k)
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        const s = this.#steps[i] as Float64Array
        const y = this.#changes[j] as Float64Array
        if (i === j) inverse[i * 2 * k + i] = -inner(s, y)
        if (i > j) {
          // L holds s_i . y_j for i > j.
          const l = inner(s, y)
          inverse[(k + i) * 2 * k + j] = l
          inverse[j * 2 * k + k + i] = l
        }
        inverse[(k + i) * 2 * k + k + j] = this.theta * inner(s, this.#steps[j] as Float64Array)
      }
    }
    this.#solve = luSolver(inverse, 2 * k)
  }

  /** M v. */
  timesM(v: Float64Array): Float64Array {
    return this.rank === 0 ? v : this.#solve(v)
  }

  /** Row `i` of W. */
  row(i: number): Float64Array {
    const k = this.size
    const row = new Float64Array(2 * k)
    for (let j = 0; j < k; j++) {
      row[j] = this.#changes[j]?.[i] ?? 0
      row[k + j] = this.theta * (this.#steps[j]?.[i] ?? 0)
    }
    return row
  }

  /** W^T v. */
  transposeTimes(v: Float64Array): Float64Array {
    const k = this.size
    const out = new Float64Array(2 * k)
    for (let j = 0; j < k; j++) {
      out[j] = inner(this.#changes[j] as Float64Array, v)
      out[k + j] = this.theta * inner(this.#steps[j] as Float64Array, v)
    }
    return out
  }

  /** W v. */
  times(v: Float64Array): Float64Array {
    const k = this.size
    const out = new Float64Array(this.#n)
    for (let j = 0; j < k; j++) {
      const y = this.#changes[j] as Float64Array
      const s = this.#steps[j] as Float64Array
      const a = v[j] ?? 0
      const b = this.theta * (v[k + j] ?? 0)
      for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + a * (y[i] ?? 0) + b * (s[i] ?? 0)
    }
    return out
  }
}

/** The inner product of two vectors. */
export const inner = (a: Float64Array, b: Float64Array) => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** Factorises a square matrix once (LU, partial pivoting) and solves for any right-hand side. */
export function luSolver(matrix: Float64Array, n: number): (b: Float64Array) => Float64Array {
  const lu = matrix.slice()
  const order = Array.from({ length: n }, (_, i) => i)
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k] ?? 0) > Math.abs(lu[pivot * n + k] ?? 0)) pivot = i
    if (pivot !== k) {
      for (let j = 0; j < n; j++) {
        const held = lu[k * n + j] ?? 0
        lu[k * n + j] = lu[pivot * n + j] ?? 0
        lu[pivot * n + j] = held
      }
      const held = order[k] ?? 0
      order[k] = order[pivot] ?? 0
      order[pivot] = held
    }
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k] ?? 0) / (lu[k * n + k] ?? 0)
      lu[i * n + k] = factor
      for (let j = k + 1; j < n; j++) lu[i * n + j] = (lu[i * n + j] ?? 0) - factor * (lu[k * n + j] ?? 0)
    }
  }
  return b => {
    const y = Float64Array.from(order, i => b[i] ?? 0)
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) y[i] = (y[i] ?? 0) - (lu[i * n + j] ?? 0) * (y[j] ?? 0)
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) y[i] = (y[i] ?? 0) - (lu[i * n + j] ?? 0) * (y[j] ?? 0)
      y[i] = (y[i] ?? 0) / (lu[i * n + i] ?? 0)
    }
    return y
  }
}
