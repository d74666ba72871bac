// The bound-constrained minimiser against scipy's L-BFGS-B, and on random convex problems against their optimality
// conditions.
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minimizeInBox, type Objective } from '../../src/analysis/index.ts'
import golden from './golden/lbfgsb.json' with { type: 'json' }

type Plain = (x: Float64Array) => { value: number; gradient: Float64Array }

// The same functions as in golden/make_golden.py.
const functions: Record<string, Plain> = {
  quadratic: x => {
    const n = x.length
    const gradient = x.map((v, i) => (i + 1) ** 2 * (v - (-2 + (5 * i) / (n - 1))))
    return {
      value: x.reduce((sum, v, i) => sum + 0.5 * (i + 1) ** 2 * (v - (-2 + (5 * i) / (n - 1))) ** 2, 0),
      gradient,
    }
  },
  rosenbrock: x => {
    const gradient = new Float64Array(x.length)
    let value = 0
    for (let i = 0; i + 1 < x.length; i++) {
      const [a, b] = [x[i]!, x[i + 1]!]
      value += 100 * (b - a * a) ** 2 + (1 - a) ** 2
      gradient[i] = gradient[i]! - 400 * a * (b - a * a) - 2 * (1 - a)
      gradient[i + 1] = gradient[i + 1]! + 200 * (b - a * a)
    }
    return { value, gradient }
  },
  himmelblau: x => {
    const [u, v] = [x[0]!, x[1]!]
    const [a, b] = [u * u + v - 11, u + v * v - 7]
    return { value: a * a + b * b, gradient: Float64Array.of(4 * a * u + 2 * b, 2 * a + 4 * b * v) }
  },
  beale: x => {
    const [u, v] = [x[0]!, x[1]!]
    const t = [1.5 - u + u * v, 2.25 - u + u * v ** 2, 2.625 - u + u * v ** 3] as const
    return {
      value: t.reduce((sum, s) => sum + s * s, 0),
      gradient: Float64Array.of(
        2 * (t[0] * (v - 1) + t[1] * (v ** 2 - 1) + t[2] * (v ** 3 - 1)),
        2 * (t[0] * u + t[1] * 2 * u * v + t[2] * 3 * u * v ** 2),
      ),
    }
  },
  coupled: x => {
    const product = x.map((v, i) => 4 * v - 1.5 * (x[i - 1] ?? 0) - 1.5 * (x[i + 1] ?? 0))
    const b = x.map((_, i) => 6 * Math.sin(i))
    return {
      value: x.reduce((sum, v, i) => sum + 0.5 * v * product[i]! - b[i]! * v, 0),
      gradient: product.map((p, i) => p - b[i]!),
    }
  },
}

const objective = (plain: Plain): Objective => x => Promise.resolve(plain(x))

describe('scipy L-BFGS-B', () => {
  it.each(golden)(
    'finds the same minimum: $name from $start',
    async ({ name, start, low, high, x, value, iterations }) => {
      const found = await minimizeInBox(objective(functions[name]!), start, low, high, {
        iterations: 500,
        gradientTolerance: 1e-10,
        valueTolerance: 1e-16,
      })
      expect(Math.abs(found.value - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)))
      found.x.forEach((v, i) => expect(Math.abs(v - x[i]!), `x${i}`).toBeLessThanOrEqual(2e-5))
      expect(found.iterations).toBeLessThanOrEqual(3 * iterations + 5)
    },
  )
})

describe('minimizeInBox', () => {
  it('satisfies the optimality conditions on random convex problems, inside the box', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.double({ min: -3, max: 3, noNaN: true }),
            fc.double({ min: 0.1, max: 50, noNaN: true }),
            fc.double({ min: -2, max: 1, noNaN: true }),
            fc.double({ min: 0, max: 2, noNaN: true }),
          ),
          { minLength: 1, maxLength: 15 },
        ),
        async rows => {
          const low = rows.map(([, , l]) => l)
          const high = rows.map(([, , l, width]) => l + width)
          const plain: Plain = x => {
            const total = x.reduce((sum, v) => sum + v, 0)
            return {
              value: x.reduce((sum, v, i) => sum + 0.5 * rows[i]![1] * (v - rows[i]![0]) ** 2, 0) + 0.5 * total * total,
              gradient: x.map((v, i) => rows[i]![1] * (v - rows[i]![0]) + total),
            }
          }
          const { x } = await minimizeInBox(
            objective(plain),
            rows.map(() => 0),
            low,
            high,
            { iterations: 300, valueTolerance: 0 },
          )
          const { gradient } = plain(x)
          x.forEach((v, i) => {
            expect(v).toBeGreaterThanOrEqual(low[i]!)
            expect(v).toBeLessThanOrEqual(high[i]!)
            const projected = Math.min(high[i]!, Math.max(low[i]!, v - gradient[i]!)) - v
            expect(Math.abs(projected)).toBeLessThanOrEqual(1e-5)
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('works without bounds', async () => {
    const open = [Infinity, Infinity, Infinity]
    const { x, stopped } = await minimizeInBox(
      objective(functions['rosenbrock']!),
      [-1.2, 1, 0.4],
      open.map(v => -v),
      open,
      { iterations: 300 },
    )
    x.forEach(v => expect(v).toBeCloseTo(1, 5))
    expect(['gradient', 'value']).toContain(stopped)
  })

  it('stays at once where it starts when that is the minimum', async () => {
    const found = await minimizeInBox(objective(functions['quadratic']!), [-5, 5], [-1, -1], [1, 1])
    expect([...found.x]).toEqual([-1, 1])
    expect(found).toMatchObject({ iterations: 0, evaluations: 1, stopped: 'gradient' })
  })

  it('never raises the value, whatever the budget', async () => {
    let last = Infinity
    for (let iterations = 0; iterations < 12; iterations++) {
      const { value } = await minimizeInBox(objective(functions['rosenbrock']!), [-1.2, 1], [-2, -2], [2, 0.5], {
        iterations,
      })
      expect(value).toBeLessThanOrEqual(last)
      last = value
    }
  })

  it('refuses crossed bounds and a start without value', async () => {
    await expect(minimizeInBox(objective(functions['quadratic']!), [0, 0], [1, 1], [0, 2])).rejects.toThrow(UserError)
    await expect(minimizeInBox(() => Promise.resolve({ value: NaN, gradient: [0] }), [0], [-1], [1])).rejects.toThrow(
      /finite at the start/,
    )
  })
})
