// Random small programs, with infinities, what is not a number, both zeros, empty axes, bool and integers among their
// values:
// the same values and gradients on the reference and on the native runtime, simplified or not.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cast, differentiate, evaluate, graph, lowerGraph, simplify, sum, UserError, type Graph, type Tensor, type TypedArray,
} from '../src/index.ts'
import { onnxNodeRuntime, runOnnxModel } from '../src/node.ts'
import { build, programs, type Program } from './programs.ts'
import { refusalOf } from './refusal.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
/**
 * More programs for a longer search: `DDLF_PROGRAMS=20000 DDLF_SEED=7 npx vitest run
 * packages/tensor/test/differential.test.ts`.
 */
const numRuns = Number(process.env['DDLF_PROGRAMS'] ?? 150)
const seed = Number(process.env['DDLF_SEED'] ?? 20261126)

/** What a program makes, and the gradients of its last result where it has some. */
function graphOf(program: Program): Graph | undefined {
  const { inputs, made } = build(program)
  const last = made.at(-1)
  if (!last) return undefined
  const wanted = inputs.filter(({ dtype }) => dtype === 'float32')
  let gradients: Tensor[] = []
  try {
    if (last.dtype === 'float32' && wanted.length > 0) gradients = differentiate(sum(last), wanted)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
  return graph('program', inputs, [
    ...made.map(tensor => (tensor.dtype === 'bool' ? cast(tensor, 'uint8') : tensor)), ...gradients
  ])
}

const close = (a: number, b: number, tolerance: number) =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))

/**
 * Compares element by element, but for those that rounding decides: where double precision gives another value than
 * single precision does, the runtimes may differ too.
 */
function expectSame(
  actual: ArrayLike<number>, expected: ArrayLike<number>, exact: ArrayLike<number>, what: string,
): void {
  expect(actual.length, what).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    const [got, want] = [actual[i]!, expected[i]!]
    if (close(want, exact[i]!, 1e-5) &&
      !close(got, want, 1e-3)) expect.fail(`${what}, element ${i}: ${got} instead of ${want}`)
  }
}

async function check(program: Program): Promise<void> {
  const whole = graphOf(program)
  if (!whole) return
  const data = program.leaves.map(leaf => leaf.data)
  const fed = (inputs: readonly Tensor[]) => new Map(inputs.map((leaf, i) => [leaf, data[i]!]))
  const { bytes, inputNames, outputNames } = lowerGraph(whole, 'cpu')
  const feeds =
    Object.fromEntries(inputNames.map((name, i) => [name, { ...program.leaves[i]!, data: data[i] as TypedArray }]))
  const refusal = refusalOf(() => evaluate(whole.outputs, fed(whole.inputs)))?.parts.rule
  if (refusal !== undefined) {
    // What one runtime refuses, as an integer divided by 0, all refuse.
    await expect(runtime.compile(whole).then(executable => executable.run(data).finally(() => executable.release())))
      .rejects.toThrow(refusal)
    await expect(runOnnxModel(bytes, [feeds])).rejects.toThrow()
    return
  }
  const expected = evaluate(whole.outputs, fed(whole.inputs))
  const exact = evaluate(
    whole.outputs,
    new Map(whole.inputs.map((leaf, i) => [leaf, leaf.dtype === 'float32' ? Float64Array.from(data[i]!) : data[i]!])),
    'float64',
  )
  const compare = (values: readonly ArrayLike<number>[], how: string) =>
    values.forEach((list, i) => expectSame(
      list, expected[i]!, exact[i]!, `${how}, output ${i} of ${whole.outputs.length}`,
    ))

  const small = simplify(whole)
  compare(evaluate(small.outputs, fed(small.inputs)), 'reference, simplified')

  const executable = await runtime.compile(whole)
  try {
    compare(await executable.run(data), 'native')
  } finally {
    await executable.release()
  }

  const [results] = await runOnnxModel(bytes, [feeds])
  compare(outputNames.map(name => results![name]!.data), 'native, not simplified')
}

describe('random programs', () => {
  it('mean the same on every runtime', { timeout: 60_000 + numRuns * 1000 }, async () => {
    await fc.assert(fc.asyncProperty(programs, check), { seed, numRuns })
  })
})
