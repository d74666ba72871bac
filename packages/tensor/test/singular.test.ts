// Values and gradients at infinities, NaN and zeros, where formulas divide nothing by nothing: as PyTorch's, on both
// runtimes.
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  differentiate, full, graph, input, logSumExp, norm, prod, referenceRuntime, reshape, type Runtime, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'

interface Case {
  readonly name: string
  readonly input: readonly (number | string)[]
  readonly output: number | string
  readonly gradient: readonly (number | string)[]
}

const golden = JSON.parse(
  fs.readFileSync(new URL('./golden/singular.json', import.meta.url), 'utf8'),
) as { readonly torch: string; readonly cases: readonly Case[] }

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  logSumExp: x => reshape(logSumExp(x, 0), []),
  prod: x => prod(x),
  ...Object.fromEntries([2, 1, 3, 1.5, 0.5, 0, Infinity, -Infinity].map(p =>
    [`norm ${String(p).replace('Infinity', 'inf')}`, (x: Tensor) => norm(x, { p })])),
}

/** Whether two numbers are as near as float32 and another order of sums leave them. */
const agree = (got: number, want: number) =>
  Object.is(got, want) || got === want || Math.abs(got - want) <= 1e-5 * Math.max(1, Math.abs(want))

const runtimes: readonly (readonly [name: string, runtime: Runtime])[] = [
  ['reference', referenceRuntime],
  ['onnx-node', onnxNodeRuntime({ threads: 1 })],
]

describe.each(runtimes)('%s', (_, runtime) => {
  it.each(Object.keys(functions))('%s', async name => {
    const cases = golden.cases.filter(one => one.name === name)
    expect(cases.length).toBeGreaterThan(20)
    for (const size of new Set(cases.map(one => one.input.length))) {
      const x = input('x', { shape: [size], dtype: 'float32' })
      const y = functions[name]!(x)
      // How many entries are not 0 has no gradient here, and one of 0 in PyTorch.
      const [dx] = name === 'norm 0' ? [full([size], 0)] : differentiate(y, [x])
      const executable = await runtime.compile(graph('singular', [x], [y, dx as Tensor]))
      for (const one of cases.filter(({ input: { length } }) => length === size)) {
        const [output, gradient] = await executable.run([Float32Array.from(one.input, Number)])
        const got = [Number(output?.[0]), ...(gradient as Float32Array)]
        const want = [one.output, ...one.gradient].map(Number)
        expect({
          of: one.input,
          wrong: got.filter((value, i) => !agree(value, want[i] ?? 0)),
          got,
          want,
        }).toMatchObject({
          wrong: [],
        })
      }
      await executable.release()
    }
  })
})
